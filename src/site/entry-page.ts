// The page of one entry: its numbers with unit and trials, how sure they are, under what conditions they were measured, where they
// come from, and whether its bytes are those that were recorded.
import { metricKey } from '../metrics/metric.ts';
import { PLACEMENT_FIELDS } from '../metrics/context.ts';
import type { StoredBaseline } from '../registry/entry-schema.ts';
import type { EntrySide } from '../registry/entry-side.ts';
import {
  heading,
  leftColumn,
  list,
  paragraph,
  rightColumn,
  type Block,
  type Ground,
  type KeyFigure,
  type Span,
  type Text,
} from '../render/document.ts';
import { formatBytes, formatCount, formatNumber, formatShare, plural, withUnit } from '../render/numbers.ts';
import { jsonFile } from '../text/json.ts';
import { TIER_GROUNDS } from '../verdict/ground.ts';
import { tierText } from '../verdict/tier-text.ts';
import type { ChainState, ReadEntry } from './read-measurement.ts';
import { fullTable, joined, pageLink, shortTime, type SitePage } from './site-page.ts';
import { entryPath, HOME, measurementPath, type EntryName } from './site-paths.ts';

export interface EntryPageOptions {
  /** Keys of the metrics on which verdicts of this measurement hang. */
  readonly headlines: readonly string[];
  /** Leave out who and where: users, hosts, paths, commands, environment. */
  readonly anonymous: boolean;
}

/** What each state of an entry is shown as. Whether it is harmless is the registry's rule. */
const STATES: Readonly<Record<ChainState, readonly [ground: Ground, says: string]>> = {
  intact: ['good', 'all bytes are those that were recorded'],
  linked: ['plain', 'the chain names it; its bytes were not checked for this page'],
  unchained: ['doubt', 'written by another tool or by hand; no link says what its bytes were'],
  inserted: ['bad', 'says that it was recorded here, and the chain does not know it'],
  changed: ['bad', 'its bytes are not those that were recorded'],
  half: ['bad', 'a file of it is absent or cannot be read'],
};

export const stateBadge = (state: ChainState): Span => ({ badge: state, ground: STATES[state][0] });

const MOST_METRICS = 1000;
const MOST_TRIALS = 200;
const MOST_REPEATS = 40;

const known = (value: unknown): value is NonNullable<unknown> => value !== null && value !== undefined && value !== '';

/** A line of a list of facts; nothing where nothing is known. */
const fact = (label: string, value: Text | null | undefined): KeyFigure[] => (known(value) ? [{ label, value }] : []);

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What every page names a number's certainty by. */
export const tierBadge = (tier: string | null | undefined): Span =>
  tier === 'VERDICT' || tier === 'DRAFT' ? { badge: tier, ground: TIER_GROUNDS[tier] } : 'none stated';

const scalarFigures = ({ value, unit, n, mean, std, median, values, direction }: StoredBaseline): KeyFigure[] => {
  const inUnit = (amount: number): string => withUnit(amount, unit ?? null);
  const several = typeof n === 'number' && n > 1;
  return [
    ...(typeof value === 'number' ? [{ label: 'Value', value: [{ strong: inUnit(value) }, ` (n = ${n ?? 1})`] }] : []),
    ...(several && typeof median === 'number' ? [{ label: 'Median', value: inUnit(median) }] : []),
    ...(several && typeof mean === 'number' ? [{ label: 'Mean', value: inUnit(mean) }] : []),
    ...(several && typeof std === 'number' ? [{ label: 'Standard deviation (n - 1)', value: inUnit(std) }] : []),
    ...(several && values !== null && values !== undefined
      ? fact('Repeats', `${values.slice(0, MOST_REPEATS).map((each) => formatNumber(each)).join(', ')}${values.length > MOST_REPEATS ? ', …' : ''}${known(unit) ? ` ${unit}` : ''}`)
      : []),
    ...fact('Direction', direction),
  ];
}; // prettier-ignore

const solText = (baseline: StoredBaseline, key: string): string => {
  const share = baseline.sol?.find((each) => each.key === key);
  return share === undefined
    ? ''
    : `${formatShare(share.sol_pct)} of ${withUnit(share.sol_ceiling_value, share.unit)} (${share.sol_ceiling_key})`;
};

const COLUMNS = [
  leftColumn('Metric'),
  rightColumn('Value'),
  rightColumn('n'),
  rightColumn('Least'),
  rightColumn('Most'),
  leftColumn('Direction'),
  leftColumn('Speed of light'),
];

const metricRow = (metric: EntrySide['metrics'][number], side: EntrySide, baseline: StoredBaseline, headlines: readonly string[]): Text[] => {
  const key = metricKey(metric);
  const sample = side.trials.flatMap(({ values }) => values[key] ?? []);
  const unit = metric.unit ?? side.unit ?? null;
  const end = (pick: (...all: number[]) => number): string => (sample.length > 1 ? withUnit(pick(...sample), unit) : '');
  return [
    headlines.includes(key) ? [key, ' ', { badge: 'headline', ground: 'plain' }] : key,
    withUnit(metric.value, unit),
    String(Math.max(1, sample.length)),
    end(Math.min),
    end(Math.max),
    metric.direction ?? '',
    solText(baseline, key),
  ];
}; // prettier-ignore

const metricBlocks = (side: EntrySide, baseline: StoredBaseline, headlines: readonly string[]): Block[] => {
  if (side.shape === 'scalar' || side.metrics.length === 0) return [];
  const rows = side.metrics.slice(0, MOST_METRICS).map((metric) => metricRow(metric, side, baseline, headlines));
  const rest = side.metrics.length - rows.length;
  return [
    heading('Numbers'),
    fullTable(COLUMNS, rows),
    ...(rest > 0 ? [paragraph(`${plural(rest, 'more metric')}: perf_baseline_show --limit ${side.metrics.length}`)] : []),
  ];
}; // prettier-ignore

const TRIAL_COLUMNS = [
  rightColumn('Trial'),
  leftColumn('Started (UTC)'),
  leftColumn('Repeated'),
  leftColumn('Counts'),
  rightColumn('Requests'),
];

const trialBlocks = ({ trials }: EntrySide): Block[] => {
  if (trials.length === 0) return [];
  const rows = trials.slice(0, MOST_TRIALS).map(({ index, started_at: at, replicate_level: level, validity, requests }): Text[] => [
    String(index),
    shortTime(at),
    level ?? 'not stated',
    validity.length === 0 ? 'yes' : validity.join(', ').replaceAll('_', ' '),
    typeof requests === 'number' ? formatCount(requests) : '',
  ]);
  return [heading('Trials'), fullTable(TRIAL_COLUMNS, rows)];
}; // prettier-ignore

const contextBlocks = (baseline: StoredBaseline, anonymous: boolean): Block[] => {
  const hidden: readonly string[] = anonymous ? PLACEMENT_FIELDS : [];
  const fields = Object.entries(baseline.context ?? {}).filter(([field]) => !hidden.includes(field));
  const stated = fields.filter(([, value]) => known(value));
  const open = fields.filter(([, value]) => value === null).map(([field]) => field);
  return [
    heading('Context'),
    ...(stated.length === 0
      ? [paragraph('Not stated, so that nobody knows what this number may be compared with.')]
      : [{ kind: 'figures', items: stated.map(([field, value]) => ({ label: field, value: shown(value) })) } as const]),
    ...(open.length === 0 ? [] : [paragraph(`Not known: ${open.join(', ')}.`)]),
    ...((baseline.attested ?? []).length === 0
      ? []
      : [paragraph(`Typed and not recorded: ${(baseline.attested ?? []).join(', ')}.`)]),
    ...(known(baseline.context_key) ? [paragraph(['Context key ', { code: baseline.context_key }])] : []),
  ];
};

const provenanceFigures = (baseline: StoredBaseline, anonymous: boolean): KeyFigure[] => {
  const { registered_by: by, workstation, repo_sha: commit, repo_dirty: dirty } = baseline;
  const bytes = baseline.source_bytes;
  return [
    ...fact('Recorded (UTC)', baseline.registered_at_utc),
    ...fact('Source sha256', [{ code: baseline.source_sha256 }]),
    ...fact('Source bytes', typeof bytes === 'number' ? `${formatCount(bytes)} (${formatBytes(bytes)})` : null),
    ...fact('Format', baseline.format),
    ...fact('Picked from the source', baseline.select),
    ...fact('Repository', known(commit) ? [{ code: commit }, dirty === true ? ', with local changes' : ''] : null),
    ...fact('Recorded with', known(baseline.product_version) ? `profile-and-optimize ${baseline.product_version}` : null),
    ...(anonymous
      ? []
      : [
          ...fact('Source', known(baseline.source_path) ? [{ code: baseline.source_path }] : null),
          ...fact('Recorded by', by?.operator_user),
          ...fact('Team', by?.team),
          ...fact('Host', workstation?.hostname),
          ...fact('System', workstation?.uname),
        ]),
  ];
}; // prettier-ignore

const provenanceBlocks = (baseline: StoredBaseline, anonymous: boolean): Block[] => {
  const environment = baseline.environment ?? {};
  return [
    heading('Provenance'),
    { kind: 'figures', items: provenanceFigures(baseline, anonymous) },
    ...(!anonymous && known(baseline.capture_command)
      ? [heading('Capture command', 3), { kind: 'code', language: 'sh', text: baseline.capture_command } as const]
      : []),
    ...(!anonymous && Object.keys(environment).length > 0
      ? [{ kind: 'folded', title: 'Environment', blocks: [{ kind: 'code', language: 'json', text: jsonFile(environment).trimEnd() }] } as const]
      : []),
    ...(anonymous ? [paragraph('Users, hosts, paths, commands and environments are left out of this site.')] : []),
  ];
}; // prettier-ignore

const chainFigures = ({ state, detail, link }: ReadEntry): KeyFigure[] => [
  { label: 'Chain', value: [stateBadge(state), ` ${detail ?? STATES[state][1]}`] },
  ...(link === null
    ? []
    : [
        { label: 'Link', value: `${link.seq}, appended ${link.at}` },
        { label: 'Entry sha256', value: [{ code: link.entry_sha256 }] },
      ]),
];

const headFigures = (read: ReadEntry, name: EntryName, path: string): KeyFigure[] => {
  const { tags, supersededBy, entry } = read;
  const { tier, tier_missing: missing, supersedes } = entry?.baseline ?? {};
  const other = (slug: string): Text => [pageLink(path, slug, entryPath({ ...name, slug }))];
  return [
    ...(tags.length === 0
      ? []
      : [{ label: 'Tags', value: joined(tags.map((tag): Span => ({ badge: tag, ground: 'plain' })), ' ') }]),
    { label: 'Tier', value: known(tier) ? [tierBadge(tier), ` ${tierText(tier, missing ?? []).replace(/^(?:VERDICT|DRAFT)(?:; )?/, '')}`] : 'none stated' },
    ...(supersededBy === null ? [] : [{ label: 'Superseded by', value: other(supersededBy) }]),
    ...(known(supersedes) ? [{ label: 'Supersedes', value: other(supersedes) }] : []),
  ];
}; // prettier-ignore

const neighbours = ({ newer, older }: ReadEntry, name: EntryName, path: string): Block[] => {
  const links = [
    ...(older === null ? [] : [pageLink(path, `older: ${older}`, entryPath({ ...name, slug: older }))]),
    ...(newer === null ? [] : [pageLink(path, `newer: ${newer}`, entryPath({ ...name, slug: newer }))]),
  ];
  return links.length === 0 ? [] : [paragraph(joined(links, ' · '))];
};

/** What the entry comes to: its number, how sure it is, and whether it is as it was recorded. */
const leadOf = ({ entry, side, state }: ReadEntry): Text => {
  if (entry === null) return [stateBadge(state), ' cannot be read'];
  const { value, unit, n, tier } = entry.baseline;
  const number =
    typeof value === 'number'
      ? `${withUnit(value, unit ?? null)} (n = ${n ?? 1})`
      : side?.shape === 'profile'
        ? 'a profile'
        : plural(side?.metrics.length ?? 0, 'number');
  return [number, ' ', tierBadge(tier), ' ', stateBadge(state)];
};

/** The page of an entry of `family`/`measurement`. */
export const entryPage = (
  read: ReadEntry,
  place: Omit<EntryName, 'slug'>,
  { headlines, anonymous }: EntryPageOptions,
): SitePage => {
  const name = { ...place, slug: read.slug };
  const path = entryPath(name);
  const { entry, side, error, supersededBy } = read;
  const measurement = `${place.family}/${place.measurement}`;
  const warnings = [...(entry?.warnings ?? []), ...(side?.warnings ?? [])];
  const numbers = entry === null || side?.shape !== 'scalar' ? [] : scalarFigures(entry.baseline);
  const notes = entry?.baseline.notes ?? '';
  return {
    kind: 'page',
    path,
    title: `${measurement} @ ${read.slug}`,
    lead: leadOf(read),
    section: 'measurements',
    trail: [
      { title: 'Measurements', path: HOME },
      { title: measurement, path: measurementPath(place) },
    ],
    blocks: [
      ...(supersededBy === null ? [] : [{ kind: 'note', text: ['Superseded: ', pageLink(path, supersededBy, entryPath({ ...name, slug: supersededBy })), ' took its place.'] } as const]),
      ...(error === null ? [] : [{ kind: 'note', text: `Cannot be read whole: ${error}` } as const]),
      { kind: 'figures', items: [...numbers, ...headFigures(read, name, path), ...chainFigures(read)] },
      ...(side?.shape === 'profile' ? [paragraph('A profile: profile_summary says what it holds.')] : []),
      ...(side === null || entry === null ? [] : [...metricBlocks(side, entry.baseline, headlines), ...trialBlocks(side)]),
      ...(entry === null ? [] : contextBlocks(entry.baseline, anonymous)),
      ...(notes === '' ? [] : [heading('Notes'), ...notes.split(/\r?\n/).filter((line) => line.trim() !== '').map((line) => paragraph(line))]),
      ...(entry === null ? [] : provenanceBlocks(entry.baseline, anonymous)),
      ...(warnings.length === 0 ? [] : [heading('Warnings'), list(warnings)]),
      ...neighbours(read, name, path),
    ],
  };
}; // prettier-ignore
