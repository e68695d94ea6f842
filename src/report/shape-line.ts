// The line under the title of a page: the exact shape of what it shows. Where rows differ it says how, never one word for all.
import type { AtlasRow } from '../campaign/row.ts';
import { engineOf } from '../campaign/row.ts';
import { plural } from '../render/numbers.ts';
import { shapeText, shortName } from './arms.ts';
import type { ReportData } from './report-data.ts';

const SHOWN = 3;

const distinct = (values: readonly string[], what: string): string => {
  const unique = [...new Set(values)].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const known = unique.filter((value) => value !== '').map(shortName);
  if (known.length === 0) return `${what} not stated`;
  const silent = known.length < unique.length ? ' or not stated' : '';
  const listed =
    known.length > SHOWN ? `${known.slice(0, SHOWN).join(', ')} and ${known.length - SHOWN} more` : known.join(', ');
  return `${what} ${listed}${silent}`;
};

const known = (value: string): string => (value === 'unknown' ? '' : value);

/** Batch tokens, data set, ISL/OSL, engine, cache and trials of these rows, in one sentence. */
export const shapeOf = (rows: readonly AtlasRow[]): string => {
  const trials = [...new Set(rows.map(({ n_trials: count }) => count))].toSorted((a, b) => a - b);
  return [
    distinct(rows.map(({ model }) => model), 'model'),
    distinct(rows.map((row) => [engineOf(row), row.engine_version ?? ''].join(' ').trim()), 'engine'),
    distinct(rows.map(({ dataset }) => known(dataset)), 'data set'),
    distinct(rows.map((row) => shapeText(row) ?? ''), 'ISL/OSL'),
    distinct(rows.map(({ cache_mode: mode }) => known(mode)), 'prefix cache'),
    `${trials.length > 1 ? `${trials[0] ?? 0} to ${plural(trials.at(-1) ?? 0, 'trial')}` : plural(trials[0] ?? 0, 'trial')} a point`,
  ].join(' · '); // prettier-ignore
};

/** The shape of a page, led by what its campaign wants said. */
export const pageShape = (data: ReportData, rows: readonly AtlasRow[], part: string | null = null): string =>
  [
    ...(data.invented ? ['MADE-UP NUMBERS, not a measurement'] : []),
    ...(data.variantsLine === null ? [] : [data.variantsLine]),
    shapeOf(rows),
    ...(data.dataSourceLine === null ? [] : [data.dataSourceLine]),
    ...(part === null ? [] : [part]),
  ].join(' · ');
