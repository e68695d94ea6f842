// The baseline side of a comparison, from one entry or from several that are trials of one another. Refuses entries whose
// bytes are not those that were recorded.
import { join } from 'node:path';
import { fileStamp } from '../fs/file-stamp.ts';
import type { FrozenSol } from '../hardware/speed-of-light.ts';
import type { MeasuredSide, SideShape } from '../source/side.ts';
import { NO_LABELS } from '../metrics/metric.ts';
import { requireIntact } from './integrity.ts';
import { BASELINE_FILE } from './layout.ts';
import { resolveAddress } from './address.ts';
import { readEntry, type Entry } from './read-entry.ts';
import type { Direction } from '../stats/direction.ts';
import { inputFault } from '../text/fault.ts';
import type { AttestedFact } from '../metrics/attested.ts';
import { attestedOfContext, attestedOfTrials, joinAttested } from '../source/fact-origin.ts';
import { trialsOfValues } from '../source/given-context.ts';
import type { Reading } from '../metrics/reading.ts';
import { readFileSide, readFolderSide, readRepeats } from '../source/read-side.ts';
import { joinTrials } from '../source/read-trials.ts';
import { sourceShape } from '../source/source-shape.ts';

/** What an entry holds; the direction is one that was stated for all of it, else null. */
export interface EntrySide extends MeasuredSide {
  readonly direction: Direction | null;
}

export interface BaselineSide extends EntrySide {
  /** The first of them: names the measurement. */
  readonly entry: Entry;
  /** All of them; several are trials. */
  readonly entries: readonly Entry[];
}

/** A folder whose files were recorded as repeats has their format; one that keeps its files apart has a format of its own. */
const APART = 'folder';

/** What the stored source of an entry is, as it was understood when it was recorded. */
const shapeOf = async ({ baseline, snapshot }: Entry): Promise<SideShape> => {
  if (typeof baseline.value === 'number') return 'scalar';
  const shape = await sourceShape(snapshot.path);
  if (shape !== 'folder') return shape === 'file' ? 'structured' : shape;
  return (baseline.format ?? APART) === APART ? 'folder' : 'structured';
};

const readSource = async ({ baseline, snapshot: { path, kind } }: Entry, shape: SideShape): Promise<Reading> => {
  const format = baseline.format === null || baseline.format === APART ? undefined : baseline.format;
  if (shape === 'folder') return readFolderSide(path, format);
  return kind === 'folder' ? readRepeats([{ path, isFolder: true }], format) : readFileSide(path, format);
};

/** What the source of an entry holds; null of numbers and of profiles. */
export const readEntrySource = async (entry: Entry): Promise<Reading | null> => {
  const shape = await shapeOf(entry);
  return shape === 'scalar' || shape === 'profile' ? null : readSource(entry, shape);
};

const frozenShares = ({ baseline }: Entry): Readonly<Record<string, FrozenSol>> => {
  const { sol, sol_pct, sol_ceiling_key, sol_ceiling_value, measurement, unit } = baseline;
  if (sol !== null && sol !== undefined)
    return Object.fromEntries(sol.map(({ key, value: _value, ...frozen }) => [key, frozen]));
  if (typeof sol_pct !== 'number' || typeof sol_ceiling_key !== 'string' || typeof sol_ceiling_value !== 'number')
    return {};
  return { [measurement]: { sol_pct, sol_ceiling_key, sol_ceiling_value, unit: unit ?? '' } };
};

/**
 * A direction that was stated for the whole entry; one that was only looked up is looked up again. Entries that do not say
 * where their direction comes from had it stated; there `two-sided` on many metrics only says that no one direction fits all.
 */
const statedDirection = ({ baseline }: Entry, shape: SideShape): Direction | null => {
  const { direction = null, direction_source: source = null } = baseline;
  if (source === 'flag') return direction;
  if (source !== null) return null;
  return direction === 'two-sided' && shape !== 'scalar' ? null : direction;
};

/** What the reader of the source said about a number that was picked from it. */
const readDirection = ({ baseline: { direction, direction_source } }: Entry): Direction | null =>
  direction_source === 'reader' ? (direction ?? null) : null;

const scalarSide = (entry: Entry): MeasuredSide => {
  const { value, values, trials, context, format = null } = entry.baseline;
  const unit = entry.baseline.unit ?? null;
  const name = entry.measurement;
  const metric = {
    name,
    source_key: entry.baseline.select ?? 'value',
    unit,
    value: value ?? 0,
    direction: readDirection(entry),
    statistic: null,
    labels: NO_LABELS,
  };
  return {
    shape: 'scalar',
    format,
    metrics: [metric],
    trials: trials ?? trialsOfValues(name, values ?? [], null),
    context: context ?? {},
    unit,
    sol: frozenShares(entry),
    policy: [],
    warnings: [],
  };
};

const structuredSide = async (entry: Entry, shape: SideShape): Promise<MeasuredSide> => {
  const { baseline } = entry;
  const { format, metrics, trials, context, policy, warnings, contradictions } = await readSource(entry, shape);
  return {
    shape,
    format,
    metrics,
    trials: baseline.trials ?? trials,
    context: { ...context, ...baseline.context },
    unit: baseline.unit ?? null,
    sol: frozenShares(entry),
    policy: policy ?? [],
    warnings,
    contradictions,
  };
};

const measuredSide = async (entry: Entry, shape: SideShape): Promise<MeasuredSide> => {
  if (shape === 'scalar') return scalarSide(entry);
  if (shape !== 'profile') return structuredSide(entry, shape);
  const context = entry.baseline.context ?? {};
  return { shape, format: null, metrics: [], trials: [], context, unit: null, policy: [], warnings: [] };
};

/** What the entry says was typed. One that does not say is taken at its format: numbers and plain documents are anybody's word. */
const attestedIn = ({ baseline }: Entry, { trials, context }: MeasuredSide): readonly AttestedFact[] => {
  const format = baseline.format ?? null;
  return (
    baseline.attested ?? joinAttested(attestedOfTrials(format, trials, undefined), attestedOfContext(format, context))
  );
};

/** What an entry holds, as one side of a comparison. */
export const entrySide = async (entry: Entry): Promise<EntrySide> => {
  const shape = await shapeOf(entry);
  const side = await measuredSide(entry, shape);
  return { ...side, attested: attestedIn(entry, side), direction: statedDirection(entry, shape) };
};

/** Sides read last, by folder and digest of their bytes: an entry never changes, and one baseline serves many diffs. */
const sides = new Map<string, EntrySide>();
const MOST_SIDES = 8;
/** In metrics and values of trials; larger sides are read again, so that memory stays small. */
const LARGEST_SIDE = 2000;

const sizeOf = ({ metrics, trials }: EntrySide): number =>
  trials.reduce((sum, { values }) => sum + 1 + Object.keys(values).length, metrics.length);

/** Puts a side last, so that the first one is the one that was not asked for longest. */
const keep = (id: string, side: EntrySide): void => {
  sides.delete(id);
  const [oldest] = sides.keys();
  if (sides.size >= MOST_SIDES && oldest !== undefined) sides.delete(oldest);
  sides.set(id, side);
};

/**
 * The side of an entry whose bytes had this digest. What was read is kept only if they still have it: somebody may have
 * written to the entry in between. Kept as a copy, whose names are no views into the text of the document.
 */
const keptSide = async (entry: Entry, digest: string | null, registry: string): Promise<EntrySide> => {
  const id = `${digest} ${entry.folder}`;
  const known = sides.get(id);
  if (known !== undefined) keep(id, known);
  const side = known ?? (await entrySide(entry));
  if (known !== undefined || digest === null || sizeOf(side) > LARGEST_SIDE) return side;
  if ((await requireIntact(entry.folder, registry)).entry_sha256 === digest) keep(id, structuredClone(side));
  return side;
};

const readOne = async (registry: string, address: string, cwd: string): Promise<BaselineSide> => {
  const folder = await resolveAddress(registry, address, cwd);
  const integrity = await requireIntact(folder, registry);
  const entry = integrity.entry ?? (await readEntry(folder));
  const side = await keptSide(entry, integrity.entry_sha256, registry);
  const { status, detail } = integrity;
  const loose =
    status === 'intact'
      ? []
      : [`the baseline is ${status}${detail === null ? '' : `: ${detail}`} (perf_baseline_verify)`];
  return { ...side, entry, entries: [entry], warnings: [...entry.warnings, ...loose, ...side.warnings] };
};

/** An entry that was whole when it was read, and how its files looked then. */
interface Seen {
  readonly stamp: string;
  readonly side: BaselineSide;
}

const seen = new Map<string, Seen>();

/** What any writing to the files of an entry changes; null where an entry holds a folder of files. */
const stampOf = ({ folder, snapshot: { path, kind } }: Entry): string | null => {
  if (kind === 'folder') return null;
  return [join(folder, BASELINE_FILE), path].map((file) => fileStamp(file) ?? 'absent').join(', ');
};

/**
 * As `readBaselineSide` of one entry, for what is shown beside a judgement and no part of it: an entry that was found whole is not
 * read again as long as nobody has written to its files.
 */
export const readSeenSide = async (registry: string, folder: string, cwd: string): Promise<BaselineSide> => {
  const known = seen.get(folder);
  if (known !== undefined && stampOf(known.side.entry) === known.stamp) return known.side;
  const side = await readOne(registry, folder, cwd);
  const stamp = stampOf(side.entry);
  seen.delete(folder);
  const [oldest] = seen.keys();
  if (seen.size >= MOST_SIDES && oldest !== undefined) seen.delete(oldest);
  if (stamp !== null && sizeOf(side) <= LARGEST_SIDE) seen.set(folder, { stamp, side });
  return side;
};

/** The side that `addresses` name; several are trials. Throws a Fault of the registry, or `baselines_differ`. */
export const readBaselineSide = async (
  registry: string,
  addresses: readonly string[],
  cwd: string,
): Promise<BaselineSide> => {
  const sides: BaselineSide[] = [];
  for (const address of addresses) sides.push(await readOne(registry, address, cwd));
  const [first, ...others] = sides;
  if (first === undefined)
    throw inputFault('no_baseline', 'no baseline was named', { fix: 'give family/measurement@latest' });
  if (others.length === 0) return first;
  const named = ({ shape, entry: { family, measurement } }: BaselineSide) => `${shape} ${family}/${measurement}`;
  const odd = others.find((side) => named(side) !== named(first));
  if (odd !== undefined)
    throw inputFault('baselines_differ', `${odd.entry.folder} is not a repeat of ${first.entry.folder}`, {
      fix: 'repeat --baseline only for entries of one measurement',
    });
  const joined = joinTrials(
    sides.map(({ metrics, trials, context, contradictions, entry }) => ({
      path: entry.folder,
      reading: { format: 'entry', metrics, trials, context, contradictions, warnings: [] },
    })),
  );
  const { metrics, trials, context, warnings, contradictions } = joined;
  return {
    ...first,
    attested: joinAttested(...sides.map(({ attested }) => attested)),
    entries: sides.map(({ entry }) => entry),
    metrics,
    trials,
    context,
    contradictions,
    warnings: [...new Set([...sides.flatMap((side) => side.warnings), ...warnings])],
  };
};
