// perf_tune_report_roofline_sweep: a sweep of decode concurrencies and prefill lengths with GPU counters beside each point, as a job.
import { join } from 'node:path';
import { z } from 'zod';
import { openPoints, runSweep, SWEEP_FILES, sweepPlan, type SweepWork } from '../../src/campaign/sweeps/run-sweep.ts';
import { DECODE_CONCURRENCIES, PREFILL_LENGTHS } from '../../src/campaign/sweeps/sweep-commands.ts';
import type { Place } from '../../src/campaign/cells/place.ts';
import { artifactsFolder } from '../../src/fs/root.ts';
import { jobResult } from '../../src/jobs/job-answer.ts';
import type { JobContext } from '../../src/jobs/job-context.ts';
import { jobVerb } from '../../src/jobs/job-verb.ts';
import { serverRoot } from '../../src/load/server-root.ts';
import { formatNumber, plural } from '../../src/render/numbers.ts';
import { Fault, inputFault } from '../../src/text/fault.ts';
import type { JsonObject, JsonValue } from '../../src/text/json.ts';
import { timeSlug } from '../../src/text/time.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { fills } from '../../src/verb/path-use.ts';

const loads = (unit: string) =>
  z.array(z.number().int().positive()).min(1).optional().describe(`${unit}. Several numbers.`);

const FIELDS = {
  namespace: z.string().min(1).optional().describe('Namespace of the pod.'),
  pod: z.string().min(1).optional().describe('Pod that serves, and in which the client runs.'),
  out: pathField('Folder of the sweep.'),
  model: z.string().min(1).describe('Name or folder of the model.'),
  tokenizer: z.string().min(1).optional().describe('Default the model.'),
  concurrencies: loads('Of decode. Default 1 to 192'),
  isls: loads('Prompt lengths of prefill. Default 512 to 8192'),
  container: z.string().min(1).optional().describe('Of the pod.'),
  kube_context: z.string().min(1).optional().describe('Default the current one.'),
  endpoint_url: z.string().min(1).optional().describe('Server. In a pod http://127.0.0.1:8000; without one needed.'),
  served_model: z.string().min(1).optional().describe('Name that the server knows. Default the model.'),
};

type Input = z.output<z.ZodObject<typeof FIELDS>>;

const placeOf = ({ namespace, pod, container, kube_context: context }: Input): Place => {
  if (pod === undefined && namespace === undefined) return { on: 'here' };
  if (pod === undefined || namespace === undefined)
    throw inputFault('place_open', 'a pod needs its namespace, and a namespace its pod', { fix: 'give both namespace and pod, or neither' });
  return { on: 'pod', pod: { pod, namespace, container: container ?? null, context: context ?? null, kubeconfig: null } };
}; // prettier-ignore

const IN_POD = 'http://127.0.0.1:8000';

const serverOf = ({ endpoint_url: url }: Input, place: Place): string => {
  const server = url ?? (place.on === 'pod' ? IN_POD : undefined);
  if (server === undefined) throw inputFault('endpoint_missing', 'nothing says where the model is served', { fix: 'give endpoint_url, or namespace and pod' });
  return serverRoot(server);
}; // prettier-ignore

const distinct = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);

const workOf = (input: Input, context: VerbContext): SweepWork => {
  const place = placeOf(input);
  const { model, tokenizer = model, concurrencies, isls, served_model: servedModel } = input;
  const stamp = timeSlug(context.now());
  const work: SweepWork = {
    out: context.path(input.out),
    place,
    server: serverOf(input, place),
    model,
    ...(servedModel === undefined ? {} : { servedModel }),
    tokenizer,
    concurrencies: distinct(concurrencies ?? DECODE_CONCURRENCIES),
    isls: distinct(isls ?? PREFILL_LENGTHS),
    stamp,
    raw: join(artifactsFolder(context.root), 'roofline-sweeps', stamp),
    productFolder: context.productFolder,
  };
  if (openPoints(work).length > 0) return work;
  throw new Fault('refused', 'sweep_measured', `${work.out} holds every point of this sweep`, {
    path: work.out,
    fix: 'import it with import_roofline_sweep, or give another out',
  });
};

const SHOWN = 14;

const figure = (bench: JsonObject, key: string, unit: string): string[] => {
  const value = bench[key];
  return typeof value === 'number' ? [`${formatNumber(value, 4)} ${unit}`] : [];
};

const sweep = async (work: SweepWork, job: JobContext): Promise<JsonValue> => {
  const { lines, warnings, stopped } = await runSweep(work, job);
  const measured = lines.filter(({ bench }) => bench !== null);
  if (measured.length === 0 && !job.signal.aborted)
    throw inputFault('sweep_failed', `no point was measured: ${lines[0]?.failure ?? stopped ?? 'the client wrote nothing'}`, {
      path: work.out,
      fix: 'read commands/ in the folder for what the client said, then start it again',
    });
  const texts = lines.map(({ point, bench, failure }) =>
    bench === null
      ? `  ${point.tag}: failed: ${failure ?? 'wrote nothing that can be read'}`
      : `  ${point.tag}: ${[...figure(bench, 'output_throughput', 'tok/s'), ...figure(bench, 'median_tpot_ms', 'ms TPOT'), ...figure(bench, 'median_ttft_ms', 'ms TTFT')].join(', ')}`,
  );
  const summary = [
    `${plural(measured.length, 'point')} of ${lines.length} measured in ${work.out}${stopped === null ? '' : `; stopped: ${stopped}`}`,
    ...texts.slice(0, SHOWN),
    ...warnings.map((warning) => `  ${warning}`),
  ].join('\n');
  const next = [
    { verb: 'perf_tune_report_import_roofline_sweep', input: { campaign: '<campaign>', bundle: work.out, hardware: '<B200>', quant: '<NVFP4>', tensor_parallel: '<8>' }, with: 'a campaign' },
  ];
  return jobResult(
    { summary, links: [{ path: work.out, title: 'Sweep', mime_type: 'inode/directory' }], next },
    { out: work.out, points: lines.map(({ point, bench, failure }) => ({ tag: point.tag, measured: bench !== null, failure })), files: Object.values(SWEEP_FILES), warnings: [...warnings], stopped },
  );
}; // prettier-ignore

const rooflineSweepJob = jobVerb({
  name: 'perf_tune_report_roofline_sweep',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'roofline_sweep',
  file: 'roofline_sweep',
  title: 'Measure a roofline sweep',
  description:
    "Measures decode by concurrency and prefill by prompt length with vLLM's client and GPU counters, in the serving pod or from here. A job that resumes.",
  fields: FIELDS,
  positionals: ['namespace', 'pod', 'out', 'model', 'tokenizer', 'concurrencies', 'isls', 'container'],
  seldom: ['container', 'kube_context', 'served_model'],
  paths: {
    out: fills([
      [/^(decode|prefill)_sweep\.jsonl$/, /^\{"(bench|c)":/],
      [/^roofline_sweep_manifest\.json$/, /^\{\n {2}"bench_backend"/],
      [/^model_config\.json$/, /^\s*\{/],
    ]),
  },
  examples: [
    {
      title: 'From this machine',
      input: { out: 'roof-sweep', model: 'org/model', endpoint_url: 'http://127.0.0.1:8000', dry_run: true },
    },
  ],
  work: workOf,
  plan: (work, context) => sweepPlan(work, context),
  body: sweep,
});

export const rooflineSweep = defineVerb(rooflineSweepJob.definition);

export const { body } = rooflineSweepJob;
