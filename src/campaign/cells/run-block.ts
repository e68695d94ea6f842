// The blocks of a cell that say how it is run: their settings, checked, and which backend they are of.
import { z } from 'zod';
import { Fault, inputFault } from '../../text/fault.ts';
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
/** The pod that runs the tool; what calls and `run_on` say of it is put together in `place.ts`. */
const POD = { namespace: text.optional(), bench_pod: text.optional(), kube_context: text.optional() };
const SERVER = { ...POD, endpoint_url: text.optional(), served_model: text.optional(), requests: count.optional() };
/** Data sets that configs of the predecessor name. */
export const ELSEWHERE = {
  dataset_split: text.optional(),
  conversation_count: count.optional(),
};

/** Names that AIPerf takes with either sign. */
const named = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.preprocess((value) => (typeof value === 'string' ? value.replaceAll('-', '_') : value), z.enum(names));

/** Of AIPerf 0.13: those whose answers are text that comes as a stream. The others have no time to the first token, or refuse lengths. */
const ENDPOINT_TYPES = ['chat', 'completions', 'responses', 'messages', 'huggingface_generate', 'raw'] as const;

/** Of AIPerf 0.13: files of prompts, and timestamped traces. */
const DATASET_TYPES = [
  'mooncake_trace', 'bailian_trace', 'baseten_trace', 'burst_gpt_trace', 'single_turn', 'multi_turn', 'random_pool', 'raw_payload', 'inputs_json',
  'dag_jsonl', 'sagemaker_data_capture',
] as const; // prettier-ignore

/** AIPerf takes at most so many runs of a profile. */
const MOST_PROFILE_RUNS = 10;

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
    workload_iters: z.number().int().min(2).optional(),
  }),
  aiperf: z.strictObject({
    ...SERVER,
    ...ELSEWHERE,
    tokenizer: text.optional(),
    num_profile_runs: count.max(MOST_PROFILE_RUNS).optional(),
  }),
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
    endpoint: z
      .string()
      .regex(/^(?!.*:\/\/)./, 'is a path of the server, as /v1/chat/completions; its address is endpoint_url')
      .optional(),
    endpoint_type: named(ENDPOINT_TYPES).optional(),
    tokenizer: text.optional(),
    tokenizer_trust_remote_code: z.boolean().optional(),
    input_file: text.optional(),
    custom_dataset_type: named(DATASET_TYPES).optional(),
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

export type RunSettings<Backend extends CellRunBackend> = z.output<(typeof SETTINGS)[Backend]>;

/** True where a block of the cell says how `cell_run` runs it. */
export const isRunnable = (cell: CellConfig): boolean => blocksOf(cell).length > 0;

const blocksOf = (cell: CellConfig): CellRunBackend[] =>
  CELL_RUN_BACKENDS.filter((backend) => cell[BLOCK_OF[backend]] !== undefined);

/** What is wrong with the block of a backend; null where nothing is. */
const blockProblem = (backend: CellRunBackend, cell: CellConfig): string | null => {
  try {
    settingsOf(backend, cell);
    return null;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
};

/** Why none of its blocks can be run as it stands; null where one can, or the cell has none. */
export const runProblem = (cell: CellConfig): string | null => {
  const problems = blocksOf(cell).map((backend) => blockProblem(backend, cell));
  return problems.includes(null) ? null : (problems[0] ?? null);
};

/** The backend that a call about the cell has to name; null where the cell itself settles it. */
export const backendToName = (cell: CellConfig): CellRunBackend | null => {
  const able = blocksOf(cell);
  if (able.length < 2 || able.some((backend) => backend === cell.backend)) return null;
  return able.find((backend) => blockProblem(backend, cell) === null) ?? null;
};

/**
 * The backend of a call: the one it names, else the cell's own, else the only one that the cell has a block for. Throws a Fault
 * `backend_open`, or `run_block_missing` where it has none.
 */
export const backendOf = (cell: CellConfig, named: CellRunBackend | undefined): CellRunBackend => {
  const able = blocksOf(cell);
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

export const settingsOf = <Backend extends CellRunBackend>(backend: Backend, { cell_id, ...cell }: CellConfig) => {
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
