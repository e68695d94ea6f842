// perf_baseline_show: one entry, whole.
import { join } from 'node:path';
import { z } from 'zod';
import { metricKey, type Metric } from '../../src/metrics/metric.ts';
import { withNewResult } from '../../src/registry/entry-steps.ts';
import { resolveAddress } from '../../src/registry/address.ts';
import { storedBaselineSchema, type StoredBaseline } from '../../src/registry/entry-schema.ts';
import { readEntrySource } from '../../src/registry/entry-side.ts';
import { checkEntry } from '../../src/registry/integrity.ts';
import { registryFolder } from '../../src/registry/layout.ts';
import { readEntry, type Entry } from '../../src/registry/read-entry.ts';
import { formatNumber, withUnit } from '../../src/render/numbers.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';
import { readsEntries } from '../../src/registry/entry-paths.ts';

/** The metrics of a structured entry; empty for scalars and profiles. */
const metricsOf = async (entry: Entry): Promise<readonly Metric[]> => (await readEntrySource(entry))?.metrics ?? [];

/** `, n 3, mean 310.067, std 0.902`; one run is only counted. */
const repeatsText = ({ n, mean, std }: StoredBaseline): string => {
  if (typeof n !== 'number') return '';
  const spread = n > 1 && typeof mean === 'number' ? `, mean ${formatNumber(mean)}` : '';
  return `, n ${n}${spread}${n > 1 && typeof std === 'number' ? `, std ${formatNumber(std, 3)}` : ''}`;
};

export const perfBaselineShow = defineVerb({
  name: 'perf_baseline_show',
  family: 'baseline',
  library: 'perf_baseline',
  verb: 'show',
  title: 'Show a baseline',
  description:
    'Shows one entry: numbers, context, provenance, tier, and whether its bytes are those that were recorded. Many: perf_baseline_list; a capture: profile_summary.',
  safety: 'read_only',
  fields: {
    entry: z.string().describe('family/measurement[@latest|@slug|@tag], or its folder.'),
    limit: z.number().int().min(1).max(1000).optional().describe('Limit. Most metrics, default 20.'),
  },
  aliases: { baseline: 'entry' },
  positionals: ['entry'],
  paths: { entry: readsEntries },
  data: {
    entry_dir: z.string(),
    slug: z.string(),
    status: z.string(),
    detail: z.string().nullable(),
    baseline: storedBaselineSchema,
    metrics_count: z.number(),
    metrics: z.array(z.object({ key: z.string(), value: z.number(), unit: z.string().nullable() })),
    warnings: z.array(z.string()),
  },
  examples: [{ title: 'The newest entry', input: { entry: 'llama31_8b/vllm_serve@latest' } }],
  run: async ({ entry: address, limit = 20 }, context) => {
    const folder = await resolveAddress(registryFolder(context.root), address, context.cwd);
    const [entry, integrity] = await Promise.all([readEntry(folder), checkEntry(folder)]);
    const metrics = await metricsOf(entry);
    return {
      entry_dir: folder,
      slug: entry.slug,
      status: integrity.status,
      detail: integrity.detail,
      baseline: { ...entry.baseline },
      metrics_count: metrics.length,
      metrics: metrics
        .slice(0, limit)
        .map((metric) => ({ key: metricKey(metric), value: metric.value, unit: metric.unit })),
      warnings: [...entry.warnings],
    };
  },
  render: (data) => {
    const { baseline } = data;
    const { value, unit = null } = baseline;
    const body =
      typeof value === 'number'
        ? [`  ${withUnit(value, unit)}${repeatsText(baseline)}`]
        : data.metrics.slice(0, 8).map((metric) => `  ${metric.key}: ${withUnit(metric.value, metric.unit)}`);
    const context = Object.entries(baseline.context ?? {}).filter(([, field]) => field !== null);
    return [
      `${baseline.family}/${baseline.measurement}@${data.slug}: ${data.status}${data.detail === null ? '' : ` (${data.detail})`}`,
      ...body,
      ...(typeof value !== 'number' && Number(baseline['n']) > 1 ? [`  n ${String(baseline['n'])} trials`] : []),
      ...(data.metrics_count > 8 ? [`  … ${data.metrics_count - 8} more metrics`] : []),
      `tier: ${baseline.tier ?? 'none'}; recorded ${baseline.registered_at_utc ?? 'at an unknown time'}`,
      `context: ${context.map(([field, stated]) => `${field}=${JSON.stringify(stated)}`).join(', ') || 'not stated'}`,
      ...data.warnings.slice(0, 3).map((warning) => `warning: ${warning}`),
    ].join('\n');
  },
  next: ({ baseline, slug, status }) => {
    const { family, measurement } = baseline;
    const whole = status === 'intact';
    return [
      ...(whole ? [withNewResult(`${family}/${measurement}@${slug}`)] : []),
      { verb: whole ? 'perf_baseline_list' : 'perf_baseline_verify', input: { family, measurement } },
    ];
  },
  links: (data) => [
    { path: join(data.entry_dir, 'baseline.json'), title: 'entry', mime_type: 'application/json' },
    { path: join(data.entry_dir, 'SOURCE.md'), title: 'provenance', mime_type: 'text/markdown' },
  ],
});
