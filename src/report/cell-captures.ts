// What captures of a campaign's cells say: counters of the GPUs and kernels by category. A file of another shape stops the report before
// anything is drawn, and is named.
import { z } from 'zod';
import { readNamedText } from '../fs/named-text.ts';
import { inputFault } from '../text/fault.ts';
import { parseJson } from '../text/json.ts';
import { cellFile, type CELL_FILES } from '../campaign/layout.ts';

const figure = z.number().nullable();

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
  per_category_estimate: z.array(z.unknown()).optional(),
});

const currentKernels = z.object({
  sources: z.array(
    z.object({
      source: z.string(),
      unit: z.string(),
      per_category: z.record(z.string(), z.number()),
      top_kernels: z.array(z.object({ name: z.string(), category: z.string(), value: z.number(), calls: figure })),
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

const read = async <Schema extends z.ZodType>(
  campaign: string,
  cells: readonly string[],
  file: keyof typeof CELL_FILES,
  { schema, code, fix, signal }: { readonly schema: Schema; readonly code: string; readonly fix: string; readonly signal: AbortSignal },
): Promise<readonly OfCell<z.infer<Schema>>[]> => {
  const documents: OfCell<z.infer<Schema>>[] = [];
  for (const cell of cells) {
    const path = cellFile(campaign, cell, file);
    const parsed = schema.safeParse(parseJson(await readNamedText(path, { signal }), path));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw inputFault(code, `${path} cannot be drawn (${code === 'kernels_json_malformed' ? 'KernelsJsonMalformed' : 'malformed'}): ${issue?.message ?? ''}`, { path, at: issue?.path.join('.') ?? '', fix });
    }
    documents.push({ cell, document: parsed.data });
  }
  return documents;
}; // prettier-ignore

/** Throws a Fault `dcgm_malformed`. */
export const readCounters = (
  campaign: string,
  cells: readonly string[],
  signal: AbortSignal,
): Promise<readonly Counters[]> =>
  read(campaign, cells, 'dcgm', {
    schema: countersSchema,
    code: 'dcgm_malformed',
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
    fix: 'import the profile into another cell: perf_tune_report_import_nsys',
    signal,
  });
