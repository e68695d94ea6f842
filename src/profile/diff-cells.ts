// Several captures of one side as one list of cells: calls of one kernel on one rank with one launch configuration in one
// type of step, by name instead of by index, so that two sides can be laid beside each other. Pure.
import { callsOf } from './distribution.ts';
import type { Kernel, KernelGroup, LaunchConfig, ProfileSide } from './model.ts';

export interface Cell {
  readonly capture: number;
  readonly rank: string;
  readonly kernel: Kernel;
  readonly config: LaunchConfig | null;
  readonly group: KernelGroup;
  /** Durations, ascending; empty where single calls are unknown. */
  readonly calls: Uint32Array | Float64Array;
  /** Equal for cells that may be compared call by call. */
  readonly stratum: string;
}

export interface SideCells {
  readonly all: readonly Cell[];
  readonly byKernel: ReadonlyMap<string, readonly Cell[]>;
}

export const cellsOf = (captures: readonly ProfileSide[]): SideCells => {
  const all = captures.flatMap((capture, index) =>
    capture.groups.flatMap((group) => cellOf(capture, index, group) ?? []),
  );
  const byKernel = new Map<string, Cell[]>();
  for (const cell of all) {
    const cells = byKernel.get(cell.kernel.name);
    if (cells === undefined) byKernel.set(cell.kernel.name, [cell]);
    else cells.push(cell);
  }
  return { all, byKernel };
};

const cellOf = (capture: ProfileSide, index: number, group: KernelGroup): Cell | null => {
  const kernel = capture.kernels[group.kernel];
  if (kernel === undefined) return null;
  const config = capture.configs[group.config] ?? null;
  const stepType = capture.stepTypes[group.stepType] ?? '';
  return {
    capture: index,
    rank: capture.ranks[group.rank]?.label ?? '',
    kernel,
    config,
    group,
    calls: callsOf(capture, group),
    stratum: `${configText(config)} ${stepType}`,
  };
};

export const configText = (config: LaunchConfig | null): string =>
  config === null
    ? 'unknown'
    : `${config.grid.join('x')} ${config.block.join('x')} ${config.registers} ${config.staticSharedBytes} ${config.dynamicSharedBytes}`;

/** Calls and total of cells. */
export const sumOf = (cells: readonly Cell[]): { readonly count: number; readonly totalNs: number } => ({
  count: cells.reduce((sum, cell) => sum + cell.group.count, 0),
  totalNs: cells.reduce((sum, cell) => sum + cell.group.totalNs, 0),
});

/** Cells gathered by a text made from each. */
export const cellsBy = (cells: readonly Cell[], key: (cell: Cell) => string): Map<string, Cell[]> => {
  const gathered = new Map<string, Cell[]>();
  for (const cell of cells) {
    const group = gathered.get(key(cell));
    if (group === undefined) gathered.set(key(cell), [cell]);
    else group.push(cell);
  }
  return gathered;
};
