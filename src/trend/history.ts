// The history of one metric over the entries of a measurement, oldest first: what trends and noise are read from.
import { metricKey } from '../metrics/metric.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import { existingPlace } from '../registry/address.ts';
import { listEntries } from '../registry/list.ts';
import { registryFolder } from '../registry/layout.ts';
import { readEntry, type Entry } from '../registry/read-entry.ts';
import type { Direction } from '../stats/direction.ts';
import { inputFault, Fault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import type { TrendPoint } from './eras.ts';
import { headlineMetrics } from '../verdict/headline-metrics.ts';
import { createPolicy } from '../verdict/policy.ts';
import type { VerbContext } from '../verb/context.ts';
import { entrySide, type EntrySide } from '../registry/entry-side.ts';
import { defaultRules } from '../verdict/judging-rules.ts';

export interface MetricHistory {
  readonly family: string;
  readonly measurement: string;
  readonly metric: string;
  readonly unit: string | null;
  readonly direction: Direction;
  readonly points: readonly TrendPoint[];
  /** Entries that hold no such metric, or cannot be read. */
  readonly skipped: readonly string[];
  /** Further headline metrics, where the metric was chosen because none was named. */
  readonly others: readonly string[];
}

const MOST = 10_000;

/** `family/measurement`, nothing behind it. Throws a Fault `measurement_unreadable`. */
export const splitMeasurement = (text: string): readonly [family: string, measurement: string] => {
  const [family, measurement, ...rest] = text.split('/');
  if (family && measurement && rest.length === 0 && !measurement.includes('@')) return [family, measurement];
  throw new Fault('usage', 'measurement_unreadable', `${JSON.stringify(text)} is not family/measurement`, {
    fix: 'write it as llama31_8b/vllm_serve, without an entry behind it',
  });
};

/**
 * The metric that a name means among the keys of an entry. When no name is given: the only one, else the first on which verdicts
 * hang, else there is none to choose.
 */
const chooseKey = (
  wanted: string | undefined,
  keys: readonly string[],
  headlines: readonly string[],
  where: string,
): string => {
  if (wanted !== undefined && keys.includes(wanted)) return wanted;
  const [headline] = headlines;
  if (wanted === undefined && headline !== undefined) return headline;
  const begins = wanted === undefined ? keys : keys.filter((key) => key.startsWith(`${wanted}[`));
  const [only, ...others] = begins;
  if (only !== undefined && others.length === 0) return only;
  const near = wanted === undefined ? undefined : nearestName(wanted, keys);
  throw inputFault(
    'metric_needed',
    `${where} holds ${keys.length} metrics${wanted === undefined ? '' : `, none or several are ${wanted}`}`,
    {
      fix: near === undefined ? `name one with metric: ${keys.slice(0, 8).join(', ')}` : `did you mean ${near}?`,
    },
  );
};

/** The metric that a history is of. */
export interface ChosenMetric {
  readonly key: string;
  readonly unit: string | null;
  readonly direction: Direction;
}

export interface MetricChoice {
  readonly chosen: ChosenMetric;
  /** Further headline metrics, where none was named. */
  readonly others: readonly ChosenMetric[];
}

/**
 * The metric that `metric` means in an entry's numbers, its headline where none is named; `where` names the entries. Throws a Fault
 * `metric_needed`.
 */
export const chooseMetric = (
  side: EntrySide,
  metric: string | undefined,
  defaults: readonly PolicyRule[],
  where: string,
): MetricChoice => {
  const sources = { defaults, entryDirection: side.direction };
  const policyFor = createPolicy(sources);
  const keys = side.metrics.map(metricKey);
  const headlines = metric === undefined ? headlineMetrics(side.metrics, sources).map(metricKey) : [];
  const followed = (key: string): ChosenMetric => {
    const found = side.metrics[keys.indexOf(key)];
    const unit = found?.unit ?? side.unit ?? null;
    const { direction } = policyFor({ name: found?.name ?? key, key, unit, direction: found?.direction ?? null });
    return { key, unit, direction };
  };
  return {
    chosen: followed(chooseKey(metric, keys, headlines, where)),
    others: headlines.slice(1).map(followed),
  };
};

/** An entry as a point of a metric's history; undefined where it holds no such metric. */
export const pointOf = (
  { slug, baseline }: Pick<Entry, 'slug' | 'baseline'>,
  { metrics }: Pick<EntrySide, 'metrics'>,
  key: string,
): TrendPoint | undefined => {
  const found = metrics.find((metric) => metricKey(metric) === key);
  if (found === undefined) return undefined;
  const { registered_at_utc: at, context_key: contextKey, repo_sha: commit } = baseline;
  return { id: slug, at: at ?? slug, value: found.value, context_key: contextKey ?? '', commit: commit ?? null };
};

/** The history of `metric` in `measurement`. Throws a Fault of the registry, or `metric_needed`. */
export const metricHistory = async (
  text: string,
  metric: string | undefined,
  context: VerbContext,
): Promise<MetricHistory> => {
  const registry = registryFolder(context.root);
  const [family, measurement] = splitMeasurement(text);
  await existingPlace(registry, family, measurement);
  const { items } = await listEntries(registry, family, measurement, { limit: MOST });
  const defaults = await defaultRules(context);
  const points: TrendPoint[] = [];
  const skipped: string[] = [];
  let choice: MetricChoice | undefined;
  for (const { slug, folder } of [...items].reverse()) {
    try {
      const entry = await readEntry(folder);
      const side = await entrySide(entry);
      choice ??= chooseMetric(side, metric, defaults, text);
      const point = pointOf(entry, side, choice.chosen.key);
      if (point === undefined) skipped.push(slug);
      else points.push(point);
    } catch (error) {
      if (!(error instanceof Fault) || error.code === 'metric_needed') throw error;
      skipped.push(slug);
    }
  }
  if (choice === undefined)
    throw inputFault('history_empty', `${text} holds no entry with numbers`, { fix: 'record it first' });
  const { key, unit, direction } = choice.chosen;
  return {
    family,
    measurement,
    metric: key,
    unit,
    direction,
    points,
    skipped,
    others: choice.others.map((other) => other.key),
  };
};
