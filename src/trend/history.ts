// The history of one metric over the entries of a measurement, oldest first: what trends and noise are read from.
import { metricKey } from '../metrics/metric.ts';
import { existingPlace } from '../registry/address.ts';
import { listEntries } from '../registry/list.ts';
import { registryFolder } from '../registry/layout.ts';
import { readEntry } from '../registry/read-entry.ts';
import type { Direction } from '../stats/direction.ts';
import { inputFault, Fault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import type { TrendPoint } from './eras.ts';
import { headlineMetrics } from '../verdict/headline-metrics.ts';
import { createPolicy } from '../verdict/policy.ts';
import type { VerbContext } from '../verb/context.ts';
import { entrySide } from '../registry/entry-side.ts';
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
  const points: TrendPoint[] = [];
  const skipped: string[] = [];
  let others: readonly string[] | undefined;
  let chosen: { key: string; unit: string | null; direction: Direction } | undefined;
  for (const { slug, folder } of [...items].reverse()) {
    try {
      const entry = await readEntry(folder);
      const side = await entrySide(entry);
      const keys = side.metrics.map(metricKey);
      const sources = { defaults: await defaultRules(context), entryDirection: side.direction };
      const headlines = metric === undefined && chosen === undefined ? headlineMetrics(side.metrics, sources) : [];
      others ??= headlines.slice(1).map(metricKey);
      const key = chosen?.key ?? chooseKey(metric, keys, headlines.map(metricKey), text);
      const found = side.metrics[keys.indexOf(key)];
      if (found === undefined) {
        skipped.push(slug);
        continue;
      }
      if (chosen === undefined) {
        const policy = createPolicy(sources);
        const unit = found.unit ?? side.unit ?? null;
        chosen = {
          key,
          unit,
          direction: policy({ name: found.name, key, unit, direction: found.direction }).direction,
        };
      }
      const { registered_at_utc: at, context_key: contextKey, repo_sha: commit } = entry.baseline;
      points.push({
        id: slug,
        at: at ?? slug,
        value: found.value,
        context_key: contextKey ?? '',
        commit: commit ?? null,
      });
    } catch (error) {
      if (!(error instanceof Fault) || error.code === 'metric_needed') throw error;
      skipped.push(slug);
    }
  }
  if (chosen === undefined)
    throw inputFault('history_empty', `${text} holds no entry with numbers`, { fix: 'record it first' });
  const { key, unit, direction } = chosen;
  return { family, measurement, metric: key, unit, direction, points, skipped, others: others ?? [] };
};
