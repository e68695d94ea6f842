// Counters of the GPUs around a cell of a campaign: a capture from a source that the config names, while the cell is measured; else what was
// read beside its loads. Gives the capture and the frozen snapshot that the correlation reads. Never stops a measurement: what cannot be read
// is said.
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
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
import { keepLoad } from '../cells/gpu-watch.ts';
import { GPU_FOLDER, gpuFolder } from '../gpu-window.ts';
import { findScrapes, ownFolder } from '../server-times.ts';
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

/** Ends the reading of a source with what it gave. */
type Reading = () => Promise<Captured>;

/** Reads a source into a folder while something is measured. Prometheus is asked for the window afterwards. */
const readAround = (source: SourceAsk, { job, settings }: CountersCall, folder: string): Reading => {
  const { signal, env } = job;
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
  return () => {
    end();
    signal.removeEventListener('abort', end);
    return reading ?? take({ ...source, ...(source.kind === 'prometheus' ? { window: { startMs, endMs: Date.now() } } : {}) }, signal);
  };
}; // prettier-ignore

/** Reads a source while the cell is measured. */
const around = (source: SourceAsk, call: CountersCall): Counters => {
  const folder = folderOf(call);
  const ended = readAround(source, call, folder);
  return { stop: () => said(async () => keep(await ended(), folder, call)) };
};

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

const foldersIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name))
    : []; // prettier-ignore

/** Captures of several windows as one of the cell. */
const keepJoined = (folders: readonly string[], lacking: string, call: CountersCall): Promise<CountersSaid> =>
  said(async () => {
    const captures: ReadCapture[] = [];
    for (const folder of folders) {
      const capture = await readCapture(folder, call.job.signal).catch(() => null); // a load that gave nothing
      if (capture !== null && capture.readings.length > 0) captures.push(capture);
    }
    if (captures.length === 0) return skipped(lacking);
    const [all, at] = [joined(captures), folderOf(call)];
    await onFile(at, () => mkdir(at, { recursive: true }));
    await writeReadings(at, all.readings);
    return keep(all, at, call);
  }); // prettier-ignore

const NOTHING_BESIDE = 'no counters of the GPUs were read beside its loads';

/** What was read beside the loads of this run. */
const fromLoads = (call: CountersCall): Counters => ({
  stop: (kept, unread) =>
    keepJoined(foldersIn(join(kept, GPU_FOLDER)), unread.find((says) => says.startsWith('no counters')) ?? NOTHING_BESIDE, call),
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

/** Why nothing is read or kept; null where something is. */
const whyNot = ({ campaign, cell, settings, isHere }: CountersCall): string | null => {
  if (settings === 'off') return 'the config says dcgm: off';
  if (existsSync(cellFile(campaign, cell.cell_id, 'dcgmFrozen'))) return 'the cell keeps its dcgm-frozen.yaml';
  const source = settings === undefined ? null : sourceOf(settings);
  const reads = source === null || ['exporter', 'prometheus'].includes(source.kind) || isHere;
  return reads ? null : `${source.kind} reads this machine, and the cell runs elsewhere: name exporter_url or prometheus_url`;
}; // prettier-ignore

/** Begins to read where the config names a source; a cell that keeps a snapshot keeps it. */
export const beginCounters = (call: CountersCall): Counters => {
  const { settings } = call;
  const reason = whyNot(call);
  if (reason !== null || settings === 'off') return notTaken(reason ?? '');
  return settings === undefined ? fromLoads(call) : around(sourceOf(settings), call);
};

/** Counters of one trial of an arm. */
export interface TrialCounters {
  /** Ends with the capture beside what the trial wrote: `raw` its folder, `path` its result in there. */
  readonly stop: (raw: string, path: string, concurrency: number) => Promise<void>;
}

/** Reads the source that the config names while a trial runs; without one the capture beside its load stands. */
export const beginTrialCounters = (call: CountersCall): TrialCounters => {
  const { settings } = call;
  if (settings === undefined || settings === 'off' || whyNot(call) !== null) return { stop: () => Promise.resolve() };
  const folder = folderOf(call);
  const ended = readAround(sourceOf(settings), call, folder);
  const stop: TrialCounters['stop'] = async (raw, path, concurrency) => {
    await said(async () => {
      const captured = await ended();
      const at = gpuFolder(ownFolder(raw, path), concurrency);
      await keepLoad(captured, at, findScrapes(raw, path, concurrency)?.during);
      return { state: 'done', says: at };
    });
    await rm(folder, { recursive: true, force: true });
  };
  return { stop };
};

/** The counters of all trials of an arm as those of its cell. */
export const countersOfTrials = async (call: CountersCall, arm: string): Promise<CountersSaid> => {
  const reason = whyNot(call);
  const folders = foldersIn(arm).flatMap((trial) => foldersIn(join(trial, GPU_FOLDER)));
  return reason === null
    ? keepJoined(folders, 'no counters of the GPUs were read beside its trials', call)
    : skipped(reason);
};
