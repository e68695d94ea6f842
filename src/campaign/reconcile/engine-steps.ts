// Single steps of an engine (a table of its forward passes) against the recorded configuration and the bound: a step of more tokens than
// the setting allows, and products faster than any that was measured on that GPU, show a wrong label that means hide.
import { boundOf } from '../../roofline/bound.ts';
import { decodeStep, prefillStep } from '../../roofline/build-step.ts';
import { kvFormatOf } from '../../roofline/kv-cache.ts';
import { parseCsv } from '../../text/csv.ts';
import { Fault, inputFault } from '../../text/fault.ts';
import { hardwareOf, type Evidence, type ModelEvidence } from './evidence.ts';
import { placementOfRow } from '../../roofline/row-bound.ts';
import { bestRates, type Lines } from './row-bound.ts';
import type { RowFacts } from './row-facts.ts';
import type { Finding } from './violation.ts';

/** Columns of the table; others may stand beside them. */
const COLUMNS = ['ctx_tokens', 'ctx_requests', 'ctx_kv_tokens', 'decode_tokens', 'decode_requests', 'decode_kv_tokens', 'latency_ms'] as const; // prettier-ignore
type Column = (typeof COLUMNS)[number];

/** Tokens, requests and cached tokens of a step, and its time in ms. */
export type EngineStep = Readonly<Record<Column, number>>;

const invalid = (path: string, at: string, says: string): Fault =>
  inputFault('engine_steps_invalid', `${path}: ${says}`, {
    path,
    at,
    fix: `give a CSV with the columns ${COLUMNS.join(', ')}, counts and milliseconds`,
  });

/** Steps of a table. Throws a Fault `csv_syntax` or `engine_steps_invalid`. */
export const parseEngineSteps = async (text: string, path: string): Promise<EngineStep[]> => {
  const [head = [], ...lines] = await parseCsv(text, path);
  const places = COLUMNS.map((column) => head.indexOf(column));
  const absent = COLUMNS.filter((_column, index) => places[index] === -1);
  if (absent.length > 0) throw invalid(path, '1', `no column ${absent.join(', ')}`);
  return lines.map((cells, index) => {
    const figures = places.map((place) => Number(cells[place] === '' ? NaN : cells[place]));
    if (figures.some((figure) => !Number.isFinite(figure) || figure < 0)) throw invalid(path, String(index + 2), `line ${index + 2} holds no figures`);
    return Object.fromEntries(COLUMNS.map((column, at) => [column, figures[at] ?? 0])) as EngineStep; // checked boundary: the columns
  });
}; // prettier-ignore

const tooLarge = ({ row }: RowFacts, steps: readonly EngineStep[]): Finding[] => {
  const limit = row.max_num_batched_tokens;
  const largest = steps.reduce((most, step) => Math.max(most, step.ctx_tokens + step.decode_tokens), 0);
  if (limit <= 0 || largest <= limit) return [];
  return [
    {
      balance: 'configuration',
      severity: 'impossible',
      expected: limit,
      seen: largest,
      unit: 'tokens',
      cause: 'setting_not_in_effect',
      of: 'tokens of a step against max_num_batched_tokens',
    },
  ];
};

/** Clocks above the stated ones. */
const DATASHEET = 1.05;
const BEST = 1.01;

interface Fastest {
  readonly factor: number;
  readonly finding: Finding;
}

const faster = (steps: readonly (Fastest | null)[]): Finding[] => {
  const [first] = steps.filter((step) => step !== null).toSorted((a, b) => b.factor - a.factor);
  return first === undefined ? [] : [first.finding];
};

const ofPrompt = (facts: RowFacts, { model }: ModelEvidence, lines: Lines) => (step: EngineStep): Fastest | null => {
  const { ctx_tokens: tokens, ctx_requests: prompts, ctx_kv_tokens: cached, latency_ms: ms } = step;
  if (prompts < 1 || tokens < 1 || step.decode_tokens > 0 || ms <= 0) return null;
  const newTokens = Math.max(1, Math.floor(tokens / prompts));
  const load = { prompts, newTokens, cachedTokens: Math.floor(cached / prompts), chunkTokens: newTokens };
  const { deployment } = placementOfRow(facts.row, model);
  const { flops, computeSeconds: seconds } = boundOf(prefillStep(model, deployment, 'bf16', load), bestRates(lines));
  const factor = (seconds * 1000) / ms;
  if (factor <= BEST) return null;
  const of = `FLOP/s of a step of ${tokens} prompt tokens against the best product measured on ${facts.row.hardware}`;
  const expected = flops / seconds / 1e12;
  return { factor, finding: { balance: 'bound', severity: 'impossible', expected, seen: expected * factor, unit: 'TFLOP/s per GPU', cause: 'wrong_gpu_label', of } };
}; // prettier-ignore

const ofDecode = (facts: RowFacts, { model, kvCache }: ModelEvidence, lines: Lines) => (step: EngineStep): Fastest | null => {
  const { decode_requests: sequences, decode_kv_tokens: keys, latency_ms: seen } = step;
  if (sequences < 1 || step.ctx_tokens > 0 || seen <= 0) return null;
  const { deployment } = placementOfRow(facts.row, model);
  const load = { concurrency: sequences, contextTokens: Math.max(1, Math.floor(keys / sequences)), draftTokens: 0 };
  const bound = boundOf(decodeStep(model, deployment, kvCache ?? kvFormatOf('auto'), load), lines.datasheet);
  const expected = 1000 * bound.overlapped.switched;
  const factor = expected / seen;
  if (factor <= DATASHEET) return null;
  const of = `time of a decode step of ${sequences} against its bound on ${facts.row.hardware}`;
  return { factor, finding: { balance: 'bound', severity: 'impossible', expected, seen, unit: 'ms', cause: 'wrong_gpu_label', of } };
}; // prettier-ignore

/** What the steps of a cell say against the settings of its row, the fastest step of each kind. */
export const stepFindings = (facts: RowFacts, evidence: Evidence, steps: readonly EngineStep[]): Finding[] => {
  const lines = hardwareOf(evidence, facts.row.hardware)?.rates.lines;
  const large = tooLarge(facts, steps);
  if (evidence.model === undefined || lines === undefined) return large;
  try {
    return [
      ...large,
      ...faster(steps.map(ofPrompt(facts, evidence.model, lines))),
      ...faster(steps.map(ofDecode(facts, evidence.model, lines))),
    ];
  } catch (error) {
    if (error instanceof Fault) return large;
    throw error;
  }
};
