// A place where a report says something else than its rows. Shapes only.
import { z } from 'zod';

export const PARTS = [
  'page',
  'drawing',
  'numbers.json',
  'rows.jsonl',
  'inputs.json',
  'raw',
  'champion',
  'document',
] as const;

export const differenceSchema = z.object({
  /** The part of the file that differs. */
  in: z.enum(PARTS),
  /** Counted from 1; null where it is of no page. */
  page: z.number().nullable(),
  place: z.string(),
  shown: z.string(),
  /** What the rows give. */
  derived: z.string(),
});

export type Difference = z.infer<typeof differenceSchema>;

/** Longer texts are cut: a difference is to be found, not to be read whole. */
const LONGEST = 200;

const cut = (text: string): string => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`);

export const difference = (where: Difference['in'], page: number | null, place: string, shown: string, derived: string): Difference => ({
  in: where,
  page,
  place: cut(place),
  shown: cut(shown),
  derived: cut(derived),
}); // prettier-ignore

/** Fields of two flat records that differ. */
export const fieldDifferences = (
  where: Difference['in'],
  place: string,
  shown: Readonly<Record<string, unknown>>,
  derived: Readonly<Record<string, unknown>>,
): Difference[] =>
  Object.keys({ ...shown, ...derived }).flatMap((field) => {
    const [one, other] = [JSON.stringify(shown[field]) ?? 'nothing', JSON.stringify(derived[field]) ?? 'nothing'];
    return one === other ? [] : [difference(where, null, `${place}, ${field}`, one, other)];
  });
