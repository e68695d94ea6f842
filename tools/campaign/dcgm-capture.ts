// perf_tune_report_dcgm_capture: what the GPUs did over a window, by DCGM, an exporter, Prometheus or nvidia-smi, as a job.
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { readCampaignConfig } from '../../src/campaign/config.ts';
import { cellOf } from '../../src/campaign/cells/measure-cell.ts';
import { keepCapture } from '../../src/campaign/grounding/keep-capture.ts';
import { findCampaign } from '../../src/campaign/find-campaign.ts';
import { cellFile, configPath } from '../../src/campaign/layout.ts';
import { DISCOVERY, dmonArgv } from '../../src/drivers/dcgmi.ts';
import { execArgv, type KubeTarget } from '../../src/drivers/kubectl.ts';
import { localRunner } from '../../src/exec/run-process.ts';
import { artifactsFolder } from '../../src/fs/root.ts';
import { jobResult } from '../../src/jobs/job-answer.ts';
import type { JobContext } from '../../src/jobs/job-context.ts';
import { jobVerb } from '../../src/jobs/job-verb.ts';
import type { JobPlan } from '../../src/jobs/plan-pins.ts';
import { TELEMETRY_QUERY } from '../../src/load/gpu-query.ts';
import { formatNumber } from '../../src/render/numbers.ts';
import type { Captured } from '../../src/telemetry/captured.ts';
import { CAPTURE_FILES, takeReadings, type SourceAsk } from '../../src/telemetry/capture.ts';
import { captureText } from '../../src/telemetry/capture-text.ts';
import { FIELD_NAMES, GPU_FIELDS, type FieldName } from '../../src/telemetry/gpu-fields.ts';
import { podGpus } from '../../src/telemetry/pod-gpus.ts';
import { fieldQuery } from '../../src/telemetry/prometheus-source.ts';
import { Fault, inputFault } from '../../src/text/fault.ts';
import type { JsonValue } from '../../src/text/json.ts';
import { timeSlug } from '../../src/text/time.ts';
import { ceilings } from '../../src/verdict/judging-rules.ts';
import type { VerbContext } from '../../src/verb/context.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { fills } from '../../src/verb/path-use.ts';

const { campaign, campaigns_dir } = CAMPAIGN_FIELDS;

const FIELDS = {
  duration_s: z.number().positive().max(86_400).optional().describe('Seconds to read, from now.'),
  source: z.enum(['auto', 'dcgmi', 'nvidia-smi']).optional().describe('Default auto: dcgmi, else nvidia-smi.'),
  exporter_url: z.array(z.string().min(1)).min(1).optional().describe('Pages of dcgm-exporter, one a node.'),
  prometheus_url: z.string().min(1).optional().describe('Prometheus that scrapes the exporters.'),
  selector: z.string().min(1).optional().describe('Matchers for Prometheus: namespace="glm".'),
  since: z.iso.datetime({ offset: true }).optional().describe('Window for Prometheus; with until.'),
  until: z.iso.datetime({ offset: true }).optional().describe('Its end.'),
  fields: z.array(z.enum(FIELD_NAMES)).min(1).optional().describe('Default all.'),
  gpus: z.array(z.number().int().nonnegative()).min(1).optional().describe('Indices; default all.'),
  period_s: z.number().min(0.1).max(60).optional().describe('Default 1; for Prometheus 15.'),
  campaign: campaign.optional(),
  campaigns_dir,
  cell_id: z.string().min(1).optional().describe('Cell of the campaign that gets the capture.'),
  out: pathField('Folder. Default below the root.').optional(),
  hw_key: z.string().min(1).optional().describe('b200_sm100. Default by the GPUs, else the cell.'),
  quant: z.string().min(1).optional().describe('NVFP4, FP8, BF16. Default of the cell.'),
  node: z.string().min(1).optional().describe('Name of this node.'),
  pod: z.string().min(1).optional().describe('Pod whose dcgmi is run.'),
  namespace: z.string().min(1).optional().describe('Of the pod.'),
  container: z.string().min(1).optional().describe('Of the pod.'),
  kube_context: z.string().min(1).optional().describe('Default the current one.'),
};

type Input = z.output<z.ZodObject<typeof FIELDS>>;

/** JSON. */
interface Work {
  readonly source: SourceAsk;
  readonly fields: readonly FieldName[];
  readonly gpus?: readonly number[];
  readonly periodS: number;
  readonly durationS?: number;
  readonly folder: string;
  /** The cell that the capture is of: its campaign, and its own copy of the frozen snapshot. */
  readonly campaign?: string;
  readonly cellId?: string;
  readonly frozen?: string;
  readonly hwKey?: string;
  readonly hardware?: string;
  readonly quant?: string;
  readonly node?: string;
  readonly pod?: KubeTarget;
  readonly namespace?: string;
  readonly selector?: string;
  readonly productFolder: string;
  readonly stamp: string;
}

const requireUrl = (name: string, url: string): string => {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw inputFault('url_invalid', `${name} is no http or https address: ${url}`, { fix: `give ${name} as http://host:port` });
}; // prettier-ignore

const windowOf = ({ since, until }: Input): { readonly startMs: number; readonly endMs: number } | undefined => {
  if (since === undefined && until === undefined) return undefined;
  const [startMs, endMs] = [Date.parse(since ?? ''), Date.parse(until ?? '')];
  if (endMs > startMs) return { startMs, endMs };
  throw inputFault('window_invalid', 'since and until are no window', { fix: 'give both, the later one as until' });
};

const sourceOf = (input: Input): SourceAsk => {
  const { exporter_url: exporters, prometheus_url: prometheus, source, selector } = input;
  const named = [exporters, prometheus, source].filter((each) => each !== undefined);
  if (named.length > 1)
    throw inputFault('source_open', 'more than one source is named', { fix: 'give one of source, exporter_url and prometheus_url' });
  if (exporters !== undefined) return { kind: 'exporter', urls: exporters.map((url) => requireUrl('exporter_url', url)) };
  if (prometheus !== undefined) return { kind: 'prometheus', url: requireUrl('prometheus_url', prometheus), selector, window: windowOf(input) };
  return { kind: source ?? 'auto' };
}; // prettier-ignore

const requireLength = (input: Input, source: SourceAsk): void => {
  const past = source.kind === 'prometheus' && source.window !== undefined;
  if (past || input.duration_s !== undefined) return;
  throw inputFault('duration_missing', 'nothing says how long to read', {
    fix: 'give duration_s, or prometheus_url with since and until',
  });
};

interface CellOf {
  readonly campaign: string;
  readonly folder: string;
  readonly frozen: string;
  readonly hardware: string;
  readonly quant: string;
}

/** Where a cell keeps the capture. Captures are never replaced. */
const cellPlace = async (input: Input, context: VerbContext, stamp: string): Promise<CellOf | undefined> => {
  const { campaign: named, cell_id: cellId } = input;
  if (named === undefined && cellId === undefined) return undefined;
  if (named === undefined || cellId === undefined || input.out !== undefined)
    throw inputFault('place_open', 'a capture of a cell needs campaign and cell_id, and no out', { fix: 'give both, or out alone' });
  const folder = findCampaign(named, context, input.campaigns_dir);
  const { config } = await readCampaignConfig(configPath(folder), context.signal);
  const { hardware, quant } = cellOf(config, folder, cellId);
  const frozen = cellFile(folder, cellId, 'dcgmFrozen');
  if (existsSync(frozen))
    throw new Fault('refused', 'cell_filled', `${frozen} already holds a capture`, { path: frozen, fix: 'give out to keep both; captures are never replaced' });
  return { campaign: folder, folder: join(cellFile(folder, cellId, 'raw'), 'telemetry', stamp), frozen, hardware, quant };
}; // prettier-ignore

const podOf = ({ pod, namespace, container, kube_context: context }: Input): KubeTarget | undefined =>
  pod === undefined ? undefined : { pod, namespace, container, context };

const workOf = async (input: Input, context: VerbContext): Promise<Work> => {
  const source = sourceOf(input);
  requireLength(input, source);
  const stamp = timeSlug(context.now());
  const cell = await cellPlace(input, context, stamp);
  const own = input.out === undefined ? join(artifactsFolder(context.root), 'telemetry', stamp) : context.path(input.out);
  const given = {
    gpus: input.gpus,
    durationS: input.duration_s,
    campaign: cell?.campaign,
    cellId: input.cell_id,
    frozen: cell?.frozen,
    hwKey: input.hw_key,
    hardware: cell?.hardware,
    quant: input.quant ?? cell?.quant,
    node: input.node,
    pod: podOf(input),
    namespace: input.namespace,
    selector: input.selector,
  };
  return {
    source,
    fields: input.fields ?? FIELD_NAMES,
    periodS: input.period_s ?? (source.kind === 'prometheus' ? 15 : 1),
    folder: cell?.folder ?? own,
    productFolder: context.productFolder,
    stamp,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}; // prettier-ignore

const idsOf = (fields: readonly FieldName[]): number[] => fields.map((field) => GPU_FIELDS[field].id);

const commandsOf = ({ source, fields, gpus, periodS, durationS = 0 }: Work): string[][] => {
  const periodMs = Math.round(periodS * 1000);
  if (source.kind === 'nvidia-smi') return [[...TELEMETRY_QUERY]];
  if (source.kind === 'exporter' || source.kind === 'prometheus') return [];
  return [[...DISCOVERY], dmonArgv({ fields: idsOf(fields), gpus, periodMs, count: Math.max(1, Math.ceil(durationS / periodS)) })];
}; // prettier-ignore

const questionsOf = ({ source, fields }: Work): string[] => {
  if (source.kind === 'exporter') return source.urls.map((url) => `# reads ${url}`);
  if (source.kind === 'prometheus') return fields.map((field) => `# asks ${source.url}: ${fieldQuery(field, source.selector)}`);
  return source.kind === 'auto' ? ['# nvidia-smi where there is no dcgmi'] : [];
}; // prettier-ignore

const planOf = (work: Work, context: VerbContext): JobPlan => {
  const { pod, folder, frozen, periodS, durationS, stamp } = work;
  return {
    commands: commandsOf(work).map((argv) => (pod === undefined ? argv : execArgv(pod, argv))),
    inputs: [],
    cwd: context.cwd,
    notes: [
      `# a reading every ${formatNumber(periodS, 4)} s${durationS === undefined ? '' : ` for ${formatNumber(durationS, 6)} s`}; fields that are refused are left out one by one`,
      ...questionsOf(work),
      `# writes ${Object.values(CAPTURE_FILES).join(', ')} in ${folder}`,
      ...(frozen === undefined ? [] : [`# and ${frozen}`]),
    ],
    fresh: [stamp],
  };
}; // prettier-ignore

/** kubectl of a capture that was stopped: what it started in the pod is ended all the same. */
const asks = localRunner({ env: process.env, timeoutMs: 60_000 });

const take = async (work: Work, job: JobContext): Promise<Captured> => {
  const { folder, source, fields, gpus, periodS, durationS, pod, node, stamp } = work;
  const { run, env, signal } = job;
  const ask = { fields, gpus, periodMs: Math.round(periodS * 1000), durationS, until: signal };
  if (pod === undefined)
    return takeReadings(source, { run, env, node: node ?? env['NODE_NAME'] ?? hostname() }, ask, folder);
  const there = await podGpus(pod, { run, asks, env, node, mark: `dcgm-${stamp.toLowerCase()}` });
  try {
    return await takeReadings(source, there.place, ask, folder);
  } finally {
    if (signal.aborted) await there.end();
  }
};

const capture = async (work: Work, job: JobContext): Promise<JsonValue> => {
  const { folder, source, campaign, cellId } = work;
  const table = await ceilings({ root: job.root, env: job.env, productFolder: work.productFolder }, campaign);
  job.progress(0, 0, `reading ${source.kind === 'auto' ? 'dcgmi' : source.kind}`);
  const { summary, frozen, says } = await keepCapture(await take(work, job), { ...work, table });
  const next = campaign === undefined || cellId === undefined ? [] : [{ verb: 'perf_tune_report_dcgm_correlate', input: { campaign, cell_id: cellId } }];
  return jobResult(
    { summary: captureText(summary, says), links: [{ path: folder, title: 'Capture', mime_type: 'inode/directory' }], next },
    JSON.parse(JSON.stringify({ folder, frozen_yaml: frozen, ...summary })),
  );
}; // prettier-ignore

const dcgmCaptureJob = jobVerb({
  name: 'perf_tune_report_dcgm_capture',
  family: 'campaign',
  library: 'perf_tune_report',
  verb: 'dcgm_capture',
  file: 'dcgm_capture',
  title: 'Capture GPU counters',
  description:
    'Reads SM, tensor, DRAM and NVLink activity, power and clocks of GPUs over a window: dcgmi, nvidia-smi, an exporter or Prometheus. Writes the frozen YAML. A job.',
  fields: FIELDS,
  paths: {
    out: fills([
      [/^dcgm-(raw\.txt|readings\.jsonl)$/, null],
      [/^dcgm-capture\.json$/, /^\{\n {2}"schema_version": 1,/],
      [/^dcgm-frozen\.yaml$/, /^schema_version: 1\nhw_key: /],
    ]),
  },
  seldom: ['campaigns_dir', 'container', 'kube_context', 'fields', 'gpus', 'period_s', 'hw_key', 'quant', 'node'],
  examples: [
    {
      title: 'A minute of this node beside a run',
      input: { duration_s: 60, dry_run: true },
    },
  ],
  work: workOf,
  plan: planOf,
  body: capture,
});

export const dcgmCapture = defineVerb(dcgmCaptureJob.definition);

export const { body } = dcgmCaptureJob;
