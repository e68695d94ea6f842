// The commands of a roofline sweep: one of vLLM's client for each concurrency of decode and each prompt length of prefill, in a pod with
// dcgmi beside it, and one that copies the model's config. A caller's words reach the shell as arguments, never as text of a script.
import { join } from 'node:path/posix';
import { besideWords } from '../../telemetry/beside-command.ts';
import { CAPTURE_FILES } from '../../telemetry/capture.ts';
import type { FieldName } from '../../telemetry/gpu-fields.ts';
import type { CellCommand } from '../cells/cell-command.ts';

export const DECODE_CONCURRENCIES: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128, 192];
export const PREFILL_LENGTHS: readonly number[] = [512, 1024, 2048, 4096, 8192];

/** What is sent, beside what the sweep varies: decode has short prompts, prefill answers of one token. */
const DECODE = { isl: 256, osl: 512 };
const PREFILL = { concurrency: 1, osl: 1, prompts: 32 };

/** Waves of decode: fewer than twice the concurrency are no steady window, below five is worth a warning. */
const WAVES = 6;
/** At low concurrency more, so that a point is not a few seconds long. */
const FEWEST_PROMPTS = 16;

export type Phase = 'decode' | 'prefill';

/** One operating point of the sweep. */
export interface SweepPoint {
  /** `decode-c8`, `prefill-i512`. */
  readonly tag: string;
  readonly phase: Phase;
  readonly c: number;
  readonly isl: number;
  readonly osl: number;
  readonly num_prompts: number;
  /** Of its own, so that no point finds its prompts in the cache of another. */
  readonly seed: number;
}

export interface SweepLoads {
  readonly concurrencies: readonly number[];
  readonly isls: readonly number[];
}

/** Points in the order in which they are measured. */
export const sweepPoints = ({ concurrencies, isls }: SweepLoads): SweepPoint[] => {
  const decode = concurrencies.map((c): Omit<SweepPoint, 'seed'> => ({
    tag: `decode-c${c}`, phase: 'decode', c, ...DECODE, num_prompts: Math.max(FEWEST_PROMPTS, WAVES * c),
  })); // prettier-ignore
  const prefill = isls.map((isl): Omit<SweepPoint, 'seed'> => ({
    tag: `prefill-i${isl}`, phase: 'prefill', c: PREFILL.concurrency, isl, osl: PREFILL.osl, num_prompts: PREFILL.prompts,
  })); // prettier-ignore
  return [...decode, ...prefill].map((point, index) => ({ ...point, seed: index + 1 }));
};

export interface SweepTarget {
  /** Base URL without `/v1`. */
  readonly server: string;
  /** Name or folder of the model. */
  readonly model: string;
  /** Name that the server knows it by; the model where undefined. */
  readonly servedModel: string | undefined;
  readonly tokenizer: string;
  /** Folder that the commands write into, as they see it. */
  readonly raw: string;
  /** Whether dcgmi is read beside each point by the command itself. */
  readonly withCounters: boolean;
}

/** Activity of the parts that a roofline needs. */
const COUNTED: readonly FieldName[] = [
  'gr_engine_active', 'sm_active', 'tensor_active', 'dram_active', 'fp16_active', 'nvlink_tx', 'nvlink_rx',
]; // prettier-ignore

/** Folder of what the GPUs did beside a point. */
const counterFolder = (tag: string): string => `${tag}.gpus`;

/** File of dcgmi's table of a point. */
export const counterTable = (tag: string): string => join(counterFolder(tag), CAPTURE_FILES.raw);
/** File of the client's result of a point. */
export const resultName = (tag: string): string => `${tag}.json`;

const benchArgv = ({ server, model, servedModel, tokenizer, raw }: SweepTarget, point: SweepPoint): string[] => [
  'vllm', 'bench', 'serve',
  '--base-url', server,
  '--model', model,
  ...(servedModel === undefined ? [] : ['--served-model-name', servedModel]),
  '--tokenizer', tokenizer,
  '--dataset-name', 'random',
  '--random-input-len', String(point.isl),
  '--random-output-len', String(point.osl),
  '--num-prompts', String(point.num_prompts),
  '--max-concurrency', String(point.c),
  '--seed', String(point.seed),
  '--ignore-eos',
  '--percentile-metrics', 'ttft,tpot,itl',
  '--save-result',
  '--result-dir', raw,
  '--result-filename', resultName(point.tag),
]; // prettier-ignore

/** The command that measures a point. */
export const pointCommand = (target: SweepTarget, point: SweepPoint): CellCommand => {
  const bench = benchArgv(target, point);
  const { raw } = target;
  const ask = { folder: join(raw, counterFolder(point.tag)), shared: raw, fields: COUNTED };
  return {
    slug: point.tag,
    argv: target.withCounters ? besideWords(ask, bench) : bench,
    concurrencies: [point.c],
    server: target.server,
    files: [],
  };
}; // prettier-ignore

export const MODEL_CONFIG = 'model_config.json';

/** Copies the config of a model folder, else that of the newest snapshot in the hub's cache. Arguments: model, folder name, target. */
const COPY_CONFIG = `
if [ -f "$1/config.json" ]; then exec cp "$1/config.json" "$3"; fi
for hub in "$HF_HUB_CACHE" "$HF_HOME/hub" "$HOME/.cache/huggingface/hub"; do
  found=$(ls -t "$hub/$2"/snapshots/*/config.json 2>/dev/null | head -n 1)
  [ -n "$found" ] && exec cp "$found" "$3"
done
echo "no config.json of $1" >&2
exit 1
`;

/** The command that brings the model's config from where the client runs. */
export const configCommand = ({ model, raw }: SweepTarget): CellCommand => ({
  slug: 'model-config',
  argv: ['sh', '-c', COPY_CONFIG, 'sh', model, `models--${model.replaceAll('/', '--')}`, join(raw, MODEL_CONFIG)],
  concurrencies: [],
  files: [],
});
