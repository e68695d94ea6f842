// GPU readings from the pages of dcgm-exporter, one page for each node. An exporter has the fields that its operator enabled, and refreshes
// them by its own interval: what it lacks is said.
import { dcgmAmount } from '../drivers/dcgmi.ts';
import { createDeferredQueue } from '../load/deferred.ts';
import { createHttpClient, untilAborted } from '../load/http-client.ts';
import { readMetricsText } from '../load/server.ts';
import { Fault } from '../text/fault.ts';
import { parsePrometheus, type PrometheusSample } from '../text/prometheus.ts';
import { periodically, type CaptureAsk, type Captured, type CapturedGpu, type LackingField } from './captured.ts';
import { FIELD_OF_NAME, GPU_FIELDS, type FieldName, type GpuReading } from './gpu-fields.ts';

const ANSWER_MS = 5000;

const NODE_LABELS = ['Hostname', 'hostname', 'node', 'exported_node', 'instance'] as const;

/** The node of a series; `fallback` where no label says. */
export const nodeOf = (labels: Readonly<Record<string, string>>, fallback: string): string =>
  NODE_LABELS.map((label) => labels[label]).find((value) => value !== undefined && value !== '') ?? fallback;

/** Part of a GPU that is split (MIG) is a GPU of its own. */
export const gpuOf = ({ gpu = '0', GPU_I_ID: instance }: Readonly<Record<string, string>>): string =>
  instance === undefined || instance === '' ? gpu : `${gpu}/${instance}`;

interface Wanted extends Pick<CaptureAsk, 'fields' | 'gpus'> {
  /** The node where no label says. */
  readonly node: string;
}

const isWanted = (sample: PrometheusSample, { fields, gpus }: Wanted): FieldName | undefined => {
  const field = FIELD_OF_NAME.get(sample.name);
  if (field === undefined || !fields.includes(field)) return undefined;
  return gpus === undefined || gpus.includes(Number(sample.labels['gpu'])) ? field : undefined;
};

/** The GPUs of a page with what it says of each at one moment. */
export const readExporterPage = (page: string, atMs: number, wanted: Wanted): { readonly readings: GpuReading[]; readonly gpus: CapturedGpu[] } => {
  const readings = new Map<string, GpuReading>();
  const gpus = new Map<string, CapturedGpu>();
  for (const sample of parsePrometheus(page)) {
    const field = isWanted(sample, wanted);
    if (field === undefined) continue;
    const { labels, written } = sample;
    const [node, gpu, uuid] = [nodeOf(labels, wanted.node), gpuOf(labels), labels['UUID'] ?? null];
    const key = JSON.stringify([node, gpu]);
    const reading = readings.get(key) ?? { at_ms: atMs, node, gpu, uuid, values: {} };
    readings.set(key, { ...reading, values: { ...reading.values, [field]: dcgmAmount(written) } });
    gpus.set(key, { node, gpu, uuid, name: labels['modelName'] ?? null });
  }
  return { readings: [...readings.values()], gpus: [...gpus.values()] };
}; // prettier-ignore

/** Fields of which nothing was read. */
export const lackingFields = (fields: readonly FieldName[], readings: readonly GpuReading[], reason: (field: FieldName) => string): LackingField[] => {
  const seen = new Set(readings.flatMap(({ values }) => Object.entries(values).flatMap(([field, value]) => (value === null ? [] : [field]))));
  return fields.filter((field) => !seen.has(field)).map((field) => ({ field, reason: reason(field) }));
}; // prettier-ignore

const lacksText = (field: FieldName): string =>
  `the exporter has no ${GPU_FIELDS[field].names[0] ?? field}: enable it in its file of counters`;

interface Exporter {
  readonly url: string;
  readonly page: () => Promise<string | null>;
  readonly close: () => void;
}

const openExporter = (url: string, until: AbortSignal): Exporter => {
  const base = new URL(url.replace(/\/metrics\/?$/, ''));
  const client = createHttpClient({ baseUrl: base, apiKey: null }, createDeferredQueue());
  return {
    url,
    page: () => readMetricsText(untilAborted(client, until), ANSWER_MS),
    close: () => client.close(),
  };
};

const requireAnswer = (missed: ReadonlySet<string>, read: ReadonlySet<string>): void => {
  const [silent] = [...missed].filter((url) => !read.has(url));
  if (silent === undefined) return;
  throw new Fault('input', 'exporter_silent', `${silent} gives no page of metrics`, {
    fix: 'name the /metrics page of dcgm-exporter, by default on port 9400',
  });
};

/** Readings of the exporters at these URLs. Throws a Fault `exporter_silent` where one never answers. */
export const captureExporters = async (urls: readonly string[], ask: CaptureAsk): Promise<Captured> => {
  const exporters = urls.map((url) => openExporter(url, ask.until));
  const readings: GpuReading[] = [];
  const gpus = new Map<string, CapturedGpu>();
  const [missed, read] = [new Set<string>(), new Set<string>()];
  const takeOne = async ({ url, page }: Exporter): Promise<void> => {
    const text = await page();
    (text === null ? missed : read).add(url);
    if (text === null) return;
    const found = readExporterPage(text, Date.now(), { ...ask, node: new URL(url).hostname });
    readings.push(...found.readings);
    for (const gpu of found.gpus) gpus.set(JSON.stringify([gpu.node, gpu.gpu]), gpu);
    for (const reading of found.readings) ask.keep(JSON.stringify(reading));
  };
  try {
    await periodically(ask, async () => void (await Promise.all(exporters.map(takeOne))));
  } finally {
    for (const { close } of exporters) close();
  }
  if (!ask.until.aborted) requireAnswer(missed, read);
  return {
    source: 'exporter',
    readings,
    gpus: [...gpus.values()],
    lacking: lackingFields(ask.fields, readings, lacksText),
    intervalS: ask.periodMs / 1000,
    clock: 'arrival',
    queries: {},
    notes: ['an exporter refreshes its page by an interval of its own, by default 30 s: a shorter window holds few values'],
  };
}; // prettier-ignore
