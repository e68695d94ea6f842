// Reads the "Serving Benchmark Result" blocks that vllm bench serve and sglang.bench_serving print, out of logs with anything
// between them. The text has two decimals only. Placeholders of documentation (`xxx`, `...`) are never numbers.
import { contextOf, loadLabels, statedRate } from './context-fields.ts';
import { type Figure, type PointContradiction, rateContradiction } from './contradictions.ts';
import { type Point, type Sample, assemble, noMeasurement, present } from './point.ts';
import { latency, meanLengths, perUserSpeed, requestOutcome, serving } from './serving-metrics.ts';
import { latenciesWrittenBy, writtenBy } from '../metrics/catalogue.ts';
import { metricKey } from '../metrics/metric.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { inputFault } from '../text/fault.ts';

const BANNER = /=+ *Serving Benchmark Result *=+/;
const CLOSING = /={30,}\s*$/;
const LINE = /^\s*(?:#\s*)?([A-Za-z][^:]*):\s+(\S(?:.*\S)?)\s*$/;
const LATENCY_LABEL = /^(mean|median|p\d+(?:\.\d+)?) ([a-z0-9 ]+) \(ms\)$/;
const KINDS = latenciesWrittenBy('console');
const RATES = writtenBy('console');

/** The limit on concurrency in every spelling the tools have printed, one of them with a typing error. */
const CONCURRENCY_LABELS = ['maximum request concurrency', 'max request concurrency', 'max reqeuest concurrency'];
const RATE_LABELS = ['request rate configured (rps)', 'traffic request rate'];

interface Block {
  /** 1-based line of the banner. */
  readonly line: number;
  /** Label in lower case to the label as printed and the last word of the line. */
  readonly fields: ReadonlyMap<string, { readonly label: string; readonly value: string }>;
  readonly closed: boolean;
}

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

const fieldsOf = (lines: readonly string[]): Block['fields'] => {
  const fields = new Map<string, { label: string; value: string }>();
  for (const line of lines) {
    const [, label, rest] = LINE.exec(line) ?? [];
    if (label !== undefined && rest !== undefined)
      fields.set(label.trim().toLowerCase(), { label: label.trim(), value: rest.split(/\s+/).at(-1) ?? '' });
  }
  return fields;
};

/** Blocks with the lines before them, because the load is printed above the banner. */
const blocksOf = (text: string): Block[] => {
  const lines = text.split(/\r?\n/);
  const banners = lines.flatMap((line, index) => (BANNER.test(line) ? [index] : []));
  let above = 0;
  return banners.map((banner, position) => {
    const limit = banners[position + 1] ?? lines.length;
    const closing = lines.findIndex((line, index) => index > banner && index < limit && CLOSING.test(line));
    const end = closing < 0 ? limit : closing;
    const fields = new Map([
      ...[...fieldsOf(lines.slice(above, banner))].filter(([label]) =>
        [...CONCURRENCY_LABELS, ...RATE_LABELS].includes(label),
      ),
      ...fieldsOf(lines.slice(banner + 1, end)),
    ]);
    above = end;
    return { line: banner + 1, fields, closed: closing >= 0 };
  });
};

const numberOf = (block: Block, ...labels: readonly string[]): number | undefined => {
  const value = labels.map((label) => block.fields.get(label)?.value).find((found) => found !== undefined);
  return value !== undefined && NUMBER.test(value) ? Number(value) : undefined;
};

const rateOf = (block: Block): number | 'inf' | undefined =>
  RATE_LABELS.some((label) => block.fields.get(label)?.value === 'inf')
    ? 'inf'
    : statedRate(numberOf(block, ...RATE_LABELS));

const sampleOf = (block: Block, label: string, printed: string): Sample | undefined => {
  const value = numberOf(block, label);
  const rate = RATES.get(label);
  if (rate === 'failedRequests') return undefined;
  if (rate !== undefined) return serving(rate, value !== undefined && value > 0 ? value : undefined, printed);
  const [, statistic = '', kind = ''] = LATENCY_LABEL.exec(label) ?? [];
  const known = KINDS.get(kind);
  return known && latency(known, statistic === 'median' ? 'p50' : statistic, value, printed);
};

/** Requests per second by count and duration, where two decimals printed 0.00 or the line is missing. */
const derivedRate = (block: Block, completed: number | undefined): Sample | undefined => {
  const printed = numberOf(block, 'request throughput (req/s)') ?? 0;
  const duration = numberOf(block, 'benchmark duration (s)') ?? 0;
  if (printed > 0 || duration <= 0 || completed === undefined) return undefined;
  return serving('requestRate', completed / duration, 'Successful requests');
};

const samplesOf = (block: Block): Sample[] => {
  const completed = numberOf(block, 'successful requests');
  const measured = present([
    derivedRate(block, completed),
    ...[...block.fields].map(([label, { label: printed }]) => sampleOf(block, label, printed)),
    ...requestOutcome(completed, numberOf(block, 'failed requests'), 'Successful requests'),
    ...meanLengths(
      completed,
      { total: numberOf(block, 'total input tokens'), key: 'Total input tokens' },
      { total: numberOf(block, 'total generated tokens'), key: 'Total generated tokens' },
    ),
  ]);
  return [...measured, ...present([perUserSpeed(measured)])];
};

/** The printed rates against the counts and the duration printed above them. */
const contradictionsOf = (block: Block): PointContradiction[] => {
  const figure = (label: string): Figure => ({
    key: block.fields.get(label)?.label ?? label,
    value: numberOf(block, label),
  });
  const duration = figure('benchmark duration (s)');
  const [requests, input, output] = ['successful requests', 'total input tokens', 'total generated tokens'].map(figure);
  const rates: readonly (readonly [string, readonly (Figure | undefined)[]])[] = [
    ['request throughput (req/s)', [requests]],
    ['output token throughput (tok/s)', [output]],
    ['input token throughput (tok/s)', [input]],
    ['total token throughput (tok/s)', [input, output]],
  ];
  return rates.flatMap(([label, counts]) =>
    rateContradiction({ rate: figure(label), counts: counts.filter((count) => count !== undefined), duration }),
  );
};

const loadOf = (block: Block) => ({
  concurrency: numberOf(block, ...CONCURRENCY_LABELS),
  request_rate: rateOf(block),
});

const pointOf = (block: Block): Point => {
  const load = loadOf(block);
  const engine = block.fields.get('backend')?.value.startsWith('sglang') === true ? 'sglang' : undefined;
  return {
    labels: loadLabels(load),
    samples: samplesOf(block),
    context: contextOf({ ...load, engine }),
    counts: {
      completed: numberOf(block, 'successful requests'),
      failed: numberOf(block, 'failed requests'),
      requested: undefined,
      duration_s: numberOf(block, 'benchmark duration (s)'),
    },
    contradictions: contradictionsOf(block),
  };
};

/** Blocks whose printed load does not distinguish them are numbered: the text can't say whether they are repeats. */
const numbered = (points: readonly Point[]): readonly Point[] => {
  const keys = new Set(points.map(({ labels }) => metricKey({ name: '', labels })));
  if (keys.size === points.length) return points;
  return points.map((point, index) => ({ ...point, labels: { ...point.labels, block: index + 1 } }));
};

/** Throughput or any latency: a block without one holds placeholders, or was cut off. */
const isMeasured = (point: Point): boolean => point.samples.some(({ unit }) => unit === 'ms' || unit === 'tok/s');

const parse = (format: string, text: string, path: string): ReadOutcome => {
  const blocks = blocksOf(text);
  const ran = blocks.filter((block) => numberOf(block, 'successful requests') !== 0);
  if (blocks.length > 0 && ran.length === 0)
    return noMeasurement(format, `no request succeeded in any of ${blocks.length} blocks`);
  const points = numbered(ran.map(pointOf));
  const empty = points.findIndex((point) => !isMeasured(point));
  if (points.length === 0 || empty >= 0)
    throw inputFault('placeholder_values', `${path}: the result block holds no measured number`, {
      path,
      at: `${ran[empty]?.line ?? 1}:1`,
      fix: 'give the output of a run, not the template of a document or a log that was cut off',
    });
  const open = ran.filter((block) => !block.closed);
  const unanswered = blocks.filter((block) => !ran.includes(block));
  return assemble({
    format,
    path,
    points,
    failed: unanswered.map((block) => ({ labels: loadLabels(loadOf(block)), reason: 'no request succeeded' })),
    warnings: [
      ...(unanswered.length > 0 ? [`${unanswered.length} blocks without a successful request are left out`] : []),
      ...open.map((block) => `the block at line ${block.line} has no closing line: it may be cut off`),
    ],
  });
};

const BACKEND = /^\s*Backend:\s/m;

/** Console output of `vllm bench serve`. */
export const vllmConsole: Reader = {
  format: 'vllm_serve_console',
  sniff: (_path, head) => (BANNER.test(head) && !BACKEND.test(head) ? 0.9 : 0),
  parse: (text, path) => parse('vllm_serve_console', text, path),
};

/** Console output of `python -m sglang.bench_serving`: the same banner, and a line that names the backend. */
export const sglangConsole: Reader = {
  format: 'sglang_serve_console',
  sniff: (_path, head) => (BANNER.test(head) && BACKEND.test(head) ? 0.9 : 0),
  parse: (text, path) => parse('sglang_serve_console', text, path),
};
