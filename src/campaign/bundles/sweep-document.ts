// What a roofline sweep leaves beside its decode rows: `roofline_sweep.json` with every point, where it stands under the roofline and
// the answers to the sweep's two questions, and `roofline_v1.json` with the rows that a lake takes. A line that holds no figure
// gives none here.
import { numberAt, objectAt } from '../../importers/json-fields.ts';
import type { CeilingTable } from '../../hardware/ceilings.ts';
import { hardwareRates, type HardwareRates } from '../../roofline/rates.ts';
import { modelOfConfigs, type ReadModel } from '../../roofline/read-model.ts';
import { analyseSweepPoint, type SweepPoint, type SweepReading } from '../../roofline/sweep-analysis.ts';
import { sweepAnswers, type AnalysedPoint, type SweepAnswers } from '../../roofline/sweep-questions.ts';
import { Fault } from '../../text/fault.ts';
import { jsonFile, type JsonObject, type JsonValue } from '../../text/json.ts';
import type { CellExtraFile } from '../cell-files.ts';
import { CELL_FILES } from '../layout.ts';
import type { AtlasRow } from '../row.ts'; // prettier-ignore

export type Phase = 'decode' | 'prefill';

/** Configs of the model as the publisher wrote them, and where they were. */
export interface SweepModel {
  readonly source: string;
  readonly config: JsonObject;
  readonly side: JsonObject | null;
}

export interface SweepLines {
  readonly cellId: string;
  readonly decode: readonly JsonObject[];
  readonly prefill: readonly JsonObject[];
  readonly model: SweepModel | null;
  /** Null where the ceilings are switched off. */
  readonly ceilings: CeilingTable | null;
}

/** Model and hardware of a sweep, and why one of them gives no figures. */
interface Ground {
  readonly model: ReadModel | null;
  readonly hardware: HardwareRates | null;
  readonly reason: string | null;
}

const tried = <Value>(read: () => Value): Value | string => {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
};

const groundOf = ({ model, ceilings }: SweepLines, row: AtlasRow | undefined): Ground => {
  const read = model === null ? 'no config of the model was given' : tried(() => modelOfConfigs({ ...model, path: model.source }));
  const rates =
    ceilings === null || row === undefined ? 'no ceilings are in use' : tried(() => hardwareRates(ceilings, row.hardware));
  const reasons = [read, rates].filter((each) => typeof each === 'string');
  return {
    model: typeof read === 'string' ? null : read,
    hardware: typeof rates === 'string' ? null : rates,
    reason: reasons.length === 0 ? null : reasons.join('; '),
  };
}; // prettier-ignore

/** A figure of a line; null also where it is no number. */
const figure = (object: JsonObject, key: string): number | null => {
  const value = tried(() => numberAt(object, key, key));
  return typeof value === 'number' ? value : null;
};

const ratio = (part: number | null, whole: number | null): number | null =>
  part === null || whole === null || whole <= 0 ? null : part / whole;

const readingOf = (line: JsonObject, phase: Phase, row: AtlasRow): SweepReading => {
  const [bench, dcgm] = [objectAt(line, 'bench'), objectAt(line, 'dcgm_steady')];
  const [isl, osl] = [figure(line, 'isl'), figure(line, 'osl')];
  const prompt = ratio(figure(bench, 'total_input_tokens'), figure(bench, 'completed') ?? figure(line, 'num_prompts'));
  return {
    phase,
    quant: row.quant,
    facts: {
      ...row,
      concurrency: figure(line, 'c') ?? 0,
      mean_input_tokens: prompt ?? isl,
      mean_output_tokens: osl,
    },
    tpotMs: phase === 'prefill' ? null : figure(bench, 'median_tpot_ms'),
    outputTokPerSec: figure(bench, 'output_throughput'),
    inputTokPerSec: ratio(figure(bench, 'total_input_tokens'), figure(bench, 'duration')),
    osl,
    smActive: figure(dcgm, 'sm_active_mean'),
    tensorActive: figure(dcgm, 'tensor_active_mean'),
    dramActive: figure(dcgm, 'dram_active_mean'),
    linkTx: figure(dcgm, 'nvlink_tx_Bps_mean'),
    linkRx: figure(dcgm, 'nvlink_rx_Bps_mean'),
  };
};

const over = (value: number | null, unit: number): number | null => (value === null ? null : value / unit);

/** A point of `roofline_sweep.json`: what the line says, then where it stands. */
const documentPoint = (line: JsonObject, phase: Phase, point: SweepPoint | null): JsonObject => {
  const [bench, dcgm] = [objectAt(line, 'bench'), objectAt(line, 'dcgm_steady')];
  const of = (object: JsonObject, key: string): JsonValue => object[key] ?? null;
  return {
    phase,
    c: of(line, 'c'),
    isl: of(line, 'isl'),
    osl: of(line, 'osl'),
    median_tpot_ms: phase === 'prefill' ? null : of(bench, 'median_tpot_ms'),
    median_ttft_ms: of(bench, 'median_ttft_ms'),
    output_throughput: of(bench, 'output_throughput'),
    total_input_tokens: of(bench, 'total_input_tokens'),
    duration: of(bench, 'duration'),
    sm_active: of(dcgm, 'sm_active_mean'),
    tensor_active: of(dcgm, 'tensor_active_mean'),
    dram_active: of(dcgm, 'dram_active_mean'),
    nvlink_tx_Bps: of(dcgm, 'nvlink_tx_Bps_mean'),
    nvlink_rx_Bps: of(dcgm, 'nvlink_rx_Bps_mean'),
    arithmetic_intensity: point?.intensity ?? null,
    achieved_tflops_per_gpu: over(point?.achievedFlopsPerSecond ?? null, 1e12),
    achieved_pct: point?.achievedPercent ?? null,
    hbm_delivered_Bps_per_gpu: point?.deliveredBytesPerSecond ?? null,
    hbm_delivered_pct: point?.deliveredPercent ?? null,
    hbm_delivered_of_best_pct: point?.deliveredOfBestPercent ?? null,
    dram_active_of_best_pct: point?.dramActiveOfBestPercent ?? null,
    nvlink_tx_oneway_pct: point?.linkTxPercent ?? null,
    nvlink_rx_oneway_pct: point?.linkRxPercent ?? null,
    bound_pct: point?.boundPercent ?? null,
    flags: [...(point?.impossible ?? [])],
  };
};

/** A row of the table `roofline_v1`; who publishes it adds when. */
const lakeRow = ({ reading, point }: AnalysedPoint, row: AtlasRow, place: { campaign: string | null; cellId: string }, line: JsonObject): JsonObject => ({
  campaign_id: place.campaign,
  cell_id: `${place.cellId}-${reading.phase}`,
  model: row.model,
  hardware: row.hardware,
  quant: row.quant,
  kv_dtype: row.kv_cache_dtype,
  tensor_parallel: row.tensor_parallel,
  phase: reading.phase,
  concurrency: reading.facts.concurrency,
  isl: figure(line, 'isl'),
  osl: figure(line, 'osl'),
  median_tpot_ms: reading.tpotMs,
  median_ttft_ms: figure(objectAt(line, 'bench'), 'median_ttft_ms'),
  output_throughput: reading.outputTokPerSec,
  arithmetic_intensity: point.intensity,
  achieved_tflops_per_gpu: over(point.achievedFlopsPerSecond, 1e12),
  hbm_delivered_Bps_per_gpu: point.deliveredBytesPerSecond,
  hbm_delivered_pct: point.deliveredPercent,
  dram_active_pct: point.dramActivePercent,
  tensor_active_pct: point.tensorActivePercent,
  sm_active_pct: point.smActivePercent,
  compute_peak_pflops_per_gpu: over(point.peakFlopsPerSecond, 1e15),
  hbm_peak_tbps_per_gpu: over(point.peakBytesPerSecond, 1e12),
  ridge_ai: point.ridge,
  captured_at_utc: row.captured_at === '' ? null : row.captured_at,
  published_at_utc: null,
}); // prettier-ignore

const summaryOf = ({ model }: Ground): JsonObject | null =>
  model === null
    ? null
    : {
        params_total: model.counts.paramsTotal,
        params_active: model.counts.paramsActiveWithoutEmbedding,
        weight_bytes: model.counts.bytesTotal,
        assumptions: [...model.assumptions],
      };

const NO_ANSWERS: SweepAnswers = { most_flops: null, memory: null, because: ['nothing was measured'] };

/** The answers in the files of a sweep, as they are written. */
export const answersOf = (files: readonly CellExtraFile[]): SweepAnswers => {
  const text = files.find(({ name }) => name === CELL_FILES.roofline)?.text;
  if (text === undefined) return NO_ANSWERS;
  const { answers }: { answers: SweepAnswers } = JSON.parse(text);
  return answers;
};

/** Both files, from the lines of a sweep and the rows of its first cell. */
export const sweepFiles = (lines: SweepLines, [row]: readonly AtlasRow[], campaign: string | null): CellExtraFile[] => {
  const ground = groundOf(lines, row);
  const phases: readonly Phase[] = ['decode', 'prefill'];
  const points = phases.flatMap((phase) =>
    lines[phase].map((line) => {
      const isMeasured = row !== undefined && Object.keys(objectAt(line, 'bench')).length > 0;
      const reading = isMeasured ? readingOf(line, phase, row) : null;
      return { phase, line, reading, point: reading === null ? null : analyseSweepPoint(reading, ground) };
    }),
  );
  const analysed = points.flatMap(({ line, reading, point }) => (reading === null || point === null ? [] : [{ line, reading, point }]));
  const place = { campaign, cellId: lines.cellId };
  const ofPhase = (phase: Phase) => points.filter((each) => each.phase === phase).map(({ line, point }) => documentPoint(line, phase, point));
  const { model } = lines;
  return [
    {
      name: CELL_FILES.roofline,
      text: jsonFile({
        schema: 'roofline_sweep_points_v1',
        hardware: row?.hardware ?? null,
        tensor_parallel: row?.tensor_parallel ?? null,
        n_gpus: row?.n_gpus ?? null,
        quant: row?.quant ?? null,
        kv_dtype: row?.kv_cache_dtype ?? null,
        model: row?.model ?? null,
        decode: ofPhase('decode'),
        prefill: ofPhase('prefill'),
        answers: sweepAnswers(analysed, ground.reason),
        analytical_shape: model === null ? null : { source: model.source, config: model.config, side: model.side },
        analytical_summary: summaryOf(ground),
        analytical_reason: ground.reason,
      }),
    },
    {
      name: CELL_FILES.rooflineRows,
      text: jsonFile({
        schema: 'roofline_v1',
        rows: row === undefined ? [] : analysed.map((each) => lakeRow(each, row, place, each.line)),
      }),
    },
  ];
}; // prettier-ignore
