// What the parallel sizes of a serving engine mean for a bound: how ranks share the model, and what load one replica has.
import { Fault } from '../text/fault.ts';
import type { Deployment } from './step.ts';

export interface ParallelSizes {
  readonly tensor: number;
  readonly pipeline: number;
  readonly data: number;
  readonly expert: number;
}

export interface Placement {
  readonly deployment: Deployment;
  /** Copies of the model that share the load. */
  readonly replicas: number;
}

const refused = (message: string, fix: string): Fault => new Fault('usage', 'parallelism_unknown', message, { fix });

/** FP8 with a scale per 128 elements: what engines dispatch to experts on other ranks. */
const FP8_DISPATCH = 1 + 4 / 128;

/**
 * Sizes as engines take them. Experts over the tensor ranks replicate tokens; experts over data-parallel ranks mean attention
 * for each rank's own sequences. Data parallelism without experts is as many replicas. Throws a Fault `parallelism_unknown`.
 */
export const placementOf = ({ tensor, pipeline, data, expert }: ParallelSizes, fp8Dispatch: boolean): Placement => {
  const dispatchBytes = fp8Dispatch ? FP8_DISPATCH : 2;
  const of = (mode: Deployment['mode'], ranks: number): Deployment => ({
    mode,
    ranks,
    stages: pipeline,
    dispatchBytes,
  });
  if (expert === 1) return { deployment: of('tp', tensor), replicas: data };
  if (data === 1 && expert === tensor) return { deployment: of('tp_ep', tensor), replicas: 1 };
  if (tensor === 1 && expert === data) return { deployment: of('dp_ep', data), replicas: 1 };
  throw refused(
    `experts over ${expert} ranks with tensor parallelism ${tensor} and data parallelism ${data} is not estimated`,
    'give expert_parallel equal to tensor_parallel, or to data_parallel with tensor_parallel 1',
  );
};
