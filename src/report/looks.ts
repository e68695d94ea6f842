// How an arm is drawn: colour is hardware and TP and nothing else; the shape says EP or TP, a hollow mark says speculation, and the
// line says the strategy again.
import { SERIES, type Role } from '../render/palette.ts';
import type { LegendEntry } from '../render/picture.ts';
import { svgMark, svgPath, type Shape } from '../render/svg.ts';
import { generationOf, type Arm } from './arms.ts';

export interface Look {
  readonly role: Role;
  readonly shape: Shape;
  readonly hollow: boolean;
  readonly dash?: string;
}

type Colours = ReadonlyMap<string, Role>;

const pairOf = ({ hardware, tensorParallel }: Arm): string => `${hardware} TP${tensorParallel}`;

/** The oldest of several generations is grey; the others take the colours in the order of their age. */
const coloursOf = (arms: readonly Arm[]): Colours => {
  const pairs = new Map(arms.map((arm) => [pairOf(arm), generationOf(arm.hardware)]));
  const generations = [...pairs.values()];
  const oldest = Math.max(...generations);
  const isGrey = (generation: number): boolean => generation === oldest && new Set(generations).size > 2;
  const bright = SERIES.filter((role) => role !== 'slate');
  let next = 0;
  return new Map(
    [...pairs].map(([pair, generation]): [string, Role] => {
      if (isGrey(generation) && pairs.size - next === [...pairs.values()].filter(isGrey).length) return [pair, 'slate'];
      const role = bright[next % bright.length] ?? 'ink';
      next += 1;
      return [pair, role];
    }),
  );
};

/** The look of each arm of a report. */
export const looksOf = (arms: readonly Arm[]): ((arm: Arm) => Look) => {
  const colours = coloursOf(arms);
  return (arm) => ({
    role: colours.get(pairOf(arm)) ?? 'ink',
    shape: arm.strategy === 'EP' ? 'circle' : 'x',
    hollow: arm.mtp,
    ...(arm.strategy === 'EP' ? {} : { dash: '2 3' }),
  });
};

/** Colours and shapes of the arms that are drawn. */
export const legendOf = (arms: readonly Arm[], lookOf: (arm: Arm) => Look): LegendEntry[] => {
  const pairs = new Map(arms.map((arm) => [pairOf(arm), lookOf(arm).role]));
  const has = (wanted: (arm: Arm) => boolean): boolean => arms.some(wanted);
  const mark =
    (shape: Shape, hollow: boolean): LegendEntry['sample'] =>
    (at) =>
      svgMark(at, { role: 'quiet', shape, hollow });
  return [
    ...[...pairs].map(([text, role]): LegendEntry => ({
      text,
      sample: ([x, y]) => svgPath([[x - 9, y], [x + 9, y]], role, { width: 4 }),
    })),
    ...(has(({ strategy }) => strategy === 'EP') ? [{ text: 'EP', sample: mark('circle', false) }] : []),
    ...(has(({ strategy }) => strategy === 'TP') ? [{ text: 'TP, dotted line', sample: mark('x', false) }] : []),
    ...(has(({ mtp }) => mtp) ? [{ text: 'hollow: MTP', sample: mark('circle', true) }] : []),
  ]; // prettier-ignore
};

/** Arms that their look alone does not name. */
export const ambiguousArms = (arms: readonly Arm[], lookOf: (arm: Arm) => Look): ReadonlySet<Arm> => {
  const byLook = new Map<string, Arm[]>();
  for (const arm of arms) {
    const key = JSON.stringify(lookOf(arm));
    byLook.set(key, [...(byLook.get(key) ?? []), arm]);
  }
  return new Set([...byLook.values()].filter((alike) => alike.length > 1).flat());
};
