// Measures a roofline sweep and writes what `import_roofline_sweep` reads: a line a point in `decode_sweep.jsonl` and `prefill_sweep.jsonl`,
// after each point, so that a sweep which ended early goes on with what is missing. A point that failed is a line without figures.
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Environment } from '../../exec/environment.ts';
import { protectedNames } from '../../cluster/protected-names.ts';
import { replaceFile } from '../../fs/atomic-file.ts';
import { onFile } from '../../fs/io-fault.ts';
import { readNamedText } from '../../fs/named-text.ts';
import type { JobContext } from '../../jobs/job-context.ts';
import type { JobPlan } from '../../jobs/plan-pins.ts';
import { countersOf } from './sweep-counters.ts';
import { isJsonObject, jsonFile, jsonLine, parseJson, parseJsonObject, type JsonObject } from '../../text/json.ts';
import { keepResults } from '../cells/open-run.ts';
import { openPlace, type OpenPlace } from '../cells/open-place.ts';
import { rawThere, seesFiles, type Place, type PlacedRun } from '../cells/place.ts';
import { planPlace } from '../cells/plan-place.ts';
import { askInside } from '../cells/ask-inside.ts';
import { checkLines, preflight, requireReady } from '../cells/preflight.ts';
import { recordedCommand } from '../cells/recorded-command.ts';
import { watchGpus } from '../cells/gpu-watch.ts';
import { watchServer } from '../cells/server-watch.ts';
import {
  configCommand,
  MODEL_CONFIG,
  pointCommand,
  resultName,
  sweepPoints,
  type Phase,
  type SweepPoint,
  type SweepTarget,
} from './sweep-commands.ts';

/** A sweep; JSON. */
export interface SweepWork {
  /** Absolute folder of the sweep. */
  readonly out: string;
  readonly place: Place;
  readonly server: string;
  readonly model: string;
  readonly servedModel?: string | undefined;
  readonly tokenizer: string;
  readonly concurrencies: readonly number[];
  readonly isls: readonly number[];
  /** Names this run. */
  readonly stamp: string;
  /** Absolute folder that takes what the tools write. */
  readonly raw: string;
  readonly productFolder: string;
}

const PHASES: readonly Phase[] = ['decode', 'prefill'];
export const SWEEP_FILES = {
  decode: 'decode_sweep.jsonl',
  prefill: 'prefill_sweep.jsonl',
  manifest: 'roofline_sweep_manifest.json',
  config: MODEL_CONFIG,
} as const;

const linesAt = (path: string): JsonObject[] => {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => parseJson(line, path)).filter(isJsonObject);
}; // prettier-ignore

/** Lines that hold figures; failed points are measured again. */
const measuredLines = (out: string, phase: Phase): JsonObject[] =>
  linesAt(join(out, SWEEP_FILES[phase])).filter((line) => isJsonObject(line['bench']));

/** Points that the folder holds no figures of. */
export const openPoints = (work: SweepWork): SweepPoint[] => {
  const held = new Set(PHASES.flatMap((phase) => measuredLines(work.out, phase).map(({ tag }) => tag)));
  return sweepPoints(work).filter(({ tag }) => !held.has(tag));
};

const placedRun = ({ out, stamp, raw }: SweepWork): PlacedRun => ({ campaign: out, cellId: 'roofline', stamp, raw });

const targetOf = (work: SweepWork): SweepTarget => ({
  server: work.server,
  model: work.model,
  servedModel: work.servedModel,
  tokenizer: work.tokenizer,
  raw: rawThere(work.place, placedRun(work)),
  withCounters: !seesFiles(work.place),
});

const commandsOf = (work: SweepWork) => {
  const target = targetOf(work);
  const points = openPoints(work).map((point) => ({ point, command: pointCommand(target, point) }));
  const config = existsSync(join(work.out, SWEEP_FILES.config)) ? [] : [configCommand(target)];
  return { points, config, all: [...config, ...points.map(({ command }) => command)] };
};

/** What the job would start. Throws what the protected names refuse. */
export const sweepPlan = async (
  work: SweepWork,
  { root, dryRun, env }: { readonly root: string; readonly dryRun: boolean; readonly env: Environment },
): Promise<JobPlan> => {
  const { all, points } = commandsOf(work);
  const planned = planPlace(work.place, placedRun(work), all, await protectedNames(root, work.productFolder));
  return {
    commands: planned.commands,
    inputs: [],
    notes: [
      `# ${points.length} points; writes ${Object.values(SWEEP_FILES).join(', ')} in ${work.out}`,
      ...planned.notes,
    ],
    seen: dryRun ? checkLines(await preflight(work.place, all, { env, cwd: work.raw, inside: null })) : [],
    cwd: root,
    fresh: [work.stamp],
  };
};

const isFigure = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);

/** The figures of a result of vLLM's client; null where it left none, or no request was answered. */
const benchOf = async (folder: string, { tag }: SweepPoint): Promise<JsonObject | null> => {
  const path = join(folder, resultName(tag));
  if (!existsSync(path)) return null;
  const result = parseJsonObject(await readNamedText(path), path);
  const bench = Object.fromEntries(Object.entries(result).filter(([, value]) => isFigure(value)));
  return bench['completed'] === 0 ? null : bench;
};

export interface SweepLine {
  readonly point: SweepPoint;
  readonly bench: JsonObject | null;
  readonly failure: string | null;
}

const writtenLine = (point: SweepPoint, bench: JsonObject | null, counters: JsonObject | null, failure: string | null): JsonObject => {
  const { phase: _phase, ...head } = point;
  return { ...head, ...(bench === null ? { error: failure ?? 'wrote nothing that can be read' } : { bench }), ...(counters === null ? {} : { dcgm_steady: counters }) };
}; // prettier-ignore

/** Puts a line in the place of an earlier one of that point, in the order of the sweep. */
const keepLine = async (work: SweepWork, phase: Phase, line: JsonObject): Promise<void> => {
  const path = join(work.out, SWEEP_FILES[phase]);
  const order = sweepPoints(work).map(({ tag }) => tag);
  const others = linesAt(path).filter(({ tag }) => tag !== line['tag']);
  const rank = ({ tag }: JsonObject): number => order.indexOf(String(tag));
  const all = [...others, line].toSorted((a, b) => rank(a) - rank(b));
  await replaceFile(path, all.map((each) => jsonLine(each)).join(''));
};

const rawFolder = ({ out, stamp }: SweepWork): string => join(out, 'raw', stamp);

const moveResults = (work: SweepWork): Promise<void> => keepResults({ raw: work.raw, kept: rawFolder(work) });

/** Runs one point, with the server and, where it stands here, the GPUs watched beside it. */
const measurePoint = async (work: SweepWork, { point, command }: ReturnType<typeof commandsOf>['points'][number], place: OpenPlace, job: JobContext): Promise<SweepLine & { readonly stops: string | null }> => {
  const { signal, env } = job;
  const own = join(work.raw, point.tag);
  const watches = [
    await watchServer(command, { raw: own, read: place.readMetrics, signal }),
    await watchGpus(command, { raw: own, gpus: place.gpus, signal }),
  ];
  const { result, failure } = await recordedCommand(command, {
    folder: join(work.out, 'commands'), run: place.runnerOf(command), env, options: { cwd: work.raw, signal },
  });
  for (const { stop } of watches) await stop();
  await moveResults(work);
  const bench = failure === null ? await benchOf(rawFolder(work), point) : null;
  const counters = bench === null ? null : await countersOf(rawFolder(work), point, Number(bench['duration'] ?? 0));
  if (!signal.aborted) await keepLine(work, point.phase, writtenLine(point, bench, counters, failure));
  return { point, bench, failure, stops: await place.stops({ result }, command) };
}; // prettier-ignore

/** The model's config, where it can be had; a sweep does without. */
const keepConfig = async (work: SweepWork, place: OpenPlace, job: JobContext): Promise<string | null> => {
  const path = join(work.out, SWEEP_FILES.config);
  if (existsSync(path)) return null;
  const command = configCommand(targetOf(work));
  const { failure } = await recordedCommand(command, { folder: join(work.out, 'commands'), run: place.runnerOf(command), env: job.env, options: { cwd: work.raw, signal: job.signal } }); // prettier-ignore
  await moveResults(work);
  const found = join(rawFolder(work), MODEL_CONFIG);
  if (!existsSync(found)) return `no config of the model: ${failure ?? 'nothing was copied'}`;
  await replaceFile(path, await readNamedText(found));
  return null;
};

export interface SweepOutcome {
  readonly lines: readonly SweepLine[];
  readonly warnings: readonly string[];
  /** Why no further point was measured; null where all were tried. */
  readonly stopped: string | null;
}

const manifestOf = ({ model, out }: SweepWork): JsonObject => ({
  model,
  bench_backend: 'vllm',
  dataset: 'random',
  sweep: basename(out),
});

/** Measures every open point in its place. */
export const runSweep = async (work: SweepWork, job: JobContext): Promise<SweepOutcome> => {
  const { points, all } = commandsOf(work);
  await onFile(work.out, () => mkdir(work.out, { recursive: true }));
  await onFile(work.raw, () => mkdir(work.raw, { recursive: true }));
  const guard = await protectedNames(job.root, work.productFolder);
  const inside = askInside(work.place, placedRun(work), job, guard);
  const checks = await preflight(work.place, all, { env: job.env, cwd: work.raw, inside });
  for (const line of checkLines(checks)) job.log(line);
  requireReady(checks);
  const place = await openPlace(work.place, placedRun(work), job, guard);
  const lines: SweepLine[] = [];
  let stopped: string | null = null;
  const warnings: string[] = [];
  try {
    await replaceFile(join(work.out, SWEEP_FILES.manifest), jsonFile(manifestOf(work)));
    const lacking = await keepConfig(work, place, job);
    if (lacking !== null) warnings.push(lacking);
    for (const [index, each] of points.entries()) {
      if (job.signal.aborted || stopped !== null) break;
      job.progress(index, points.length, each.point.tag);
      const { stops, ...line } = await measurePoint(work, each, place, job);
      lines.push(line);
      stopped = stops;
    }
  } finally {
    warnings.push(...(await place.close()));
    await rm(work.raw, { recursive: true, force: true });
  }
  return { lines, warnings, stopped };
}; // prettier-ignore
