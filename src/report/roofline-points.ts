// The points of a campaign's sweeps, from `roofline_v1.json` of its cells, rows of the table of that name; and what each sweep answers, from
// `roofline_sweep.json` beside it. A file that is damaged stops the report before anything is drawn.
import { existsSync } from 'node:fs';
import { answersSchema } from '../roofline/sweep-answers-schema.ts';
import type { SweepAnswers } from '../roofline/sweep-questions.ts';
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

/** What a sweep answers; null in a file that was written before sweeps answered. */
export interface AnsweredSweep {
  readonly sweep: string;
  readonly file: string;
  readonly answers: SweepAnswers | null;
}

const sweepOf = (cell: string): string => cell.replace(/-(decode|prefill)$/, '');

const readAs = async <Schema extends z.ZodType>(path: string, schema: Schema, signal: AbortSignal): Promise<z.output<Schema>> => {
  const parsed = schema.safeParse(parseJson(await readNamedText(path, { signal }), path));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw inputFault('roofline_malformed', `${path} holds no sweep that can be drawn: ${issue?.message ?? ''}`, {
    path,
    at: issue?.path.join('.') ?? '',
    fix: 'import the sweep again: perf_tune_report_import_roofline_sweep',
  });
}; // prettier-ignore

const answeredSchema = z.object({ answers: answersSchema.optional() });

/** The answers of these cells' sweeps. Throws a Fault `roofline_malformed` that names the file. */
export const readSweepAnswers = async (campaign: string, cells: readonly string[], signal: AbortSignal): Promise<readonly AnsweredSweep[]> => {
  const sweeps: AnsweredSweep[] = [];
  for (const cell of cells) {
    const path = cellFile(campaign, cell, 'roofline');
    const answers = existsSync(path) ? ((await readAs(path, answeredSchema, signal)).answers ?? null) : null;
    sweeps.push({ sweep: sweepOf(cell), file: `${cell}/${CELL_FILES.roofline}`, answers });
  }
  return sweeps;
}; // prettier-ignore

/** The points of these cells' files. Throws a Fault `roofline_malformed` that names the file. */
export const readRooflinePoints = async (
  campaign: string,
  cells: readonly string[],
  signal: AbortSignal,
): Promise<readonly RooflinePoint[]> => {
  const points: RooflinePoint[] = [];
  for (const cell of cells) {
    const { rows } = await readAs(cellFile(campaign, cell, 'rooflineRows'), fileSchema, signal);
    for (const row of rows)
      points.push({
        file: `${cell}/${CELL_FILES.rooflineRows}`,
        sweep: sweepOf(row.cell_id),
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
