// One side of a comparison: what was measured, its repeats, its circumstances. Data only.
import type { FrozenSol } from '../hardware/speed-of-light.ts';
import type { AttestedFact } from '../metrics/attested.ts';
import type { Context } from '../metrics/context.ts';
import type { Contradiction } from '../metrics/contradiction.ts';
import type { Metric } from '../metrics/metric.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
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
  /** Circumstances that somebody typed and nobody recorded; absent where none was. */
  readonly attested?: readonly AttestedFact[];
  /** Figures that the rest of their own result refutes; absent where there is none. */
  readonly contradictions?: readonly Contradiction[] | undefined;
}

/** A side with what its reader says about it. Everything that is recorded or compared comes to this. */
export interface MeasuredSide extends Side {
  readonly shape: SideShape;
  /** Reader that understood the source; null for plain numbers, for a number picked from a file, and for captures. */
  readonly format: string | null;
  /** How the document judges its own metrics. */
  readonly policy: readonly PolicyRule[];
  readonly warnings: readonly string[];
}
