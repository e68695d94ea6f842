// Reads NVTX ranges of an export: text inline or by id, domains kept apart, and the markers that bound steps.
import { rangeName, stepRank, stepTypeName } from '../model/range-names.ts';
import type { RangeSet, RangeTrack, StepMarks } from '../model/ranges.ts';
import type { Database } from '../../sqlite/table-source.ts';
import type { Want } from '../../sqlite/table-source.ts';
import type { CaptureClock } from './clock.ts';
import { createThreadTable } from './threads.ts';
import type { ThreadTable } from './threads.ts';
import type { Strings } from './strings.ts';
import { NSYS_TABLES, findTable } from './tables.ts';

/** Push-pop and start-end ranges, of the program and imported. Marks and names are no ranges. */
const RANGE_TYPES: ReadonlySet<number> = new Set([59, 60, 70, 71]);
/** Start-end ranges need not nest and may end on another thread: they get a track of their own. */
const UNNESTED: ReadonlySet<number> = new Set([60, 71]);

export interface HostRanges {
  readonly set: RangeSet;
  readonly threads: ThreadTable;
  readonly stepTypes: readonly string[];
  /** By upper 40 bits of the process. */
  readonly steps: ReadonlyMap<number, StepMarks>;
}

interface Label {
  readonly name: number;
  readonly stepRank: number | null;
  readonly stepType: string;
}

interface Mark {
  readonly label: Label;
  readonly thread: number;
  readonly process: number;
  readonly start: number;
  readonly end: number;
}

export const readNvtx = (
  database: Database,
  clock: CaptureClock,
  strings: Strings,
  stepMarker: string | null,
  threads = createThreadTable(),
): HostRanges => {
  const labels = createLabels(stepMarker);
  const tracks = new Map<string, RangeTrack>();
  const marks: Mark[] = [];
  const table = findTable(database, NSYS_TABLES.nvtx);
  const wants: Want[] = [
    { column: 'start', kind: 'number', origin: clock.origin },
    { column: 'end', kind: 'number', origin: clock.origin },
    { column: 'eventType', kind: 'number' },
    { column: 'text', kind: 'text', intern: labels.intern },
    { column: 'textId', kind: 'number' },
    { column: 'globalTid', kind: 'high40' },
    { column: 'globalTid', kind: 'low24' },
    { column: 'domainId', kind: 'number' },
  ];
  if (table !== null) {
    database.scan(table, wants, ([starts, ends, types, texts, textIds, processes, lows, domains], count) => {
      for (let row = 0; row < count; row++) {
        const start = starts?.[row] ?? NaN;
        const end = ends?.[row] ?? NaN;
        const type = types?.[row] ?? NaN;
        if (!(end > start) || !RANGE_TYPES.has(type) || !(start >= clock.from) || start >= clock.to) continue;
        const inline = texts?.[row] ?? NaN;
        const label = labels.of(inline >= 0 ? inline : labels.intern(strings(textIds?.[row] ?? NaN) ?? '(no name)'));
        const process = processes?.[row] ?? NaN;
        const thread = threads.indexOf(process, lows?.[row] ?? NaN);
        const domain = domains?.[row] ?? NaN;
        const track = trackOf(tracks, process, thread, domain >= 0 ? domain : 0, UNNESTED.has(type));
        track.start.push(start);
        track.end.push(end);
        track.name.push(label.name);
        if (label.stepRank !== null) marks.push({ label, thread, process, start, end });
      }
    });
  }
  const stepTypes: string[] = [];
  return {
    set: { names: labels.names, tracks: [...tracks.values()] },
    threads,
    steps: stepsOf(marks, stepTypes),
    stepTypes,
  };
};

const createLabels = (stepMarker: string | null) => {
  const names: string[] = [];
  const nameIndex = new Map<string, number>();
  const labels: Label[] = [];
  const labelIndex = new Map<string, number>();
  const intern = (text: string): number => {
    const name = rangeName(text);
    const rank = stepRank(text, stepMarker);
    const stepType = rank === null ? '' : stepTypeName(text);
    const key = `${name}\u0000${stepType}`;
    const known = labelIndex.get(key);
    if (known !== undefined) return known;
    const index = nameIndex.get(name) ?? names.push(name) - 1;
    nameIndex.set(name, index);
    labelIndex.set(key, labels.length);
    return labels.push({ name: index, stepRank: rank, stepType }) - 1;
  };
  const none: Label = { name: 0, stepRank: null, stepType: '' };
  return { names, intern, of: (index: number): Label => labels[index] ?? none };
};

const trackOf = (
  tracks: Map<string, RangeTrack>,
  process: number,
  thread: number,
  domain: number,
  unnested: boolean,
): RangeTrack => {
  const key = `${thread} ${domain} ${unnested}`;
  const known = tracks.get(key);
  if (known !== undefined) return known;
  const track: RangeTrack = { process, thread, domain, start: [], end: [], name: [] };
  tracks.set(key, track);
  return track;
};

/** The most specific marker that occurs twice or more in a process, on the thread that has most of it. */
const stepsOf = (marks: readonly Mark[], stepTypes: string[]): Map<number, StepMarks> => {
  const groups = new Map<string, Mark[]>();
  for (const mark of marks) {
    const key = `${mark.process} ${mark.label.stepRank} ${mark.thread}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [mark]);
    else group.push(mark);
  }
  const byWorth = [...groups.values()]
    .filter((group) => group.length >= 2)
    .sort((a, b) => (b[0]?.label.stepRank ?? 0) - (a[0]?.label.stepRank ?? 0) || a.length - b.length);
  return new Map(byWorth.map((group) => [group[0]?.process ?? NaN, marksInOrder(group, stepTypes)]));
};

const marksInOrder = (group: readonly Mark[], stepTypes: string[]): StepMarks => {
  const ordered = [...group].sort((a, b) => a.start - b.start);
  return {
    startNs: ordered.map((mark) => mark.start),
    endNs: ordered.map((mark) => mark.end),
    type: ordered.map((mark) => typeIndex(stepTypes, mark.label.stepType)),
  };
};

const typeIndex = (types: string[], type: string): number => {
  const known = types.indexOf(type);
  return known >= 0 ? known : types.push(type) - 1;
};
