// One side of a comparison: what was measured, its repeats, its circumstances. Data only.
import type { FrozenSol } from '../hardware/speed-of-light.ts';
import type { Context } from '../metrics/context.ts';
import type { Metric } from '../metrics/metric.ts';
import type { Trial } from '../metrics/trial.ts';

/** What a side is: one number, many metrics of a file or of a folder, or captures. */
export type SideShape = 'scalar' | 'structured' | 'folder' | 'profile';

export interface Side {
  readonly metrics: readonly Metric[];
  /** Empty where nothing was repeated. A trial's values are in the units of `metrics`. */
  readonly trials: readonly Trial[];
  readonly context: Context;
  /** Unit of the metrics that state none. */
  readonly unit?: string | null;
  /** Shares of ceilings frozen when the side was recorded, by metric key. */
  readonly sol?: Readonly<Record<string, FrozenSol>>;
}
