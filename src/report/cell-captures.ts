// What captures of a campaign's cells say: counters of the GPUs and kernels by category. A file of another shape stops the report before
// anything is drawn, and is named.
import { z } from 'zod';
import { readNamedText } from '../fs/named-text.ts';
import { parseJson } from '../text/json.ts';
import { countedKernelsSchema } from '../campaign/grounding/counted-kernels.ts';
import { cellFile, type CELL_FILES } from '../campaign/layout.ts';
import { Fault, inputFault } from '../text/fault.ts';

const figure = z.number().nullable();

/** The predecessor shared bytes of the whole window out by time, and named no basis: that measures no category. */
const attributedSchema = z.object({
  category: z.string(),
  basis: z.string().optional(),
  time_share_pct: figure.optional(),
  effective_bw_during_category_window: figure.optional(),
  effective_tflops_during_category_window: figure.optional(),
  sol_pct_bw: figure.optional(),
  sol_pct_compute: figure.optional(),
  bound: z.string().nullable().optional(),
  ceiling_metric: z.string().nullable().optional(),
});

const countersSchema = z.object({
  hw_key: z.string(),
  n_gpus: z.number(),
  duration_s: z.number(),
  power_watts_per_gpu: figure.optional(),
  regime: z.string().optional(),
  regime_rule: z.string().optional(),
  resources: z.array(
    z.object({
      peak_key: z.string(),
      metric: z.string(),
      measured_avg: z.number(),
      sol_pct: figure,
      best_pct: figure.optional(),
      share_of: z.string().optional(),
      notes: z.array(z.string()).optional(),
    }),
  ),
  /** Of the window, by counter. */
  means: z.record(z.string(), z.number()).optional(),
  per_category_attribution: z.array(attributedSchema).optional(),
  per_category_estimate: z
    .array(z.object({ category: z.string(), share_pct: z.number(), share_of: z.string() }))
    .optional(),
});

const currentKernels = z.object({
  sources: z.array(
    z.object({
      source: z.string(),
      unit: z.string(),
      per_category: z.record(z.string(), z.number()),
      top_kernels: z.array(
        z.object({
          name: z.string(),
          category: z.string(),
          bucket: z.string().optional(),
          value: z.number(),
          calls: figure,
        }),
      ),
    }),
  ),
});

/** Version 1, the predecessor's: one source, whatever it counts is called samples. */
const formerKernels = z
  .object({
    schema_version: z.literal(1),
    captured_sources: z.array(z.string()),
    per_category: z.record(z.string(), z.number()),
    top_kernels: z.array(z.object({ name: z.string(), category: z.string(), samples: z.number() })),
  })
  .transform(({ captured_sources: [source = 'unnamed capture'], per_category, top_kernels: kernels }) => ({
    sources: [
      {
        source,
        unit: 'samples',
        per_category,
        top_kernels: kernels.map(({ name, category, samples }) => ({ name, category, value: samples, calls: null })),
      },
    ],
  }));

const kernelsSchema = z.union([currentKernels, formerKernels]);

export interface OfCell<Document> {
  readonly cell: string;
  readonly document: Document;
}

export type Counters = OfCell<z.infer<typeof countersSchema>>;
export type Kernels = OfCell<z.infer<typeof currentKernels>>;
export type CountedKernels = OfCell<z.infer<typeof countedKernelsSchema>>;

interface Reading<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly code: string;
  /** The name by which the predecessor's users know this error. */
  readonly called: string;
  readonly fix: string;
  readonly signal: AbortSignal;
}

/** The value of a file. What is no JSON is refused by the same name as what has another shape. */
const valueAt = async (path: string, malformed: (why: string, at: string) => Fault, signal: AbortSignal): Promise<unknown> => {
  const text = await readNamedText(path, { signal });
  try {
    return parseJson(text, path);
  } catch (error) {
    if (error instanceof Fault) throw malformed(error.message.replace(`${path}: `, ''), error.details.at ?? '');
    throw error;
  }
}; // prettier-ignore

const read = async <Schema extends z.ZodType>(
  campaign: string,
  cells: readonly string[],
  file: keyof typeof CELL_FILES,
  { schema, code, called, fix, signal }: Reading<Schema>,
): Promise<readonly OfCell<z.infer<Schema>>[]> => {
  const documents: OfCell<z.infer<Schema>>[] = [];
  for (const cell of cells) {
    const path = cellFile(campaign, cell, file);
    const malformed = (why: string, at: string): Fault =>
      inputFault(code, `${path} cannot be drawn (${called}): ${why}`, { path, at, fix });
    const parsed = schema.safeParse(await valueAt(path, malformed, signal));
    const [issue] = parsed.error?.issues ?? [];
    if (!parsed.success) throw malformed(issue?.message ?? '', issue?.path.join('.') ?? '');
    documents.push({ cell, document: parsed.data });
  }
  return documents;
};

/** Throws a Fault `dcgm_malformed`. */
export const readCounters = (
  campaign: string,
  cells: readonly string[],
  signal: AbortSignal,
): Promise<readonly Counters[]> =>
  read(campaign, cells, 'dcgm', {
    schema: countersSchema,
    code: 'dcgm_malformed',
    called: 'malformed',
    fix: 'correlate again: perf_tune_report_dcgm_correlate',
    signal,
  });

/** Throws a Fault `kernels_json_malformed`. */
export const readKernels = (
  campaign: string,
  cells: readonly string[],
  signal: AbortSignal,
): Promise<readonly Kernels[]> =>
  read(campaign, cells, 'kernels', {
    schema: kernelsSchema,
    code: 'kernels_json_malformed',
    called: 'KernelsJsonMalformed',
    fix: 'import the profile into another cell: perf_tune_report_import_nsys',
    signal,
  });

/** Throws a Fault `ncu_kernels_malformed`. */
export const readCountedKernels = (
  campaign: string,
  cells: readonly string[],
  signal: AbortSignal,
): Promise<readonly CountedKernels[]> =>
  read(campaign, cells, 'ncuKernels', {
    schema: countedKernelsSchema,
    code: 'ncu_kernels_malformed',
    called: 'KernelsJsonMalformed',
    fix: 'import the counters into another cell: perf_tune_report_import_ncu',
    signal,
  });

/** The source that shares are taken of: times before samples. */
export const bestSource = ({ document: { sources } }: Kernels): Kernels['document']['sources'][number] | undefined =>
  sources.find(({ unit }) => unit === 'ns') ?? sources[0];
