// How a metric is to be judged: direction, tolerance, whether it is a headline, whether it gates. Data only.
import type { Direction } from '../stats/direction.ts';

/** One rule of `configs/metrics.yaml`, of a policy file, or of a known document. The first rule that matches a metric wins. */
export interface PolicyRule {
  /** Glob over the metric key; `*` matches any run of characters. */
  readonly match: string;
  /** Only for metrics of this unit. */
  readonly unit?: string | undefined;
  readonly direction?: Direction | undefined;
  /** Allowed adverse change in percent of the baseline. */
  readonly tolerance_percent?: number | undefined;
  /** Allowed adverse change in the metric's unit; takes the place of the percentage. */
  readonly tolerance_absolute?: number | undefined;
  readonly headline?: boolean | undefined;
  readonly gating?: boolean | undefined;
  readonly ignore?: boolean | undefined;
}
