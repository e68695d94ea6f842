// GPU readings that a Prometheus server holds: one range query for each field over the window, which may lie in the past. Its API is read
// with the same care as a file: what is no matrix of numbers is an error, and a field without series is said to be lacking.
import { z } from 'zod';
import { dcgmAmount } from '../drivers/dcgmi.ts';
import { limitSignal } from '../verb/time-limit.ts';
import { Fault } from '../text/fault.ts';
import type { CaptureAsk, Captured, CapturedGpu } from './captured.ts';
import { gpuOf, lackingFields, nodeOf } from './exporter-source.ts';
import { GPU_FIELDS, type FieldName, type GpuReading } from './gpu-fields.ts';

export interface PrometheusAsk extends Pick<CaptureAsk, 'fields' | 'gpus' | 'until' | 'keep'> {
  /** Base URL of the server. */
  readonly url: string;
  /** Label matchers: `namespace="glm",pod=~"vllm-.*"`. */
  readonly selector: string | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly stepS: number;
}

const ANSWER_S = 60;

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), values: z.array(z.tuple([z.number(), z.string()])) }),
    ),
  }),
});

type Series = z.output<typeof answerSchema>['data']['result'][number];

/** The query of a field, under its old and new names. */
export const fieldQuery = (field: FieldName, selector: string | undefined): string => {
  const { names } = GPU_FIELDS[field];
  const name = names.length === 1 ? `__name__="${names[0]}"` : `__name__=~"${names.join('|')}"`;
  return `{${[name, ...(selector === undefined || selector === '' ? [] : [selector])].join(',')}}`;
};

const refused = (url: string, says: string): Fault =>
  new Fault('input', 'prometheus_refused', `${url} answers no query: ${says}`, {
    fix: 'name the base URL of Prometheus, and matchers as in namespace="glm",pod=~"vllm-.*"',
  });

const ask = async (query: string, { url, startMs, endMs, stepS, until }: PrometheusAsk): Promise<Series[]> => {
  const limited = limitSignal([until], ANSWER_S);
  const target = new URL(`${url.replace(/\/+$/, '')}/api/v1/query_range`);
  for (const [name, value] of Object.entries({ query, start: startMs / 1000, end: endMs / 1000, step: stepS }))
    target.searchParams.set(name, String(value));
  try {
    const answer = await fetch(target, { signal: limited.signal, redirect: 'error' });
    const text = await answer.text();
    if (!answer.ok) throw refused(url, `HTTP ${answer.status}: ${text.slice(0, 200)}`);
    const parsed = answerSchema.safeParse(JSON.parse(text));
    if (!parsed.success) throw refused(url, 'no matrix');
    return parsed.data.data.result;
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw refused(url, error instanceof Error ? error.message : String(error));
  } finally {
    limited.release();
  }
};

/** Readings of the window. Throws a Fault `prometheus_refused`. */
export const queryPrometheus = async (asked: PrometheusAsk): Promise<Captured> => {
  const moments = new Map<string, GpuReading>();
  const gpus = new Map<string, CapturedGpu>();
  const queries: Partial<Record<FieldName, string>> = {};
  for (const field of asked.fields) {
    const query = fieldQuery(field, asked.selector);
    queries[field] = query;
    for (const { metric, values } of await ask(query, asked)) {
      if (asked.gpus !== undefined && !asked.gpus.includes(Number(metric['gpu']))) continue;
      const [node, gpu, uuid] = [nodeOf(metric, new URL(asked.url).hostname), gpuOf(metric), metric['UUID'] ?? null];
      gpus.set(JSON.stringify([node, gpu]), { node, gpu, uuid, name: metric['modelName'] ?? null });
      for (const [at, written] of values) {
        const at_ms = Math.round(at * 1000);
        const key = JSON.stringify([node, gpu, at_ms]);
        const moment = moments.get(key) ?? { at_ms, node, gpu, uuid, values: {} };
        moments.set(key, { ...moment, values: { ...moment.values, [field]: dcgmAmount(written) } });
      }
    }
  }
  const readings = [...moments.values()];
  for (const reading of readings) asked.keep(JSON.stringify(reading));
  return {
    source: 'prometheus',
    readings,
    gpus: [...gpus.values()],
    lacking: lackingFields(asked.fields, readings, (field) => `Prometheus has no ${GPU_FIELDS[field].names[0] ?? field} of these GPUs`),
    intervalS: asked.stepS,
    clock: 'source',
    queries,
    notes: [],
  };
}; // prettier-ignore
