// `decode_sweep.jsonl` (a line for each concurrency) and `prefill_sweep.jsonl` (a line for each prompt length) of one deployment,
// with what DCGM saw of each point: two cells, and the files of `sweep-document.ts` beside the decode one.
import { join } from 'node:path';
import { readNamedText } from '../../fs/named-text.ts';
import { numberAt, objectAt, textAt } from '../../importers/json-fields.ts';
import { latencyName, nameOf } from '../../metrics/catalogue.ts';
import { readConfigs, SIDE_CONFIG } from '../../roofline/read-model.ts';
import { Fault } from '../../text/fault.ts';
import { isJsonObject, parseJson, type JsonObject } from '../../text/json.ts';
import type { CellIdentity } from '../cell-identity.ts';
import type { Bundle, BundleFolder, FailedPoint, FoundCell, FoundRun, Layout } from './bundle.ts';
import { identityOfFacts, readFacts } from './bundle-facts.ts';
import { sweepFiles, type Phase, type SweepLines, type SweepModel } from './sweep-document.ts'; // prettier-ignore

const PHASES: readonly Phase[] = ['decode', 'prefill'];

const MANIFEST = 'roofline_sweep_manifest.json';
/** In the order in which they are taken. */
const MODEL_CONFIGS = ['model_config.json', 'config.json'];
/** What the run of a sweep keeps beside its lines: records of its commands, and the files that the lines were made of. */
const OF_THE_RUN = /^(commands|raw)\//;
const sweepFile = (phase: Phase): string => `${phase}_sweep.jsonl`;

const DCGM_FIELDS: readonly (readonly [string, string])[] = [
  ['sm_active_mean', 'dcgm_sm_active'],
  ['dram_active_mean', 'dcgm_dram_active'],
  ['tensor_active_mean', 'dcgm_tensor_active'],
];

const BENCH_FIELDS: readonly (readonly [string, string])[] = [
  ['median_ttft_ms', latencyName('ttft', 'p50')],
  ['mean_ttft_ms', latencyName('ttft', 'mean')],
  ['p99_ttft_ms', latencyName('ttft', 'p99')],
  ['median_itl_ms', latencyName('itl', 'p50')],
  ['mean_itl_ms', latencyName('itl', 'mean')],
  ['request_throughput', nameOf('requestRate')],
  ['output_throughput', nameOf('throughput')],
  ['total_token_throughput', nameOf('totalThroughput')],
];

const named = (object: JsonObject, fields: readonly (readonly [string, string])[], path: string) =>
  Object.fromEntries(
    fields.flatMap(([key, name]) => {
      const value = numberAt(object, key, path);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );

const ratio = (part: number | undefined, whole: number | undefined): number | undefined =>
  part === undefined || whole === undefined || whole <= 0 ? undefined : part / whole;

const known = (values: Readonly<Record<string, number | undefined>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );

/** Prompts of one token of output have no time per token: 0 stands for it in the files. */
const decodeSpeed = (bench: JsonObject, path: string): Record<string, number> => {
  const tpot = numberAt(bench, 'median_tpot_ms', path);
  return tpot === undefined || tpot <= 0 ? {} : { [latencyName('tpot', 'p50')]: tpot, [nameOf('perUser')]: 1000 / tpot };
}; // prettier-ignore

const runOf = (line: JsonObject, bench: JsonObject, phase: Phase): FoundRun => {
  const path = sweepFile(phase);
  const number = (key: string): number | undefined => numberAt(line, key, path);
  const dcgm = objectAt(line, 'dcgm_steady');
  const prompts = number('num_prompts');
  const completed = numberAt(bench, 'completed', path);
  const rate = numberAt(bench, 'request_throughput', path);
  return {
    path,
    concurrency: number('c') ?? 0,
    labels: known({ isl: number('isl'), osl: number('osl') }),
    values: {
      ...named(bench, BENCH_FIELDS, path),
      ...decodeSpeed(bench, path),
      ...named(dcgm, DCGM_FIELDS, path),
      ...known({
        [nameOf('promptLength')]: ratio(numberAt(bench, 'total_input_tokens', path), completed ?? prompts),
        [nameOf('outputLength')]: ratio(numberAt(bench, 'output_throughput', path), rate),
      }),
    },
    counts: { completed, num_prompts: prompts, duration_s: numberAt(bench, 'duration', path) },
    extra: {
      phase,
      ...known({ seed: number('seed'), num_prompts: prompts }),
      ...(textAt(line, 'tag') === undefined ? {} : { tag: textAt(line, 'tag') ?? '' }),
      ...(Object.keys(dcgm).length === 0 ? {} : { dcgm_util: dcgm, dcgm_source: 'dcgm_steady' }),
    },
  };
};

interface Sweep {
  readonly runs: readonly FoundRun[];
  readonly failed: readonly FailedPoint[];
  readonly lines: readonly JsonObject[];
}

const lineAt = (text: string, at: string): JsonObject | string => {
  try {
    const value = parseJson(text, at);
    return isJsonObject(value) ? value : `${at} is no object`;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return `${at}: ${error.message}`;
  }
};

const readSweep = async (folder: string, phase: Phase): Promise<Sweep> => {
  const path = sweepFile(phase);
  const text = await readNamedText(join(folder, path));
  const all = text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [lineAt(line, `${path}:${index + 1}`)]));
  const damaged = all.filter((line) => typeof line === 'string');
  const lines = all.filter((line) => typeof line !== 'string');
  const failed = lines.flatMap((line): FailedPoint[] =>
    isJsonObject(line['bench'])
      ? []
      : [{ path, concurrency: numberAt(line, 'c', path) ?? 0, reason: `${textAt(line, 'tag') ?? path} holds no bench` }],
  );
  return {
    runs: lines.flatMap((line) => (isJsonObject(line['bench']) ? [runOf(line, line['bench'], phase)] : [])),
    failed: [...failed, ...(damaged.length === 0 ? [] : [{ path, reason: damaged.join('; ') }])],
    lines,
  };
}; // prettier-ignore

const readModelConfig = async (folder: string, files: readonly string[], given: string | undefined): Promise<SweepModel | null> => {
  const inside = MODEL_CONFIGS.find((name) => files.includes(name));
  const path = given ?? (inside === undefined ? undefined : join(folder, inside));
  if (path === undefined) return null;
  const { config, side } = await readConfigs(path);
  return { source: given ?? inside ?? path, config, side };
}; // prettier-ignore

/** The layout; `modelConfig` is a config of the model that the caller names, and wins over one in the bundle. */
export const rooflineSweep = (modelConfig?: string): Layout => ({
  name: 'roofline_sweep',
  holds: 'decode_sweep.jsonl or prefill_sweep.jsonl',
  find: (folder) => find(folder, modelConfig),
});

const find = async ({ path, files, cellId, ceilings }: BundleFolder, modelConfig: string | undefined): Promise<Bundle | undefined> => {
  const phases = PHASES.filter((phase) => files.includes(sweepFile(phase)));
  const [first] = phases;
  if (first === undefined) return undefined;
  const identity: CellIdentity = files.includes(MANIFEST) ? identityOfFacts(await readFacts(join(path, MANIFEST))) : {};
  const sweeps = new Map<Phase, Sweep>();
  for (const phase of phases) sweeps.set(phase, await readSweep(path, phase));
  const lines = (phase: Phase) => sweeps.get(phase)?.lines ?? [];
  const model = await readModelConfig(path, files, modelConfig);
  const table = ceilings === undefined ? null : await ceilings();
  const points: SweepLines = { cellId, decode: lines('decode'), prefill: lines('prefill'), model, ceilings: table };
  const taken = new Set([...phases.map(sweepFile), MANIFEST, SIDE_CONFIG, ...MODEL_CONFIGS]);
  return {
    layout: 'roofline_sweep',
    cells: [...sweeps].map(([phase, { runs, failed }]): FoundCell => ({
      cellId: `${cellId}-${phase}`,
      identity: { backend: 'vllm-sweep', ...identity },
      points: [],
      runs,
      failed,
      extra: {},
      notes: [],
      files: [],
      ...(phase === first ? { filesOf: (rows, campaign) => sweepFiles(points, rows, campaign) } : {}),
    })),
    unread: files.filter((file) => !taken.has(file) && !OF_THE_RUN.test(file)).map((file) => ({ path: file, reason: 'no part of the sweep' })),
  };
}; // prettier-ignore
