// Lets replays of CUDA graphs that were captured as one row each take part in a diff like kernels: one per graph, a replay is
// a call. Ids of graphs are not the same in two runs, so graphs are matched by id only where both sides have the same ids,
// else by how long a replay takes. Pure.
import type { KernelGroup, ProfileSide } from '../model/profile-side.ts';

const PREFIX = 'CUDA graph ';

/** True for a row that stands for the replays of a graph. */
export const isGraphName = (name: string): boolean => name.startsWith(PREFIX);

export interface GraphsAsKernels {
  readonly baseline: readonly ProfileSide[];
  readonly candidate: readonly ProfileSide[];
  /** How they were matched; null where there are none. */
  readonly note: string | null;
}

export const withGraphsAsKernels = (
  baseline: readonly ProfileSide[],
  candidate: readonly ProfileSide[],
): GraphsAsKernels => {
  const [before, after] = [meanByGraph(baseline), meanByGraph(candidate)];
  if (before.size === 0 && after.size === 0) return { baseline, candidate, note: null };
  const sameIds = before.size === after.size && [...before.keys()].every((id) => after.has(id));
  const byId = (id: number): string => `${PREFIX}${id}`;
  const byLength = (means: ReadonlyMap<number, number>) => {
    const order = [...means].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([id]) => id);
    return (id: number): string => `${PREFIX}no. ${order.indexOf(id) + 1} by length`;
  };
  const named = (sides: readonly ProfileSide[], nameOf: (id: number) => string): ProfileSide[] =>
    sides.map((side) => withGraphs(side, nameOf));
  return {
    baseline: named(baseline, sameIds ? byId : byLength(before)),
    candidate: named(candidate, sameIds ? byId : byLength(after)),
    note: `replays of CUDA graphs count as one call each, matched by ${sameIds ? 'graph id' : 'length: their ids differ'}; --cuda-graph-trace=node shows their kernels`,
  };
};

const meanByGraph = (sides: readonly ProfileSide[]): Map<number, number> => {
  const sums = new Map<number, { count: number; totalNs: number }>();
  for (const { graphId, count, totalNs } of sides.flatMap((side) => side.graphs)) {
    const sum = sums.get(graphId) ?? { count: 0, totalNs: 0 };
    sums.set(graphId, { count: sum.count + count, totalNs: sum.totalNs + totalNs });
  }
  return new Map([...sums].map(([id, { count, totalNs }]) => [id, totalNs / count]));
};

const withGraphs = (side: ProfileSide, nameOf: (id: number) => string): ProfileSide => {
  const names = [...new Set(side.graphs.map(({ graphId }) => nameOf(graphId)))];
  const graphs = side.graphs.map(({ rank, graphId, count, totalNs }): KernelGroup => ({
    rank,
    kernel: side.kernels.length + names.indexOf(nameOf(graphId)),
    config: -1,
    stepType: -1,
    count,
    totalNs,
    squaresNs: null,
    offset: -1,
    given: null,
    slowestStartNs: null,
  }));
  const kernels = names.map(
    (name) => ({ name, shortName: name, bucket: 'other', category: 'Other', collective: false }) as const,
  );
  return { ...side, kernels: [...side.kernels, ...kernels], groups: [...side.groups, ...graphs] };
};
