// Where the time of reading one nsys export goes: each stage over the stage before it, CPU time of the reading thread, least
// of several runs. `npx tsx bench/profile-stages.ts <export.sqlite> [runs]`
import { readFileSync } from 'node:fs';
import { loadBucketRules } from '../src/profile/kernels/bucket-rules.ts';
import { readNsysSqlite } from '../src/profile/nsys/read-sqlite.ts';
import { createKernelClasses } from '../src/profile/nsys/kernel-classes.ts';
import { NSYS_TABLES, findTable } from '../src/profile/nsys/tables.ts';
import { openDatabase } from '../src/sqlite/database.ts';
import { eachRun } from '../src/sqlite/page-runs.ts';
import { openPager } from '../src/sqlite/pager.ts';
import type { Want } from '../src/sqlite/table-source.ts';
import { table as printTable } from './figures.ts';

const [path = '', runs = '5'] = process.argv.slice(2);
const rules = await loadBucketRules();

const readPages = (): void => {
  const pager = openPager(path);
  const all = Uint32Array.from({ length: pager.pageCount }, (_, index) => index + 1);
  const nothing = (): void => undefined;
  eachRun(pager, all, nothing, nothing);
  pager.close();
};

const scan = (wants: readonly Want[]): void => {
  const database = openDatabase(path);
  const kernels = findTable(database, NSYS_TABLES.kernel);
  if (kernels !== null) database.scan(kernels, wants, () => undefined);
  database.close();
};

const times: readonly Want[] = [
  { column: 'start', kind: 'number' },
  { column: 'end', kind: 'number' },
];
const { fields, sequence, intern } = createKernelClasses(() => undefined);

const STAGES: readonly (readonly [string, () => void])[] = [
  ['every page read', readPages],
  ['kernel rows found, start and end decoded', () => scan(times)],
  [
    'and their class (name, launch, stream) looked up',
    () => scan([...times, { kind: 'tuple', fields, sequence, intern }]),
  ],
  [
    'the whole file as a profile, durations sorted',
    () => void readNsysSqlite(path, { rules, window: null, stepMarker: null, attribute: null }),
  ],
];

const threadMs = (): number => Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;

const least = (work: () => void): number =>
  Math.min(
    ...Array.from({ length: Number(runs) }, () => {
      const began = threadMs();
      work();
      return threadMs() - began;
    }),
  );

printTable(
  `reading ${path}`,
  ['stage', 'CPU ms'],
  STAGES.map(([name, work]) => [name, least(work).toFixed(0)]),
);
