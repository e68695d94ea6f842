// Simulates ranks that run steps of kernels, collectives, copies and graph replays on streams, launched by a host: changes
// can be planted anywhere and show up where they would on real GPUs (who waits, who idles, what overlaps). Repeatable.

export interface SimulatedOp {
  readonly name: string;
  /** A name that begins with nccl is a collective of its groups; `copy` takes the engine of copies. */
  readonly kind?: 'kernel' | 'copy' | 'graph';
  readonly ns: number;
  readonly stream?: number;
  /** Ranks that take part in the collective together; default all in one. */
  readonly groups?: readonly (readonly number[])[];
  /** Streams whose earlier work must be done first. */
  readonly after?: readonly number[];
  readonly grid?: number;
  readonly block?: number;
  readonly bytes?: number;
  /** How often it runs in a step, one after another; default 1. */
  readonly times?: number;
  /** What the graph replays. */
  readonly nodes?: readonly { readonly name: string; readonly ns: number }[];
  readonly graphId?: number;
}

export interface SimulatedRun {
  readonly ranks: number;
  readonly steps: number;
  readonly ops: readonly SimulatedOp[];
  /** Host time of one launch, default 3 us. */
  readonly launchNs?: number;
  /** Host time before each step, default 20 us. */
  readonly hostNs?: number;
  /** What a call takes on a rank: a factor of its time. */
  readonly factorOf?: (op: SimulatedOp, rank: number, step: number) => number;
  /** Further host time of a rank before a step. */
  readonly delayOf?: (rank: number, step: number) => number;
  /** Ends every rank's recording after this time: captures of equal length. */
  readonly windowNs?: number;
  readonly seed?: number;
  /** Share by which calls vary, default 0.01. */
  readonly noise?: number;
}

export interface SimulatedEvent {
  readonly kind: 'kernel' | 'copy' | 'graph' | 'node' | 'step';
  readonly rank: number;
  readonly name: string;
  readonly stream: number;
  readonly start: number;
  readonly end: number;
  /** When the host launched it. */
  readonly launchStart: number;
  readonly launchEnd: number;
  readonly correlation: number;
  readonly op: SimulatedOp | null;
  /** Ranks of the collective. */
  readonly group: readonly number[];
}

const DEFAULT_STREAM = 7;

/** Evenly spread over 0 to 1, the same for the same numbers. */
const spread = (...seeds: readonly number[]): number => {
  const mixed = seeds.reduce((sum, seed, index) => sum + seed * (MIX[index % MIX.length] ?? 1), 1);
  const x = Math.sin(mixed) * 43758.5453;
  return x - Math.floor(x);
};

const MIX = [12.9898, 78.233, 37.719, 4.581];

export const isCollective = (op: SimulatedOp): boolean => op.name.startsWith('nccl');

/** All events of all ranks in order of their start, on one clock. */
export const simulate = (run: SimulatedRun): SimulatedEvent[] => {
  const { ranks, steps, ops, launchNs = 3000, hostNs = 20_000, seed = 1, noise = 0.01 } = run;
  const everyone = Array.from({ length: ranks }, (_, rank) => rank);
  const host = everyone.map(() => 1_000_000);
  const free = everyone.map(() => new Map<number, number>());
  const events: SimulatedEvent[] = [];
  let correlation = 0;
  const freeAt = (rank: number, streams: readonly number[]): number =>
    Math.max(0, ...streams.map((stream) => free[rank]?.get(stream) ?? 0));
  const nsOf = (op: SimulatedOp, rank: number, step: number, call: number): number =>
    op.ns * (run.factorOf?.(op, rank, step) ?? 1) * (1 + noise * (spread(seed, rank + 1, step, call) - 0.5) * 2);
  const launch = (op: SimulatedOp, rank: number): { ready: number; launchStart: number; launchEnd: number } => {
    const launchStart = host[rank] ?? 0;
    const launchEnd = launchStart + launchNs;
    host[rank] = launchEnd;
    const streams = [op.stream ?? DEFAULT_STREAM, ...(op.after ?? [])];
    return { ready: Math.max(launchEnd + 500, freeAt(rank, streams)), launchStart, launchEnd };
  };
  const put = (
    op: SimulatedOp,
    rank: number,
    group: readonly number[],
    start: number,
    end: number,
    at: { launchStart: number; launchEnd: number },
  ): void => {
    const stream = op.stream ?? DEFAULT_STREAM;
    free[rank]?.set(stream, end + 700);
    const common = { rank, stream, ...at, correlation, op, group };
    if (op.kind !== 'graph')
      return void events.push({ kind: op.kind ?? 'kernel', name: op.name, start, end, ...common });
    events.push({ kind: 'graph', name: op.name, start, end, ...common });
    const scale = (end - start) / op.ns;
    let node = start;
    for (const { name, ns } of op.nodes ?? []) {
      events.push({ kind: 'node', name, start: node, end: node + ns * scale - 200, ...common });
      node += ns * scale;
    }
  };
  for (let step = 0; step < steps; step++) {
    const began = [...host];
    everyone.forEach((rank) => (host[rank] = (host[rank] ?? 0) + hostNs + (run.delayOf?.(rank, step) ?? 0)));
    let call = 0;
    for (const op of ops)
      for (let time = 0; time < (op.times ?? 1); time++, call++) {
        correlation++;
        const launched = everyone.map((rank) => launch(op, rank));
        const groups = isCollective(op) ? (op.groups ?? [everyone]) : everyone.map((rank) => [rank]);
        for (const group of groups) {
          const last = Math.max(...group.map((rank) => launched[rank]?.ready ?? 0));
          const transfer = Math.max(...group.map((rank) => nsOf(op, rank, step, call)));
          for (const rank of group) {
            const at = launched[rank];
            if (at === undefined) continue;
            const end =
              group.length > 1
                ? last + transfer + 400 * spread(rank, step, call)
                : at.ready + nsOf(op, rank, step, call);
            put(op, rank, group, at.ready, end, at);
          }
        }
      }
    everyone.forEach((rank) => {
      host[rank] = Math.max(host[rank] ?? 0, ...(free[rank]?.values() ?? []));
      const [start, end] = [began[rank] ?? 0, host[rank] ?? 0];
      events.push({
        kind: 'step',
        rank,
        name: `decode_step ${step}`,
        stream: 0,
        start,
        end,
        launchStart: start,
        launchEnd: end,
        correlation: 0,
        op: null,
        group: [rank],
      });
    });
  }
  const until = 1_000_000 + (run.windowNs ?? Infinity);
  return events.filter(({ start }) => start < until).sort((a, b) => a.start - b.start || a.rank - b.rank);
};
