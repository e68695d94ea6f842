// What the block `campaign` of a config says of running it: how cells are deployed and torn down, what they are compared with, how many
// run at once, which are the arms of a comparison. Keys of the predecessor's campaigns keep their meaning.
import { z } from 'zod';
import { inputFault } from '../../text/fault.ts';
import { nearestName } from '../../text/nearest.ts';
import { FOCUSES, type CampaignConfig } from '../config.ts';
import { configPath } from '../layout.ts';

const text = z.string().min(1);
const words = z.array(text).min(1);
const size = z.number().int().positive();

const page = z.url({ protocol: /^https?$/ });

/** Counters of the GPUs around each cell: a source that is read from here, or none. */
const COUNTERS = z.union([
  z.literal('off'),
  z
    .strictObject({
      source: z.enum(['auto', 'dcgmi', 'nvidia-smi']).optional(),
      exporter_url: z.array(page).min(1).optional(),
      prometheus_url: page.optional(),
      selector: text.optional(),
      period_s: z.number().min(0.1).max(60).optional(),
    })
    .refine(
      ({ source, exporter_url: exporters, prometheus_url: prometheus }) =>
        [source, exporters, prometheus].filter((each) => each !== undefined).length <= 1,
      'names more than one of source, exporter_url and prometheus_url',
    ),
]);

export type CounterSettings = z.output<typeof COUNTERS>;

const SETTINGS = z.strictObject({
  /** Words of a command; `{cell_id}`, `{campaign}` and `{values}` stand for the cell, the campaign and a file of its values. */
  deploy: z.strictObject({ command: words, teardown: words, timeout_s: size.default(1800) }).optional(),
  /** A Helm release that is upgraded for each cell, and put back afterwards. */
  target_release: text.optional(),
  target_namespace: text.default('inference'),
  chart_dir: text.optional(),
  base_values: text.optional(),
  kube_context: text.optional(),
  helm_timeout_s: size.default(1800),
  /** Page that answers 200 when the server takes requests; default: `/v1/models` of the cell's endpoint. */
  ready_url: text.optional(),
  ready_timeout_s: size.default(600),
  /** `family/measurement@tag` that every cell is compared with; `{cell}` stands for the cell. */
  comparator_baseline: z.string().optional(),
  record_family: text.optional(),
  max_parallel: size.optional(),
  /** Without it what was read beside the loads is taken. */
  dcgm: COUNTERS.optional(),
  /** Cells that are measured in turn, trial by trial. */
  arms: z.strictObject({ cells: z.array(text).min(2), trials: size.default(3) }).optional(),
  focus: z.enum(FOCUSES).optional(),
  /** Its configurations are as they would serve. */
  production_representative: z.boolean().optional(),
  drain_nodes: z.array(text).optional(),
  baseline_metric: text.optional(),
  baseline_concurrency: size.optional(),
});

export type RunSettings = z.output<typeof SETTINGS>;

/** Keys of the predecessor's campaigns that this version does not act on. */
const UNUSED = ['drain_nodes', 'baseline_metric', 'baseline_concurrency'] as const;

/** Settings that are given and not acted on. */
export const unusedRunSettings = (settings: RunSettings): string[] =>
  UNUSED.filter((key) => settings[key] !== undefined && !(Array.isArray(settings[key]) && settings[key].length === 0));

const invalid = (campaign: string, says: string, at: string, fix: string) =>
  inputFault('run_settings_invalid', `block campaign: ${says}`, { path: configPath(campaign), at, fix });

/** Throws a Fault `run_settings_invalid`. */
export const runSettings = (config: CampaignConfig, campaign: string): RunSettings => {
  const parsed = SETTINGS.safeParse(config.campaign ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const key = issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : (issue?.path.join('.') ?? '');
    const nearest = nearestName(key, Object.keys(SETTINGS.shape));
    throw invalid(campaign, `${key}: ${issue?.message ?? 'does not fit'}`, `campaign.${key}`, nearest === undefined ? 'docs/campaigns.md lists what it may hold' : `did you mean ${nearest}?`);
  }
  const { data } = parsed;
  const unknown = data.arms?.cells.find((arm) => !config.cells.some(({ cell_id }) => cell_id === arm));
  if (unknown !== undefined) throw invalid(campaign, `arms: there is no cell ${unknown}`, 'campaign.arms', 'name cells of the config');
  if (data.deploy !== undefined && data.target_release !== undefined)
    throw invalid(campaign, 'deploy and target_release are two ways to deploy', 'campaign.deploy', 'leave one of them out');
  if ((data.target_release === undefined) !== (data.chart_dir === undefined))
    throw invalid(campaign, 'target_release and chart_dir belong together', 'campaign.chart_dir', 'give both, or neither');
  return data;
}; // prettier-ignore
