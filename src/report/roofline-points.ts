// The points of a campaign's sweeps, from `roofline_v1.json` of its cells: rows of the table of that name. A file that is damaged stops the
// report before anything is drawn.
import { readNamedText } from '../fs/named-text.ts';
import { inputFault } from '../text/fault.ts';
import { parseJson } from '../text/json.ts';
import { z } from 'zod';
import { CELL_FILES, cellFile } from '../campaign/layout.ts';

const figure = z.number().nullable();

const fileSchema = z.object({
  rows: z.array(
    z.object({
      cell_id: z.string(),
      model: z.string(),
      hardware: z.string(),
      quant: z.string(),
      tensor_parallel: z.number(),
      phase: z.enum(['decode', 'prefill']),
      concurrency: z.number(),
      isl: figure,
      osl: figure,
      arithmetic_intensity: figure,
      achieved_tflops_per_gpu: figure,
      hbm_delivered_pct: figure,
      dram_active_pct: figure,
      tensor_active_pct: figure,
      sm_active_pct: figure,
      compute_peak_pflops_per_gpu: figure,
      hbm_peak_tbps_per_gpu: figure,
    }),
  ),
});

/** Shares in percent, peaks of the datasheet. */
export interface RooflinePoint {
  /** Cell and file that hold it: `sweep-decode/roofline_v1.json`. */
  readonly file: string;
  readonly sweep: string;
  readonly model: string;
  readonly hardware: string;
  readonly quant: string;
  readonly tp: number;
  readonly phase: 'decode' | 'prefill';
  readonly concurrency: number;
  readonly isl: number | null;
  readonly osl: number | null;
  /** FLOP per byte. */
  readonly intensity: number | null;
  readonly tflops: number | null;
  readonly delivered: number | null;
  readonly dram: number | null;
  readonly tensor: number | null;
  readonly sm: number | null;
  readonly peakPflops: number | null;
  readonly peakTbps: number | null;
}

/** The points of these cells' files. Throws a Fault `roofline_malformed` that names the file. */
export const readRooflinePoints = async (
  campaign: string,
  cells: readonly string[],
  signal: AbortSignal,
): Promise<readonly RooflinePoint[]> => {
  const points: RooflinePoint[] = [];
  for (const cell of cells) {
    const path = cellFile(campaign, cell, 'rooflineRows');
    const parsed = fileSchema.safeParse(parseJson(await readNamedText(path, { signal }), path));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw inputFault('roofline_malformed', `${path} holds no rows of a sweep: ${issue?.message ?? ''}`, {
        path,
        at: issue?.path.join('.') ?? '',
        fix: 'import the sweep again: perf_tune_report_import_roofline_sweep',
      });
    }
    for (const row of parsed.data.rows)
      points.push({
        file: `${cell}/${CELL_FILES.rooflineRows}`,
        sweep: row.cell_id.replace(/-(decode|prefill)$/, ''),
        model: row.model,
        hardware: row.hardware,
        quant: row.quant,
        tp: row.tensor_parallel,
        phase: row.phase,
        concurrency: row.concurrency,
        isl: row.isl,
        osl: row.osl,
        intensity: row.arithmetic_intensity,
        tflops: row.achieved_tflops_per_gpu,
        delivered: row.hbm_delivered_pct,
        dram: row.dram_active_pct,
        tensor: row.tensor_active_pct,
        sm: row.sm_active_pct,
        peakPflops: row.compute_peak_pflops_per_gpu,
        peakTbps: row.hbm_peak_tbps_per_gpu,
      });
  }
  return points;
};
