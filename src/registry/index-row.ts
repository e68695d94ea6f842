// One row of the indexes: for programs in `index.jsonl`, for people in `INDEX.md`. Pure.
import { z } from 'zod';
import { markdownCode, markdownText } from '../render/escape.ts';
import type { ChainLink } from './chain.ts';
import { directionSchema, type StoredBaseline } from './entry-schema.ts';
import { floatText } from './float-text.ts';

export const indexRowSchema = z.object({
  slug: z.string(),
  registered_at_utc: z.string().nullable(),
  /** Null for a structured measurement. */
  value: z.number().nullable(),
  unit: z.string().nullable(),
  direction: directionSchema.nullable(),
  n: z.number().nullable(),
  tier: z.enum(['VERDICT', 'DRAFT']).nullable(),
  context_key: z.string().nullable(),
  source_sha256: z.string(),
  /** Position and digest in the chain; null for an entry that is not linked. */
  seq: z.number().nullable(),
  entry_sha256: z.string().nullable(),
  /** At most 60 characters, then `...`. */
  notes: z.string(),
  /** Head of the chain when the row was written: how far the index has come. */
  head: z.string().nullable(),
  /** Of the context, as it was stated. This and the following are absent in rows of older versions. */
  hardware: z.string().nullable().optional(),
  model: z.string().nullable().optional(),
  /** Units of its metrics, each once; null where they were not read. */
  units: z.array(z.string()).nullable().optional(),
  /** Slug of the first of the rows up to this one that have the same context key; null without a context key. */
  era: z.string().nullable().optional(),
});

export type IndexRow = z.infer<typeof indexRowSchema>;

const NOTES_SHOWN = 60;

/** What stands above the rows of INDEX.md. */
export const PAGE_HEADER = [
  '# Perf-baseline registry index',
  '',
  'Every entry of this measurement, newest last. Derived from the entries; can be rebuilt.',
  '',
  '| UTC timestamp | Slug | Value | Unit | Notes |',
  '| --- | --- | --- | --- | --- |',
  '',
].join('\n');

const shorten = (notes: string): string => (notes.length > NOTES_SHOWN ? `${notes.slice(0, NOTES_SHOWN)}...` : notes);

/** Where a row stands: its link, the head of the chain then, and the row before. */
export interface RowPlace {
  readonly link: ChainLink | undefined;
  readonly head: string | null;
  readonly before: Pick<IndexRow, 'context_key' | 'era'> | undefined;
}

/** What a row is made of. `units` are those of a structured entry's metrics, null where they were not read. */
export interface RowEntry {
  readonly slug: string;
  readonly baseline: StoredBaseline;
  readonly units: readonly string[] | null;
}

const unitsOf = ({ baseline: { value, unit }, units }: RowEntry): string[] | null => {
  if (typeof value === 'number') return typeof unit === 'string' ? [unit] : [];
  return units === null ? null : [...new Set(units)];
};

const eraOf = (slug: string, contextKey: string | null, before: RowPlace['before']): string | null => {
  if (contextKey === null) return null;
  return before?.context_key === contextKey ? (before.era ?? slug) : slug;
};

/** The row of an entry. */
export const indexRow = (entry: RowEntry, { link, head, before }: RowPlace): IndexRow => {
  const { slug, baseline } = entry;
  const contextKey = baseline.context_key ?? null;
  return {
    slug,
    registered_at_utc: baseline.registered_at_utc ?? null,
    value: baseline.value ?? null,
    unit: baseline.unit ?? null,
    direction: baseline.direction ?? null,
    n: baseline.n ?? null,
    tier: baseline.tier ?? null,
    context_key: contextKey,
    source_sha256: baseline.source_sha256,
    seq: link?.seq ?? null,
    entry_sha256: link?.entry_sha256 ?? null,
    notes: shorten(baseline.notes ?? ''),
    head,
    hardware: baseline.context?.hardware ?? null,
    model: baseline.context?.model ?? null,
    units: unitsOf(entry),
    era: eraOf(slug, contextKey, before),
  };
};

const code = (text: string): string => markdownCode(text.replaceAll('`', "'"), true);

/** One row of INDEX.md with its newline. Cells cannot break the table. */
export const pageRow = (row: IndexRow): string => {
  const cells = [
    code(row.registered_at_utc ?? 'unknown'),
    `[${code(row.slug)}](${row.slug}/)`,
    code(row.value === null ? '_(structured)_' : floatText(row.value)),
    code(row.unit === null || row.unit === '' ? '_(none)_' : row.unit),
    markdownText(row.notes),
  ];
  return `| ${cells.join(' | ')} |\n`;
};

/** The slug that a row of INDEX.md names; undefined for any other line. */
export const pageSlug = (line: string): string | undefined => /^\| `[^`]*` \| \[`([^`]+)`\]/.exec(line)?.[1];

/** True of a row that lacks what this version writes. */
export const isOldRow = ({ era, units, hardware, model }: IndexRow): boolean =>
  [era, units, hardware, model].includes(undefined);

/** Reads a line of index.jsonl; undefined when it holds no row. */
export const parseRow = (line: string): IndexRow | undefined => {
  try {
    return indexRowSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
};
