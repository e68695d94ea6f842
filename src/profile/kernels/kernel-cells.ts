// Several captures of one side as one list of cells: calls of one kernel on one rank with one launch configuration in one
// type of step, by name instead of by index, so that two sides can be laid beside each other. Pure.
import { callsOf } from './distribution.ts';
import type { Kernel, KernelGroup, LaunchConfig, ProfileSide } from '../model/profile-side.ts';

export interface Cell {
  readonly capture: number;
  readonly rank: string;
  readonly kernel: Kernel;
  readonly config: LaunchConfig | null;
  /** Equal for equal launch configurations. */
  readonly launch: string;
  readonly group: KernelGroup;
  /** Durations, ascending; empty where single calls are unknown. */
  readonly calls: Uint32Array | Float64Array;
  /** Equal for cells that may be compared call by call, and the same on one rank. */
  readonly stratum: string;
  readonly rankStratum: string;
}

export interface SideCells {
  readonly all: readonly Cell[];
  readonly byKernel: ReadonlyMap<string, readonly Cell[]>;
}

export const cellsOf = (captures: readonly ProfileSide[]): SideCells => {
  const all = captures.flatMap(cellsOfCapture);
  return { all, byKernel: cellsBy(all, ({ kernel }) => kernel.name) };
};

const cellsOfCapture = (capture: ProfileSide, index: number): Cell[] => {
  const { ranks, kernels, configs } = capture;
  const launches = configs.map(launchText);
  const textsOf = stratumTexts(capture, launches);
  const cells: Cell[] = [];
  for (const group of capture.groups) {
    const kernel = kernels[group.kernel];
    if (kernel === undefined) continue;
    cells.push({
      capture: index,
      rank: ranks[group.rank]?.label ?? '',
      kernel,
      config: configs[group.config] ?? null,
      launch: launches[group.config] ?? UNKNOWN,
      group,
      calls: callsOf(capture, group),
      ...textsOf(group),
    });
  }
  return cells;
};

const UNKNOWN = 'unknown';

type Texts = Pick<Cell, 'stratum' | 'rankStratum'>;

/** Many groups are of one stratum, whose text is made once: a text that is looked up again is not hashed again. */
const stratumTexts = (
  { ranks, stepTypes }: ProfileSide,
  launches: readonly string[],
): ((group: KernelGroup) => Texts) => {
  const known = new Map<number, Texts>();
  return ({ rank, config, stepType }) => {
    const key = (rank * (stepTypes.length + 1) + stepType + 1) * (launches.length + 1) + config + 1;
    const found = known.get(key);
    if (found !== undefined) return found;
    const stratum = `${launches[config] ?? UNKNOWN} ${stepTypes[stepType] ?? ''}`;
    const texts = { stratum, rankStratum: `${ranks[rank]?.label ?? ''} ${stratum}` };
    known.set(key, texts);
    return texts;
  };
};

const launchText = ({ grid, block, registers, staticSharedBytes, dynamicSharedBytes }: LaunchConfig): string =>
  `${grid.join('x')} ${block.join('x')} ${registers} ${staticSharedBytes} ${dynamicSharedBytes}`;

/** Calls and total of cells. */
export const sumOf = (cells: readonly Cell[]): { readonly count: number; readonly totalNs: number } => {
  let count = 0;
  let totalNs = 0;
  for (const { group } of cells) {
    count += group.count;
    totalNs += group.totalNs;
  }
  return { count, totalNs };
};

/** Cells gathered by a text made from each. */
export const cellsBy = (cells: readonly Cell[], key: (cell: Cell) => string): Map<string, Cell[]> => {
  const gathered = new Map<string, Cell[]>();
  for (const cell of cells) {
    const text = key(cell);
    const group = gathered.get(text);
    if (group === undefined) gathered.set(text, [cell]);
    else group.push(cell);
  }
  return gathered;
};
