// The commands that measure a cell on this machine, one list of words each, from what its config says. Pure: starts and writes
// nothing. Every requested concurrency is asked for by name; no tool is left to choose its own.
import { join } from 'node:path';
import { z } from 'zod';
import { inputFault } from '../../text/fault.ts';
import { jsonFile, type JsonValue } from '../../text/json.ts';
import { nearestName } from '../../text/nearest.ts';
import type { CellConfig, RunBlock } from '../config.ts';

export const CELL_RUN_BACKENDS = ['vllm-sweep', 'aiperf', 'sglang', 'aa', 'bench'] as const;
export type CellRunBackend = (typeof CELL_RUN_BACKENDS)[number];

/** The block of a cell that says how a backend runs it. */
export const BLOCK_OF: Readonly<Record<CellRunBackend, RunBlock>> = {
  'vllm-sweep': 'vllm_sweep',
  aiperf: 'aiperf',
  sglang: 'sglang',
  aa: 'aa',
  bench: 'bench',
};

const text = z.string().min(1);
const count = z.number().int().positive();
/** The pod that runs the tool; what calls and `run_on` say of it is put together in `places.ts`. */
const POD = { namespace: text.optional(), bench_pod: text.optional(), kube_context: text.optional() };
const SERVER = { ...POD, endpoint_url: text.optional(), served_model: text.optional(), requests: count.optional() };
/** Data sets that configs of the predecessor name. */
const ELSEWHERE = {
  dataset_split: text.optional(),
  conversation_count: count.optional(),
};

const SETTINGS = {
  'vllm-sweep': z.strictObject({
    ...POD,
    serve_cmd: text,
    bench_cmd: text,
    num_runs: count.optional(),
    requests: count.optional(),
    server_ready_timeout: count.optional(),
    serve_params: z.array(z.record(z.string(), z.json())).optional(),
    after_bench_cmd: text.optional(),
  }),
  aiperf: z.strictObject({ ...SERVER, ...ELSEWHERE, tokenizer: text.optional(), num_profile_runs: count.optional() }),
  sglang: z.strictObject({
    ...SERVER,
    tokenizer: text.optional(),
    module: text.optional(),
    client_backend: text.optional(),
    dataset_name: text.optional(),
  }),
  aa: z.strictObject({
    ...SERVER,
    ...ELSEWHERE,
    shape: z.enum(['aa-1k', 'aa-10k', 'aa-100k']).optional(),
    mode: z.enum(['synthetic', 'dataset-replay']).optional(),
    endpoint: text.optional(),
    endpoint_type: text.optional(),
    tokenizer: text.optional(),
    tokenizer_trust_remote_code: z.boolean().optional(),
    input_file: text.optional(),
    custom_dataset_type: text.optional(),
    extra_output_controls: z.boolean().optional(),
    // Names that configs of the predecessor use for the settings above.
    model: text.optional(),
    url: text.optional(),
    request_count: count.optional(),
  }),
  bench: z.strictObject({
    ...SERVER,
    suite: text.optional(),
    duration_s: z.number().positive().optional(),
    trials: count.optional(),
    warm_up_s: z.number().nonnegative().optional(),
    seed: z.number().int().optional(),
  }),
} as const;

/** A command of a cell. */
export interface CellCommand {
  /** Names its record: `NN-<slug>`. */
  readonly slug: string;
  readonly argv: readonly string[];
  /** The loads that it measures. */
  readonly concurrencies: readonly number[];
  /** Base URL of the server that it loads, without `/v1`; absent where the tool starts it itself. */
  readonly server?: string;
  /** Files that it reads, written before it starts. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

export interface CellCall {
  readonly cell: CellConfig;
  readonly backend: CellRunBackend;
  /** Win over the config. */
  readonly endpointUrl: string | undefined;
  readonly servedModel: string | undefined;
  /** Absolute path of the folder that takes what the tools write. */
  readonly raw: string;
  /** The words that start our own load generator. */
  readonly bench: readonly string[];
}

/** True where a block of the cell says how `cell_run` runs it. */
export const isRunnable = (cell: CellConfig): boolean =>
  CELL_RUN_BACKENDS.some((backend) => cell[BLOCK_OF[backend]] !== undefined);

/** The backend that a call about the cell has to name; null where the cell itself settles it. */
export const backendToName = (cell: CellConfig): CellRunBackend | null => {
  const [first, ...others] = CELL_RUN_BACKENDS.filter((backend) => cell[BLOCK_OF[backend]] !== undefined);
  if (first === undefined || others.length === 0) return null;
  return [first, ...others].some((backend) => backend === cell.backend) ? null : first;
};

/**
 * The backend of a call: the one it names, else the cell's own, else the only one that the cell has a block for. Throws a Fault
 * `backend_open`, or `run_block_missing` where it has none.
 */
export const backendOf = (cell: CellConfig, named: CellRunBackend | undefined): CellRunBackend => {
  const able = CELL_RUN_BACKENDS.filter((backend) => cell[BLOCK_OF[backend]] !== undefined);
  const [only, ...others] = able;
  const found = named ?? able.find((backend) => backend === cell.backend) ?? (others.length === 0 ? only : undefined);
  if (found !== undefined) return found;
  if (only === undefined)
    throw inputFault('run_block_missing', `cell ${cell.cell_id} has no block that says how it is run`, {
      fix: 'import its results, or begin a campaign whose config has one in that cell',
    });
  throw inputFault('backend_open', `cell ${cell.cell_id} can be run by ${able.join(' or ')}`, {
    fix: `give --backend ${only}, or another of them`,
  });
};

const settingsOf = <Backend extends CellRunBackend>(backend: Backend, { cell_id, ...cell }: CellConfig) => {
  const block = BLOCK_OF[backend];
  const given = cell[block];
  if (given === undefined)
    throw inputFault('run_block_missing', `cell ${cell_id} has no block ${block}, so nothing says how ${backend} runs it`, {
      at: block,
      fix: `begin a campaign whose config has ${block} in that cell, name another --backend, or import its results`,
    });
  const parsed = SETTINGS[backend].safeParse(given);
  if (parsed.success) return parsed.data as z.output<(typeof SETTINGS)[Backend]>; // checked boundary: the schema of this backend
  const [issue] = parsed.error.issues;
  const known = Object.keys(SETTINGS[backend].shape);
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const key = unknown ?? issue?.path.join('.') ?? '';
  const absent = unknown === undefined && !Object.hasOwn(given, key);
  const nearest = unknown === undefined ? undefined : nearestName(unknown, known);
  const what = absent ? 'is missing' : (issue?.message ?? 'does not fit');
  throw inputFault('run_block_invalid', `${block} of cell ${cell_id}: ${key} ${what}`, {
    at: `${block}.${key}`,
    fix: nearest === undefined ? `begin a campaign whose config has it right: ${block} holds ${known.join(', ')}` : `did you mean ${nearest}?`,
  });
}; // prettier-ignore

/** Requests of a point: ten waves, so that a window is steady. */
const WAVES = 10;
const requestsOf = (concurrency: number, given: number | undefined): number => given ?? WAVES * concurrency;

const flag = (name: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [`--${name}`, String(value)];

const endpointOf = ({ cell, endpointUrl }: CellCall, configured: string | undefined): string => {
  const url = endpointUrl ?? configured;
  if (url !== undefined) return url.replace(/\/+$/, '');
  throw inputFault('endpoint_missing', `nothing says where cell ${cell.cell_id} is served`, {
    fix: 'give --endpoint-url, or endpoint_url in the block of the cell',
  });
};

const withoutVersion = (url: string): string => url.replace(/\/v1$/, '');

/** Between two loads the sweep empties the caches of a server that `vllm` itself starts, and fails after the first load of any other. */
const requireResettable = ({ cell }: CellCall, serve: string, after: string | undefined): void => {
  const [program = ''] = serve.trim().split(/\s+/);
  if (after !== undefined || program.endsWith('vllm')) return;
  throw inputFault('run_block_invalid', `vllm_sweep of cell ${cell.cell_id}: the sweep cannot reset the caches of a server that ${program} starts`, {
    at: 'vllm_sweep.serve_cmd',
    fix: 'begin serve_cmd with vllm, or give after_bench_cmd (true, where the caches are to stay)',
  });
}; // prettier-ignore

const vllmSweep = (call: CellCall): CellCommand[] => {
  const { cell, raw } = call;
  const settings = settingsOf('vllm-sweep', cell);
  const { serve_cmd, bench_cmd, num_runs = 1, requests, server_ready_timeout, serve_params, after_bench_cmd } = settings;
  requireResettable(call, serve_cmd, after_bench_cmd);
  const file = (name: string, value: JsonValue) => ({ path: join(raw, name), text: jsonFile(value) });
  const points = cell.concurrencies.map((concurrency) => ({
    max_concurrency: concurrency,
    num_prompts: requestsOf(concurrency, requests),
  }));
  const bench = file('bench-params.json', points);
  const serve = serve_params === undefined ? undefined : file('serve-params.json', serve_params);
  const argv = [
    'vllm', 'bench', 'sweep', 'serve',
    '--serve-cmd', serve_cmd,
    '--bench-cmd', bench_cmd,
    '--bench-params', bench.path,
    ...flag('serve-params', serve?.path),
    '--output-dir', raw,
    '--experiment-name', 'sweep',
    '--num-runs', String(num_runs),
    ...flag('server-ready-timeout', server_ready_timeout),
    ...flag('after-bench-cmd', after_bench_cmd),
    // What the server says, too: why it ended is found nowhere else.
    '--show-stdout',
  ];
  return [{ slug: 'vllm-sweep', argv, concurrencies: cell.concurrencies, files: [bench, ...(serve === undefined ? [] : [serve])] }];
}; // prettier-ignore

/** A fixed length of the answers: without the two inputs a model ends where it likes, and cells differ in their work. */
const exactOutput = (tokens: number | undefined): string[] =>
  tokens === undefined
    ? []
    : [
        '--output-tokens-mean',
        `${tokens}`,
        '--extra-inputs',
        'ignore_eos:true',
        '--extra-inputs',
        `min_tokens:${tokens}`,
      ];

const aiperf = (call: CellCall): CellCommand[] => {
  const { cell, raw } = call;
  const settings = settingsOf('aiperf', cell);
  const url = withoutVersion(endpointOf(call, settings.endpoint_url));
  return cell.concurrencies.map((concurrency) => ({
    slug: `aiperf-c${concurrency}`,
    server: url,
    argv: [
      'aiperf', 'profile',
      '--model', call.servedModel ?? settings.served_model ?? cell.model,
      '--url', url,
      '--endpoint-type', 'chat',
      '--streaming',
      '--concurrency', String(concurrency),
      '--request-count', String(requestsOf(concurrency, settings.requests)),
      ...flag('synthetic-input-tokens-mean', cell.isl),
      ...exactOutput(cell.osl),
      ...flag('tokenizer', settings.tokenizer),
      ...flag('num-profile-runs', settings.num_profile_runs),
      '--output-artifact-dir', join(raw, `c${concurrency}`),
    ],
    concurrencies: [concurrency],
    files: [],
  }));
}; // prettier-ignore

/** Shapes of Artificial Analysis: tokens of a prompt and the fewest of its answer. */
const AA_SHAPES = {
  'aa-1k': { isl: 1000, osl: 1000 },
  'aa-10k': { isl: 10_000, osl: 1500 },
  'aa-100k': { isl: 100_000, osl: 2000 },
} as const;

/** The shape that the block names, else the one that the cell is called after, else the one of its lengths. */
const aaShape = ({ cell }: CellCall, named: keyof typeof AA_SHAPES | undefined) => {
  const shapes = Object.entries(AA_SHAPES);
  const found =
    shapes.find(([name]) => name === (named ?? cell.cell_id)) ??
    shapes.find(([, { isl, osl }]) => named === undefined && isl === cell.isl && osl === cell.osl);
  if (found === undefined)
    throw inputFault('run_block_invalid', `aa of cell ${cell.cell_id}: shape is missing`, {
      at: 'aa.shape',
      fix: `give one of ${shapes.map(([name]) => name).join(', ')}`,
    });
  const [name, { isl, osl }] = found;
  if ((cell.isl ?? isl) === isl && (cell.osl ?? osl) === osl) return { isl, osl };
  throw inputFault('run_block_invalid', `cell ${cell.cell_id} says isl ${cell.isl} and osl ${cell.osl}, its shape ${name} is ${isl} and ${osl}`, {
    at: 'aa.shape',
    fix: 'leave isl and osl out, or give the shape that they are of',
  });
}; // prettier-ignore

const aaPrompts = ({ cell }: CellCall, { mode, input_file, custom_dataset_type = 'mooncake_trace' }: z.output<(typeof SETTINGS)['aa']>, isl: number, osl: number): string[] => {
  if (mode !== 'dataset-replay')
    return ['--synthetic-input-tokens-mean', `${isl}`, '--synthetic-input-tokens-stddev', '0', '--output-tokens-mean', `${osl}`, '--output-tokens-stddev', '0'];
  if (input_file !== undefined) return ['--input-file', input_file, '--custom-dataset-type', custom_dataset_type];
  throw inputFault('run_block_invalid', `aa of cell ${cell.cell_id}: dataset-replay needs the file that is replayed`, {
    at: 'aa.input_file',
    fix: 'give input_file, with prompts that differ: one prompt over and over is answered from the prefix cache',
  });
}; // prettier-ignore

/** The workload of Artificial Analysis: one shape, greedy, answers of a fixed least length, by AIPerf. */
const aa = (call: CellCall): CellCommand[] => {
  const { cell, raw } = call;
  const settings = settingsOf('aa', cell);
  const { isl, osl } = aaShape(call, settings.shape);
  const url = withoutVersion(endpointOf(call, settings.endpoint_url ?? settings.url));
  const controls = settings.extra_output_controls === false ? [] : [`min_tokens:${osl}`, 'ignore_eos:true'];
  return cell.concurrencies.map((concurrency) => ({
    slug: `aa-c${concurrency}`,
    server: url,
    argv: [
      'aiperf', 'profile',
      '--model', call.servedModel ?? settings.served_model ?? settings.model ?? cell.model,
      '--endpoint-type', settings.endpoint_type ?? 'chat',
      '--endpoint', settings.endpoint ?? '/v1/chat/completions',
      '--streaming',
      '--url', url,
      ...flag('tokenizer', settings.tokenizer),
      ...(settings.tokenizer_trust_remote_code === true ? ['--tokenizer-trust-remote-code'] : []),
      ...aaPrompts(call, settings, isl, osl),
      ...['temperature:0', 'top_p:1', ...controls].flatMap((input) => ['--extra-inputs', input]),
      '--concurrency', String(concurrency),
      '--request-count', String(requestsOf(concurrency, settings.requests ?? settings.request_count)),
      '--output-artifact-dir', join(raw, `c${concurrency}`),
    ],
    concurrencies: [concurrency],
    files: [],
  }));
}; // prettier-ignore

const sglang = (call: CellCall): CellCommand[] => {
  const { cell, raw } = call;
  const settings = settingsOf('sglang', cell);
  const url = withoutVersion(endpointOf(call, settings.endpoint_url));
  return cell.concurrencies.map((concurrency) => ({
    slug: `sglang-c${concurrency}`,
    server: url,
    argv: [
      'python3', '-m', settings.module ?? 'sglang.benchmark.serving',
      '--backend', settings.client_backend ?? 'sglang',
      '--base-url', url,
      '--model', call.servedModel ?? settings.served_model ?? cell.model,
      ...flag('tokenizer', settings.tokenizer),
      // Random token ids: `random` takes its words from ShareGPT, which it downloads.
      '--dataset-name', settings.dataset_name ?? 'random-ids',
      ...flag('random-input-len', cell.isl),
      ...flag('random-output-len', cell.osl),
      // Lengths as they are asked for: without it anything from one token to that many.
      '--random-range-ratio', '1.0',
      '--num-prompts', String(requestsOf(concurrency, settings.requests)),
      '--max-concurrency', String(concurrency),
      // Prompts of its own for each load: with one seed a load would find those of the load before in the cache.
      '--seed', String(concurrency),
      // Requests that failed are counted nowhere else.
      '--output-details',
      '--output-file', join(raw, `c${concurrency}.jsonl`),
    ],
    concurrencies: [concurrency],
    files: [],
  }));
}; // prettier-ignore

const ownBench = (call: CellCall): CellCommand[] => {
  const { cell, raw, bench } = call;
  const settings = settingsOf('bench', cell);
  const url = `${withoutVersion(endpointOf(call, settings.endpoint_url))}/v1`;
  return cell.concurrencies.map((concurrency) => ({
    slug: `bench-c${concurrency}`,
    server: withoutVersion(url),
    argv: [
      ...bench, 'run', settings.suite ?? 'random',
      '--base-url', url,
      ...flag('model', call.servedModel ?? settings.served_model),
      '--concurrency', String(concurrency),
      ...(settings.duration_s === undefined ? ['--requests', String(requestsOf(concurrency, settings.requests))] : flag('duration-s', settings.duration_s)),
      ...flag('trials', settings.trials),
      ...flag('warm-up-s', settings.warm_up_s),
      ...flag('seed', settings.seed),
      ...flag('isl', cell.isl),
      ...flag('osl', cell.osl),
      '--output', join(raw, `c${concurrency}`),
    ],
    concurrencies: [concurrency],
    files: [],
  }));
}; // prettier-ignore

const BUILDERS: Readonly<Record<CellRunBackend, (call: CellCall) => CellCommand[]>> = {
  'vllm-sweep': vllmSweep,
  aiperf,
  sglang,
  aa,
  bench: ownBench,
};

/**
 * The commands of a cell in their order. Throws a Fault `run_block_missing`, `run_block_invalid` or `endpoint_missing`.
 */
export const cellCommands = (call: CellCall): CellCommand[] => BUILDERS[call.backend](call);

/** What a config asks for that these commands do not do; said beside them. */
export const unusedSettings = ({ cell, backend }: CellCall): string[] => {
  const block = cell[BLOCK_OF[backend]] ?? {};
  return Object.keys(ELSEWHERE).filter((key) => Object.hasOwn(block, key));
};
