// GPU readings by nvidia-smi, where there is no DCGM: power, clocks and errors, and nothing of the profiling unit.
import { readGpuFacts } from '../drivers/nvidia-smi.ts';
import { requireSuccess } from '../exec/run-process.ts';
import { nvidiaSmiSampler } from '../load/gpu-query.ts';
import type { GpuSample } from '../load/telemetry.ts';
import { Fault } from '../text/fault.ts';
import { periodically, type CaptureAsk, type Captured, type GpuPlace } from './captured.ts';
import { lackingFields } from './exporter-source.ts';
import type { FieldName, GpuReading } from './gpu-fields.ts';

const SAMPLE_LIMIT_MS = 15_000;

const stdoutOf =
  ({ run, env }: GpuPlace) =>
  async (argv: readonly string[]): Promise<string> =>
    requireSuccess(argv, await run(argv, { timeoutMs: SAMPLE_LIMIT_MS }), { env, timeoutMs: SAMPLE_LIMIT_MS }).stdout;

const valuesOf = (sample: GpuSample, fields: readonly FieldName[]): GpuReading['values'] => {
  const all: GpuReading['values'] = {
    power_w: sample.powerW,
    sm_clock_mhz: sample.smClockMhz,
    clock_reasons: sample.clockReasons,
    ecc_uncorrected: sample.eccUncorrected,
  };
  return Object.fromEntries(Object.entries(all).filter(([field]) => fields.some((wanted) => wanted === field)));
};

export const SMI_LACKS = 'nvidia-smi does not count it: needs DCGM';

/** Readings of nvidia-smi. Throws a Fault `no_gpu` where it lists none. */
export const captureSmi = async (place: GpuPlace, ask: CaptureAsk): Promise<Captured> => {
  const { run, node } = place;
  const facts = await readGpuFacts(run);
  if (facts.gpus === null)
    throw new Fault('input', 'no_gpu', `no GPU can be read here: ${facts.reason ?? 'none is listed'}`, {
      fix: 'run it where the GPUs are, or name an exporter or Prometheus',
    });
  const known = facts.gpus.filter(({ index }) => ask.gpus === undefined || (index !== null && ask.gpus.includes(index)));
  const sample = nvidiaSmiSampler(stdoutOf(place));
  const readings: GpuReading[] = [];
  await periodically(ask, async () => {
    const before = Date.now();
    const samples = await sample();
    const at = Math.round((before + Date.now()) / 2);
    for (const each of samples) {
      const gpu = known.find(({ uuid }) => uuid === each.uuid);
      if (gpu === undefined) continue;
      const reading = { at_ms: at, node, gpu: String(gpu.index), uuid: each.uuid, values: valuesOf(each, ask.fields) };
      readings.push(reading);
      ask.keep(JSON.stringify({ ...reading, processes: each.processes }));
    }
  });
  return {
    source: 'nvidia-smi',
    readings,
    gpus: known.map(({ index, uuid, name }) => ({ node, gpu: String(index), uuid, name })),
    lacking: lackingFields(ask.fields, readings, () => SMI_LACKS),
    intervalS: ask.periodMs / 1000,
    clock: 'arrival',
    queries: {},
    notes: [],
  };
}; // prettier-ignore
