// The pages of one measurement: where its headline metric stands and where it went, and every entry with its number.
import type { ChainLink } from '../registry/chain.ts';
import {
  heading,
  leftColumn,
  list,
  paragraph,
  rightColumn,
  searchedTable,
  type Block,
  type KeyFigure,
  type Span,
  type Text,
} from '../render/document.ts';
import { formatCount, formatPercent, plural, withUnit } from '../render/numbers.ts';
import { analyseTrend, type Trend } from '../trend/analyse-trend.ts';
import { renderTrendSvg } from '../trend/trend-svg.ts';
import { reasonText, renderTrendText } from '../trend/trend-text.ts';
import { RULES } from '../verdict/rules.ts';
import { stateBadge, tierBadge } from './entry-page.ts';
import type { ChainState, History, OpenMeasurement } from './read-measurement.ts';
import { fullTable, joined, pageLink, shortTime, statusBadge, verdictBadge, type SitePage } from './site-page.ts';
import { diffPath, entryPath, HOME, measurementPath, type EntryName } from './site-paths.ts';
import type { ListedDiff } from './stored-diff.ts';

/** An entry as a table lists it. */
export interface EntryLine {
  readonly slug: string;
  readonly at: string | null;
  /** Of the metric that the measurement is followed by; null where the entry has none. */
  readonly value: number | null;
  readonly unit: string | null;
  readonly n: number | null;
  readonly tier: string | null;
  readonly state: ChainState;
  readonly tags: readonly string[];
  readonly supersededBy: string | null;
  readonly contextKey: string | null;
  readonly model: string | null;
  readonly hardware: string | null;
  readonly error: string | null;
}

/** A history with what was found in it. */
export interface JudgedHistory {
  readonly history: History;
  readonly trend: Trend;
  /** Older points that the picture leaves out. */
  readonly leftOut: number;
}

/** Most points of a picture and of what is found in it: the newest. */
const MOST_POINTS = 400;

/** Percent that `perf_baseline_trend` tolerates where nobody says otherwise. */
const TOLERANCE = 0.05;

/** The trend of a history as `perf_baseline_trend` finds it; null of a history without points. */
export const judgeHistory = (history: History): JudgedHistory | null => {
  const points = history.points.slice(-MOST_POINTS);
  if (points.length === 0) return null;
  const { key, unit, direction } = history.metric;
  const trend = analyseTrend(points, { metric: key, unit, direction, tolerance: TOLERANCE });
  return { history, trend, leftOut: history.points.length - points.length };
};

/** Entries on a page. */
export const PAGE_ENTRIES = 1000;

const COLUMNS = (metric: string) => [
  leftColumn('Recorded (UTC)'),
  leftColumn('Entry'),
  rightColumn(metric),
  rightColumn('n'),
  leftColumn('Tier'),
  leftColumn('Chain'),
  leftColumn('Tags'),
  leftColumn('Context'),
];

const CONTEXT_DIGITS = 8;

const entryRow = (line: EntryLine, place: Omit<EntryName, 'slug'>, path: string): Text[] => {
  const { slug, value, unit, n, error } = line;
  return [
    shortTime(line.at),
    [pageLink(path, slug, entryPath({ ...place, slug })), ...(line.supersededBy === null ? [] : [' ', { badge: 'superseded', ground: 'plain' } as const])],
    error !== null ? 'cannot be read' : value === null ? '-' : withUnit(value, unit),
    n === null ? '' : formatCount(n),
    [tierBadge(line.tier)],
    [stateBadge(line.state)],
    joined(line.tags.map((tag): Span => ({ badge: tag, ground: 'plain' })), ' '),
    line.contextKey === null ? 'not stated' : [{ code: line.contextKey.slice(0, CONTEXT_DIGITS) }],
  ];
}; // prettier-ignore

const trendBlocks = ({ trend, leftOut }: JudgedHistory, measurement: string): Block[] => {
  const { decision, metric } = trend;
  return [
    heading([`Trend of ${metric} `, verdictBadge(trend.verdict), ' ', statusBadge(decision)]),
    { kind: 'picture', title: `Trend of ${measurement}`, href: '', svg: renderTrendSvg(trend, measurement) },
    { kind: 'code', language: 'text', text: renderTrendText(trend) },
    paragraph(
      `Rule ${decision.rule}: ${RULES[decision.rule]}. Changes up to ${formatPercent(100 * TOLERANCE).slice(1)} are tolerated.${leftOut > 0 ? ` The newest ${formatCount(trend.points.length)} entries; ${formatCount(leftOut)} older ones are in the table.` : ''}`,
    ),
  ];
}; // prettier-ignore

const MOST_DIFFS = 20;

const diffBlocks = (diffs: readonly ListedDiff[], path: string): Block[] => {
  if (diffs.length === 0) return [];
  const rows = diffs.slice(0, MOST_DIFFS).map((diff): Text[] => [
    shortTime(diff.at),
    [pageLink(path, diff.slug, diffPath(diff))],
    diff.verdict === null ? 'cannot be read' : [verdictBadge(diff.verdict)],
    diff.decision === null ? '' : [statusBadge(diff.decision)],
    diff.headline,
  ]);
  const rest = diffs.length - rows.length;
  return [
    heading('Diffs'),
    fullTable([leftColumn('Compared (UTC)'), leftColumn('Diff'), leftColumn('Verdict'), leftColumn('Decision'), leftColumn('Headline')], rows),
    ...(rest > 0 ? [paragraph(`${plural(rest, 'older diff')} in the list of diffs.`)] : []),
  ];
}; // prettier-ignore

const chainBlocks = ({ walk, absent }: OpenMeasurement): Block[] => {
  const missing = ({ slug, seq }: ChainLink): Text => `${slug}: link ${seq} of the chain names it, and it is not there`;
  const items = [
    ...absent.map(missing),
    ...walk.breaks.map(({ line, reason, slug }): Text => `line ${line} of the chain: ${reason.replaceAll('_', ' ')}${slug === null ? '' : ` (${slug})`}`),
    ...walk.forks.map(({ branches }): Text => `two branches were merged here: ${branches.join(', ')}; nothing is wrong with them`),
  ];
  return items.length === 0 ? [] : [heading('Chain'), list(items), paragraph(['What they mean: ', { code: 'perf_baseline_verify' }])];
}; // prettier-ignore

export interface MeasurementFacts {
  readonly open: OpenMeasurement;
  /** Newest first. */
  readonly lines: readonly EntryLine[];
  /** The headline metric first. */
  readonly histories: readonly JudgedHistory[];
  /** Newest first. */
  readonly diffs: readonly ListedDiff[];
}

const headFigures = ({ open, lines }: MeasurementFacts): KeyFigure[] => {
  const newest = lines.find(({ error }) => error === null);
  const { value = null, unit = null, n = null, at = null, model, hardware, tier } = newest ?? {};
  const metric = open.choice?.chosen.key;
  const { head } = open.walk;
  return [
    ...(value === null || metric === undefined ? [] : [{ label: `Newest ${metric}`, value: [{ strong: withUnit(value, unit) }, ` (n = ${n ?? 1}), recorded ${shortTime(at)} UTC`] }]),
    { label: 'Model', value: model ?? 'not stated' },
    { label: 'Hardware', value: hardware ?? 'not stated' },
    { label: 'Tier', value: [tierBadge(tier)] },
    { label: 'Entries', value: formatCount(lines.length) },
    ...(head === null ? [] : [{ label: 'Head of the chain', value: [{ code: head }] }]),
    ...(open.noMetric === null ? [] : [{ label: 'No trend', value: open.noMetric }]),
  ];
}; // prettier-ignore

/** What the measurement comes to: verdict of its trend, its newest number. */
const leadOf = ({ lines, histories: [first], open }: MeasurementFacts): Text => {
  const newest = lines.find(({ value }) => value !== null);
  const number = newest === undefined ? 'no number yet' : `${open.choice?.chosen.key ?? 'value'} ${withUnit(newest.value ?? 0, newest.unit)} on ${shortTime(newest.at).slice(0, 10)}`;
  return first === undefined ? number : [verdictBadge(first.trend.verdict), ` ${reasonText(first.trend)}; ${number}`];
}; // prettier-ignore

const pager = (place: Omit<EntryName, 'slug'>, page: number, pages: number, path: string): Block[] =>
  pages === 1
    ? []
    : [
        paragraph(
          joined(
            Array.from({ length: pages }, (_, index): Span => (index + 1 === page ? { strong: `page ${page}` } : pageLink(path, `page ${index + 1}`, measurementPath(place, index + 1)))),
            ' · ',
          ),
        ),
      ]; // prettier-ignore

/** The pages of a measurement: the first has its trends, every one a part of its entries. */
export const measurementPages = (facts: MeasurementFacts): SitePage[] => {
  const { open, lines, histories, diffs } = facts;
  const { family, measurement } = open.place;
  const [place, name] = [{ family, measurement }, `${family}/${measurement}`];
  const pages = Math.max(1, Math.ceil(lines.length / PAGE_ENTRIES));
  const metric = open.choice?.chosen.key ?? 'Value';
  return Array.from({ length: pages }, (_, index): SitePage => {
    const path = measurementPath(place, index + 1);
    const part = lines.slice(index * PAGE_ENTRIES, (index + 1) * PAGE_ENTRIES);
    const first = measurementPath(place);
    return {
      kind: 'page',
      path,
      title: index === 0 ? name : `${name}, page ${index + 1}`,
      lead: leadOf(facts),
      section: 'measurements',
      trail: [{ title: 'Measurements', path: HOME }, ...(index === 0 ? [] : [{ title: name, path: first }])],
      blocks: [
        ...(index === 0 ? [{ kind: 'figures', items: headFigures(facts) } as const, ...histories.flatMap((history) => trendBlocks(history, name))] : []),
        heading('Entries'),
        ...pager(place, index + 1, pages, path),
        searchedTable(COLUMNS(metric), part.map((line) => entryRow(line, place, path))),
        ...(index === 0 ? [...diffBlocks(diffs, path), ...chainBlocks(open)] : []),
      ],
    };
  });
}; // prettier-ignore
