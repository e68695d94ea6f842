// The YAML of a campaign: what is measured, in which cells, and by which rules it is priced and closed. The whole file is
// checked before anything is made of it, and every problem is named with its line. Never fills in what a cell must say.
import { z } from 'zod';
import { CONFIGURATION_BYTES, readNamedText } from '../fs/named-text.ts';
import { shapeHint } from '../text/file-shape.ts';
import { checkGpuCount } from '../importers/gpu-count.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { describeJson, type JsonValue } from '../text/json.ts';
import { nearestName } from '../text/nearest.ts';
import { parsePlacedYaml, type PlacedYaml } from '../text/yaml.ts';
import { isSafeSegment } from '../fs/safe-path.ts';
import { lineageSchema } from './lineage.ts';
import { CACHE_MODES, PARALLEL_STRATEGIES } from './row.ts';
import { runOnSchema } from './run-on.ts';

const settings = z.record(z.string(), z.json());
const usd = z.number().nonnegative();
const size = z.number().int().positive();
const name = z.string().min(1);
const segment = z
  .string()
  .refine(isSafeSegment, 'is no safe name: a letter or digit, then letters, digits, ".", "_" or "-"');

/** Blocks that say how a cell is run; a cell without any is one whose results are imported. */
export const RUN_BLOCKS = ['vllm_sweep', 'aiperf', 'sglang', 'bench', 'aa'] as const;
export type RunBlock = (typeof RUN_BLOCKS)[number];

export const cellConfigSchema = z.strictObject({
  cell_id: segment,
  model: name,
  hardware: name,
  quant: name,
  tensor_parallel: size,
  parallel_strategy: z.enum(PARALLEL_STRATEGIES),
  mtp: z.boolean(),
  max_num_batched_tokens: size,
  concurrencies: z.array(size).min(1),
  backend: name.optional(),
  data_parallel: size.optional(),
  pipeline_parallel: size.optional(),
  expert_parallel: size.optional(),
  n_gpus: size.optional(),
  gpus_per_node: size.optional(),
  cache_mode: z.enum(CACHE_MODES).optional(),
  dataset: name.optional(),
  isl: size.optional(),
  osl: size.optional(),
  num_speculative_tokens: size.optional(),
  max_num_seqs: size.optional(),
  kv_cache_dtype: name.optional(),
  cudagraph_mode: name.optional(),
  gpu_memory_utilization: z.number().min(0).max(1).optional(),
  enable_prefix_caching: z.boolean().optional(),
  async_scheduling: z.boolean().optional(),
  image: name.optional(),
  serving_engine: name.optional(),
  extras: settings.optional(),
  helm_overrides: settings.optional(),
  profile: settings.optional(),
  notes: z.string().optional(),
  /** Where its commands run; without it on this machine. */
  run_on: runOnSchema.optional(),
  vllm_sweep: settings.optional(),
  aiperf: settings.optional(),
  sglang: settings.optional(),
  bench: settings.optional(),
  aa: settings.optional(),
}); // prettier-ignore

export type CellConfig = z.output<typeof cellConfigSchema>;

export const FOCUSES = ['throughput', 'latency', 'mixed', 'accuracy'] as const;
const CLOSE_REASONS = ['beat-target', 'measured-plateau', 'infra-wall'] as const;

export const campaignConfigSchema = z.strictObject({
  name: name.optional(),
  description: z.string().optional(),
  experiment_id: segment.optional(),
  family: name.optional(),
  evidence_bundle_path: name.optional(),
  focus: z.enum(FOCUSES).optional(),
  next_lever: z.string().optional(),
  close_reason: z.enum(CLOSE_REASONS).optional(),
  krhpa: settings.optional(),
  krhpa_exempt_reason: z.string().optional(),
  roofline_gap_arms: z.union([z.record(z.string(), z.string()), z.array(name)]).optional(),
  tpm: z
    .strictObject({
      ttft_sla_ms: z.number().positive().optional(),
      tpot_sla_ms: z.number().positive().optional(),
      gpus_per_node: size.optional(),
      gpus_per_rack: size.optional(),
    })
    .optional(),
  cost: z.strictObject({ usd_per_gpu_hour: z.record(name, usd).optional() }).optional(),
  provenance: lineageSchema.optional(),
  campaign: settings.optional(),
  cells: z.array(cellConfigSchema),
});

export type CampaignConfig = z.output<typeof campaignConfigSchema>;

/** The config of a campaign and its exact bytes, which are frozen with it. */
export interface ReadConfig {
  readonly config: CampaignConfig;
  readonly text: string;
}

interface Problem {
  readonly at: string;
  readonly says: string;
}

/** Most problems that one error names. */
const MOST_PROBLEMS = 20;

const keysAt = (path: readonly PropertyKey[]): readonly string[] =>
  Object.keys(path[0] === 'cells' ? cellConfigSchema.shape : path.length === 0 ? campaignConfigSchema.shape : {});

const pathText = (path: readonly PropertyKey[]): string =>
  path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('').replace(/^\./, ''); // prettier-ignore

const isAbsent = (value: JsonValue, path: readonly PropertyKey[]): boolean => {
  let at: unknown = value;
  for (const part of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined;
  return at === undefined;
};

const unknownKeys = (issue: z.core.$ZodIssueUnrecognizedKeys, { placeOf }: PlacedYaml): Problem[] =>
  issue.keys.map((key) => {
    const nearest = nearestName(key, keysAt(issue.path));
    const place = pathText([...issue.path, key]);
    return {
      at: placeOf([...issue.path, key]),
      says: `${place} is no known key${nearest === undefined ? '' : ` (did you mean ${nearest}?)`}`,
    };
  });

const problemsOf = (issue: z.core.$ZodIssue, yaml: PlacedYaml): Problem[] => {
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue, yaml);
  if (issue.path.length === 0)
    return [{ at: yaml.placeOf([]), says: `holds ${describeJson(yaml.value)}, no keys such as cells` }];
  const place = pathText(issue.path);
  const says = isAbsent(yaml.value, issue.path) ? `${place} is missing` : `${place}: ${issue.message}`;
  return [{ at: yaml.placeOf(issue.path), says }];
};

/** Cells of one name would write over each other. */
const repeatedCells = ({ cells }: CampaignConfig, { placeOf }: PlacedYaml): Problem[] => {
  const seen = new Set<string>();
  return cells.flatMap(({ cell_id }, index) => {
    const isNew = !seen.has(cell_id.toLowerCase());
    seen.add(cell_id.toLowerCase());
    return isNew ? [] : [{ at: placeOf(['cells', index, 'cell_id']), says: `cells[${index}].cell_id ${cell_id} is given twice` }];
  }); // prettier-ignore
};

/** A load that is listed twice would be measured twice, as if it were two points. */
const repeatedLoads = ({ cells }: CampaignConfig, { placeOf }: PlacedYaml): Problem[] =>
  cells.flatMap(({ concurrencies }, index) =>
    concurrencies.flatMap((load, at) =>
      concurrencies.indexOf(load) === at
        ? []
        : [{ at: placeOf(['cells', index, 'concurrencies', at]), says: `cells[${index}].concurrencies[${at}] ${load} is given twice` }],
    ),
  ); // prettier-ignore

/** A number of GPUs that the sizes beside it refute would make every rate per GPU wrong. */
const refutedGpus = ({ cells }: CampaignConfig, { placeOf }: PlacedYaml, path: string): Problem[] =>
  cells.flatMap(({ n_gpus, tensor_parallel: tp, pipeline_parallel: pp, data_parallel: dp }, index) => {
    try {
      checkGpuCount({ n_gpus, tp, pp, dp }, path);
      return [];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return [{ at: placeOf(['cells', index, 'n_gpus']), says: `cells[${index}].${error.message.replace(`${path}: `, '')}` }];
    }
  }); // prettier-ignore

const problemsAcross = (config: CampaignConfig, yaml: PlacedYaml, path: string): Problem[] => [
  ...repeatedCells(config, yaml),
  ...repeatedLoads(config, yaml),
  ...refutedGpus(config, yaml, path),
];

const configFault = (path: string, problems: readonly Problem[]) => {
  const shown = problems.slice(0, MOST_PROBLEMS).map(({ at, says }) => `${at} ${says}`);
  const rest = problems.length - shown.length;
  return inputFault(
    'campaign_config_invalid',
    `${path} is no campaign:\n${[...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n')}`,
    {
      path,
      at: problems[0]?.at ?? '1:1',
      fix: `correct ${problems.length === 1 ? 'that place' : 'these places'}; ${shapeHint('campaign')}`,
      data: { problems: problems.slice(0, MOST_PROBLEMS).map(({ at, says }) => ({ at, says })) },
    },
  );
};

/** Checks the text of a campaign's YAML. Throws a Fault `yaml_syntax` or `campaign_config_invalid` with every place. */
export const parseCampaignConfig = async (text: string, path: string): Promise<CampaignConfig> => {
  const yaml = await parsePlacedYaml(text, path);
  const parsed = campaignConfigSchema.safeParse(yaml.value);
  const problems = parsed.success
    ? problemsAcross(parsed.data, yaml, path)
    : parsed.error.issues.flatMap((issue) => problemsOf(issue, yaml));
  if (parsed.success && problems.length === 0) return parsed.data;
  throw configFault(path, problems);
};

/** What stands where bytes are no UTF-8: a frozen copy of such a text would not be the file. */
const REPLACEMENT = '\uFFFD';

const notUtf8 = (text: string, path: string): Fault => {
  const before = text.slice(0, text.indexOf(REPLACEMENT)).split('\n');
  const at = `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  return inputFault('campaign_config_invalid', `${path} is no campaign:\n${at} holds bytes that are no UTF-8`, {
    path,
    at,
    fix: 'save the file as UTF-8',
  });
};

/** Reads the YAML of a campaign. Throws as `parseCampaignConfig`, and the faults of reading a named file. */
export const readCampaignConfig = async (path: string, signal?: AbortSignal): Promise<ReadConfig> => {
  const text = await readNamedText(path, { limit: CONFIGURATION_BYTES, signal });
  if (text.includes(REPLACEMENT)) throw notUtf8(text, path);
  return { config: await parseCampaignConfig(text, path), text };
};

/** The blocks of a cell that say how it is run, in the order of `RUN_BLOCKS`. */
export const runBlocksOf = (cell: CellConfig): RunBlock[] => RUN_BLOCKS.filter((block) => cell[block] !== undefined);
