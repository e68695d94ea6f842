// The least time that a step can take on given rates: a sum of what limits each operation, and an overlapped variant in which
// everything runs at once. A bound, never a prediction: no kernel reaches it.
import { Fault } from '../text/fault.ts';
import type { Step, StepOperation, StepTransfer } from './step.ts';

/** Rates of one GPU: FLOP/s, B/s (links one way), B. Null is "no ceiling", which is never replaced by a similar one. */
export interface Rates {
  readonly bf16: number | null;
  readonly fp8: number | null;
  readonly nvfp4: number | null;
  readonly mxfp4: number | null;
  readonly int8: number | null;
  readonly hbm: number | null;
  readonly link: number | null;
  readonly pipelineLink: number | null;
}

export type Limiter = 'compute' | 'hbm' | 'link';

export interface BoundOperation {
  readonly name: string;
  readonly flops: number;
  readonly hbmBytes: number;
  readonly seconds: number;
  readonly limitedBy: 'compute' | 'hbm';
}

/** Seconds. `ring` and `switched` differ in how collectives send: see `StepTransfer`. */
export interface Bound {
  readonly operations: readonly BoundOperation[];
  readonly flops: number;
  readonly hbmBytes: number;
  readonly computeSeconds: number;
  readonly hbmSeconds: number;
  readonly linkSeconds: { readonly ring: number; readonly switched: number };
  readonly withoutCommunication: number;
  readonly sum: { readonly ring: number; readonly switched: number };
  readonly overlapped: { readonly ring: number; readonly switched: number };
  readonly overlappedLimiter: Limiter;
  /** Parts of the sum that compute and memory limit. */
  readonly limitedSeconds: { readonly compute: number; readonly hbm: number };
}

/** Rate of products: MXFP4 runs natively, as MXFP8 where there is FP4 of another kind, else as BF16; NVFP4 else as BF16. */
const peakOf = (rates: Rates, products: StepOperation['products']): number | null => {
  if (products === 'nvfp4') return rates.nvfp4 ?? rates.bf16;
  if (products === 'mxfp4') return rates.mxfp4 ?? (rates.nvfp4 === null ? rates.bf16 : rates.fp8);
  return rates[products];
};

const rate = (value: number | null, what: string): number => {
  if (value !== null) return value;
  throw new Fault('input', 'ceiling_missing', `there is no ceiling for ${what} on this hardware`, {
    fix: 'add it with its source to the ceilings, or estimate for other hardware',
  });
};

interface Timed {
  readonly operation: StepOperation;
  readonly compute: number;
  readonly hbm: number;
}

const timed = (operation: StepOperation, rates: Rates): Timed => ({
  operation,
  compute:
    operation.flops === 0
      ? 0
      : operation.flops / rate(peakOf(rates, operation.products), `${operation.products} products`),
  hbm: operation.hbmBytes / rate(rates.hbm, 'memory'),
});

const total = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);

const linkRate = ({ link, pipelineLink }: Rates, transfer: StepTransfer): number =>
  transfer.link === 'pipeline'
    ? rate(pipelineLink ?? link, 'a link between stages')
    : rate(link, 'a link between GPUs');

const groupByName = (all: readonly Timed[]): Map<string, Timed[]> => {
  const byName = new Map<string, Timed[]>();
  for (const each of all) {
    const alike = byName.get(each.operation.name);
    if (alike === undefined) byName.set(each.operation.name, [each]);
    else alike.push(each);
  }
  return byName;
};

/** Operations of one name over all passes; each pass is limited by itself. */
const gather = (all: readonly Timed[]): BoundOperation[] => {
  return [...groupByName(all)].map(([name, alike]) => ({
    name,
    flops: total(alike, ({ operation }) => operation.flops),
    hbmBytes: total(alike, ({ operation }) => operation.hbmBytes),
    seconds: total(alike, ({ compute, hbm }) => Math.max(compute, hbm)),
    limitedBy: total(alike, ({ compute }) => compute) > total(alike, ({ hbm }) => hbm) ? 'compute' : 'hbm',
  }));
};

const limiterOf = (compute: number, hbm: number, link: number): Limiter => {
  if (link > compute && link > hbm) return 'link';
  return compute > hbm ? 'compute' : 'hbm';
};

/** The bound of a step on the rates of one rank. Throws a Fault `ceiling_missing` where a rate that it needs is not known. */
export const boundOf = ({ passes }: Step, rates: Rates): Bound => {
  const all = passes.flatMap(({ operations }) => operations.map((operation) => timed(operation, rates)));
  const transfers = passes.flatMap((pass) => pass.transfers);
  const ring = total(transfers, (transfer) => transfer.ringBytes / linkRate(rates, transfer));
  const switched = total(transfers, (transfer) => transfer.switchBytes / linkRate(rates, transfer));
  const compute = total(all, (each) => each.compute);
  const hbm = total(all, (each) => each.hbm);
  const sum = total(all, (each) => Math.max(each.compute, each.hbm));
  const byCompute = total(all, (each) => (each.compute > each.hbm ? each.compute : 0));
  return {
    operations: gather(all),
    flops: total(all, ({ operation }) => operation.flops),
    hbmBytes: total(all, ({ operation }) => operation.hbmBytes),
    computeSeconds: compute,
    hbmSeconds: hbm,
    linkSeconds: { ring, switched },
    withoutCommunication: sum,
    sum: { ring: sum + ring, switched: sum + switched },
    overlapped: { ring: Math.max(compute, hbm, ring), switched: Math.max(compute, hbm, switched) },
    overlappedLimiter: limiterOf(compute, hbm, ring),
    limitedSeconds: { compute: byCompute, hbm: sum - byCompute },
  };
};
