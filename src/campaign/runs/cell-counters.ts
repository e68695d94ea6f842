// Counters of the GPUs around a cell of a campaign: a capture from a source that the config names, while the cell is measured; else what was
// read beside its loads. Gives the capture and the frozen snapshot that the correlation reads. Never stops a measurement: what cannot be read
// is said.
import { existsSync, readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { localRunner } from '../../exec/run-process.ts';
import { onFile } from '../../fs/io-fault.ts';
import type { JobContext } from '../../jobs/job-context.ts';
import { formatNumber, plural } from '../../render/numbers.ts';
import { takeReadings, writeReadings, type SourceAsk } from '../../telemetry/capture.ts';
import type { Captured } from '../../telemetry/captured.ts';
import { FIELD_NAMES } from '../../telemetry/gpu-fields.ts';
import { faultOf } from '../../verb/failure.ts';
import { ceilings } from '../../verdict/judging-rules.ts';
import type { CellConfig } from '../config.ts';
import { GPU_FOLDER } from '../gpu-window.ts';
import { readCapture, type ReadCapture } from '../grounding/capture-folder.ts';
import { keepCapture } from '../grounding/keep-capture.ts';
import { cellFile } from '../layout.ts';
import type { CounterSettings } from './run-settings.ts';

export interface CountersCall {
  readonly campaign: string;
  readonly cell: CellConfig;
  /** Names the run of the cell. */
  readonly stamp: string;
  readonly productFolder: string;
  readonly settings: CounterSettings | undefined;
  /** Whether its commands run on this machine. */
  readonly isHere: boolean;
  readonly job: JobContext;
}

export interface CountersSaid {
  readonly state: 'done' | 'skipped';
  readonly says: string;
}

export interface Counters {
  /** Ends the capture when the cell is measured; `kept` is the folder of what its commands wrote. */
  readonly stop: (kept: string, unread: readonly string[]) => Promise<CountersSaid>;
}

/** Bounds a capture that outlives the job. */
const LONGEST_S = 7 * 86_400;

const skipped = (says: string): CountersSaid => ({ state: 'skipped', says });
const notTaken = (says: string): Counters => ({ stop: () => Promise.resolve(skipped(says)) });

const keep = async (captured: Captured, folder: string, { campaign, cell, productFolder, settings, job }: CountersCall): Promise<CountersSaid> => {
  const { root, env } = job;
  const { summary, says } = await keepCapture(captured, {
    folder,
    table: await ceilings({ root, env, productFolder }, campaign),
    frozen: cellFile(campaign, cell.cell_id, 'dcgmFrozen'),
    hardware: cell.hardware,
    quant: cell.quant,
    selector: typeof settings === 'object' ? settings.selector : undefined,
  });
  const { source, n_gpus: n, window } = summary;
  return { state: 'done', says: `${source}: ${plural(n, 'GPU')} over ${formatNumber(window.duration_s, 4)} s; ${says}` };
}; // prettier-ignore

/** Folder of the capture, beside those of dcgm_capture. */
const folderOf = ({ campaign, cell, stamp }: CountersCall): string =>
  join(cellFile(campaign, cell.cell_id, 'raw'), 'telemetry', stamp);

const said = async (taken: () => Promise<CountersSaid>): Promise<CountersSaid> => {
  try {
    return await taken();
  } catch (error) {
    return skipped(`no counters: ${faultOf(error).message}`);
  }
};

/** Reads a source while the cell is measured. Prometheus is asked for the window afterwards. */
const around = (source: SourceAsk, call: CountersCall): Counters => {
  const { job, settings } = call;
  const { signal, env } = job;
  const folder = folderOf(call);
  const over = new AbortController();
  const end = (): void => over.abort();
  signal.addEventListener('abort', end, { once: true });
  const startMs = Date.now();
  const periodS = (typeof settings === 'object' ? settings.period_s : undefined) ?? (source.kind === 'prometheus' ? 15 : 1);
  const ask = { fields: FIELD_NAMES, gpus: undefined, periodMs: periodS * 1000, durationS: LONGEST_S, until: over.signal };
  const place = { run: localRunner({ env }), env, node: env['NODE_NAME'] ?? hostname() };
  const take = (from: SourceAsk, until: AbortSignal): Promise<Captured> => takeReadings(from, place, { ...ask, until }, folder);
  const reading = source.kind === 'prometheus' ? null : take(source, over.signal);
  reading?.catch(() => undefined); // said when the cell has been measured
  return {
    stop: () =>
      said(async () => {
        end();
        signal.removeEventListener('abort', end);
        const window = { startMs, endMs: Date.now() };
        const captured = await (source.kind === 'prometheus' ? take({ ...source, window }, signal) : reading);
        return captured === null ? skipped('no counters were asked for') : keep(captured, folder, call);
      }),
  };
}; // prettier-ignore

/** Readings of all loads as one capture; their gaps hold no reading. */
const joined = (captures: readonly ReadCapture[]): Captured => {
  const [first] = captures;
  const readings = captures.flatMap((capture) => capture.readings);
  const gpus = new Map(readings.map(({ node, gpu, uuid }) => [JSON.stringify([node, gpu]), { node, gpu, uuid, name: null }]));
  const lacking = FIELD_NAMES.flatMap((field) => {
    const reasons = captures.map((capture) => capture.lacking.find((each) => each.field === field)?.reason);
    const [reason] = reasons;
    return reason !== undefined && reasons.every((each) => each !== undefined) ? [{ field, reason }] : [];
  });
  return {
    source: first?.source ?? 'dcgmi',
    readings,
    gpus: [...gpus.values()],
    lacking,
    intervalS: first?.intervalS ?? 1,
    clock: 'spacing',
    queries: {},
    notes: captures.length > 1 ? [`of ${plural(captures.length, 'load')} one after another; nothing was read between them`] : [],
  };
}; // prettier-ignore

/** What was read beside the loads of this run. */
const fromLoads = (call: CountersCall): Counters => ({
  stop: (kept, unread) =>
    said(async () => {
      const folder = join(kept, GPU_FOLDER);
      const loads = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()) : [];
      const captures: ReadCapture[] = [];
      for (const { name } of loads) {
        const capture = await readCapture(join(folder, name), call.job.signal).catch(() => null); // a load that gave nothing
        if (capture !== null && capture.readings.length > 0) captures.push(capture);
      }
      if (captures.length === 0)
        return skipped(unread.find((says) => says.startsWith('no counters')) ?? 'no counters of the GPUs were read beside its loads');
      const [all, at] = [joined(captures), folderOf(call)];
      await onFile(at, () => mkdir(at, { recursive: true }));
      await writeReadings(at, all.readings);
      return keep(all, at, call);
    }),
}); // prettier-ignore

const sourceOf = ({
  exporter_url: urls,
  prometheus_url: url,
  selector,
  source,
}: Exclude<CounterSettings, 'off'>): SourceAsk => {
  if (urls !== undefined) return { kind: 'exporter', urls };
  if (url !== undefined) return { kind: 'prometheus', url, selector };
  return { kind: source ?? 'auto' };
};

/** Begins to read where the config names a source; a cell that keeps a snapshot keeps it. */
export const beginCounters = (call: CountersCall): Counters => {
  const { campaign, cell, settings, isHere } = call;
  if (settings === 'off') return notTaken('the config says dcgm: off');
  if (existsSync(cellFile(campaign, cell.cell_id, 'dcgmFrozen'))) return notTaken('the cell keeps its dcgm-frozen.yaml');
  if (settings === undefined) return fromLoads(call);
  const source = sourceOf(settings);
  const isOfThisMachine = source.kind !== 'exporter' && source.kind !== 'prometheus';
  if (isOfThisMachine && !isHere)
    return notTaken(`${source.kind} reads this machine, and the cell runs elsewhere: name exporter_url or prometheus_url`);
  return around(source, call);
}; // prettier-ignore
