// The pages by which a reader finds the others: measurements, diffs, profile diffs and campaigns, the newest first.
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
import { formatCount, plural, withUnit } from '../render/numbers.ts';
import { sparklineSvg } from '../render/sparkline.ts';
import { reasonText } from '../trend/trend-text.ts';
import type { Trend } from '../trend/analyse-trend.ts';
import { pageLink, shortTime, statusBadge, verdictBadge, type Problem, type SitePage } from './site-page.ts';
import {
  CAMPAIGNS,
  campaignPath,
  DIFFS,
  diffPath,
  HOME,
  measurementPath,
  PROFILE_DIFFS,
  profileDiffPath,
} from './site-paths.ts';
import type { ListedDiff } from './stored-diff.ts';

/** A measurement as the first page lists it: of its entries only what a row needs. */
export interface MeasurementLine {
  readonly family: string;
  readonly measurement: string;
  readonly model: string | null;
  readonly hardware: string | null;
  readonly metric: string | null;
  readonly value: number | null;
  readonly unit: string | null;
  readonly n: number | null;
  readonly tier: string | null;
  readonly at: string | null;
  readonly entries: number;
  /** What was found in its history, without the points. */
  readonly trend: Pick<Trend, 'verdict' | 'decision'> | null;
  /** Newest values of the history, oldest first. */
  readonly values: readonly number[];
  readonly lastDiff: ListedDiff | null;
  /** Entries or links that are not as they were recorded. */
  readonly damaged: number;
}

export interface ProfileDiffLine {
  readonly slug: string;
  readonly at: string | null;
  readonly verdict: Trend['verdict'] | null;
  readonly firstLine: string;
}

export interface CampaignLine {
  readonly name: string;
  readonly done: boolean | null;
  readonly coverage: string;
  readonly champion: string;
  readonly reports: readonly string[];
}

export interface SiteFacts {
  readonly measurements: readonly MeasurementLine[];
  readonly diffs: readonly ListedDiff[];
  readonly profileDiffs: readonly ProfileDiffLine[];
  readonly campaigns: readonly CampaignLine[];
  readonly entries: number;
  readonly problems: readonly Problem[];
  /** ISO 8601 UTC. */
  readonly renderedAt: string;
}

/** The newest first, then by name. */
const byTime = <T extends { readonly at: string | null }>(lines: readonly T[], name: (line: T) => string): T[] =>
  [...lines].sort((a, b) => {
    const [left, right] = [a.at ?? '', b.at ?? ''];
    return left === right ? (name(a) < name(b) ? -1 : 1) : left < right ? 1 : -1;
  });

const placeOf = ({ family, measurement }: { readonly family: string; readonly measurement: string }): string =>
  `${family}/${measurement}`;

const trendCell = ({ trend, values, unit, metric }: MeasurementLine): Text => {
  if (trend === null) return '';
  const first = values[0];
  const last = values.at(-1);
  const says = `${metric ?? 'value'} from ${first === undefined ? '-' : withUnit(first, unit)} to ${last === undefined ? '-' : withUnit(last, unit)}`;
  const svg = sparklineSvg(values, says);
  return [verdictBadge(trend.verdict), ' ', ...(svg === '' ? [] : [{ says, svg }])];
}; // prettier-ignore

const diffCell = (diff: ListedDiff | null): Text => {
  if (diff === null) return '';
  const link = pageLink(HOME, shortTime(diff.at), diffPath(diff));
  if (diff.verdict === null) return [link, ' cannot be read'];
  return [verdictBadge(diff.verdict), ' ', link];
};

const valueCell = ({ value, unit, n }: MeasurementLine): Text =>
  value === null ? '-' : [withUnit(value, unit), ...(n === null ? [] : [` (n ${n})`])];

const measurementRow = (line: MeasurementLine): Text[] => {
  const damaged: Span[] = line.damaged === 0 ? [] : [' ', { badge: `${line.damaged} not as recorded`, ground: 'bad' }];
  return [
    [pageLink(HOME, placeOf(line), measurementPath(line)), ...damaged],
    line.model ?? 'not stated',
    line.hardware ?? 'not stated',
    line.metric ?? 'no headline',
    valueCell(line),
    trendCell(line),
    diffCell(line.lastDiff),
    formatCount(line.entries),
    shortTime(line.at),
  ];
};

const MEASUREMENT_COLUMNS = [
  leftColumn('Measurement'),
  leftColumn('Model'),
  leftColumn('Hardware'),
  leftColumn('Metric'),
  rightColumn('Newest'),
  leftColumn('Trend'),
  leftColumn('Last diff'),
  rightColumn('Entries'),
  rightColumn('Recorded (UTC)'),
];

const MOST_PROBLEMS = 100;

const problemBlocks = (problems: readonly Problem[]): Block[] =>
  problems.length === 0
    ? []
    : [
        heading('Not shown whole'),
        list(problems.slice(0, MOST_PROBLEMS).map(({ what, reason }) => `${what}: ${reason}`)),
        ...(problems.length > MOST_PROBLEMS ? [paragraph(`${plural(problems.length - MOST_PROBLEMS, 'more')}.`)] : []),
      ]; // prettier-ignore

/** `2 RED, 1 YELLOW, 5 GREEN` of trends; badges, so that colour is never alone. */
const tally = (measurements: readonly MeasurementLine[]): Text => {
  const colours = ['RED', 'YELLOW', 'GREEN'] as const;
  const counted = colours.flatMap((verdict): Span[] => {
    const count = measurements.filter(({ trend }) => trend?.verdict === verdict).length;
    return count === 0 ? [] : [verdictBadge(verdict), ` ${formatCount(count)}  `];
  });
  return counted.length === 0 ? 'none yet' : counted;
};

const watched = (measurements: readonly MeasurementLine[]): Block[] => {
  const red = measurements.filter(({ trend }) => trend?.verdict === 'RED');
  if (red.length === 0) return [];
  const MOST = 10;
  return [
    heading('Got worse'),
    list([
      ...red.slice(0, MOST).map((line): Text => [
        pageLink(HOME, placeOf(line), measurementPath(line)),
        `: ${line.metric ?? 'its metric'}, ${line.trend === null ? '' : reasonText(line.trend)}`,
      ]),
      ...(red.length > MOST ? [`and ${red.length - MOST} more`] : []),
    ]),
  ];
}; // prettier-ignore

/** The first page. */
export const homePage = (facts: SiteFacts): SitePage => {
  const lines = byTime(facts.measurements, placeOf);
  const figures: KeyFigure[] = [
    { label: 'Measurements', value: formatCount(facts.measurements.length) },
    { label: 'Entries', value: formatCount(facts.entries) },
    { label: 'Trends', value: tally(facts.measurements) },
    { label: 'Newest entry (UTC)', value: shortTime(lines[0]?.at ?? null) },
    { label: 'Rendered (UTC)', value: facts.renderedAt },
  ];
  return {
    kind: 'page',
    path: HOME,
    title: 'Measurements',
    lead: `${plural(facts.entries, 'entry', 'entries')} of ${plural(facts.measurements.length, 'measurement')}, compared by their trends and ${plural(facts.diffs.length, 'diff')}`,
    section: 'measurements',
    trail: [],
    blocks: [
      { kind: 'figures', items: figures },
      ...watched(lines),
      heading('All measurements'),
      ...(lines.length === 0
        ? [paragraph('Nothing is recorded yet.')]
        : [searchedTable(MEASUREMENT_COLUMNS, lines.map(measurementRow))]),
      ...problemBlocks(facts.problems),
    ],
  };
};

/** The list of all comparisons. */
export const diffsPage = ({ diffs }: SiteFacts): SitePage => ({
  kind: 'page',
  path: DIFFS,
  title: 'Diffs',
  lead: `${plural(diffs.length, 'comparison')} with a baseline, as ${diffs.length === 1 ? 'it was' : 'they were'} decided`,
  section: 'diffs',
  trail: [],
  blocks:
    diffs.length === 0
      ? [paragraph(['No comparison lies in the registry. ', { code: 'perf_baseline_diff' }, ' makes one.'])]
      : [
          searchedTable(
            [leftColumn('Compared (UTC)'), leftColumn('Measurement'), leftColumn('Verdict'), leftColumn('Decision'), leftColumn('Rule'), leftColumn('Headline')],
            byTime(diffs, (diff) => `${placeOf(diff)}/${diff.slug}`).map((diff): Text[] => [
              [pageLink(DIFFS, shortTime(diff.at), diffPath(diff))],
              [pageLink(DIFFS, placeOf(diff), measurementPath(diff))],
              diff.verdict === null ? 'cannot be read' : [verdictBadge(diff.verdict)],
              diff.decision === null ? '' : [statusBadge(diff.decision)],
              diff.decision?.rule ?? '',
              diff.headline,
            ]),
          ),
        ],
}); // prettier-ignore

/** The list of all profile diffs. */
export const profileDiffsPage = ({ profileDiffs }: SiteFacts): SitePage => ({
  kind: 'page',
  path: PROFILE_DIFFS,
  title: 'Profile diffs',
  lead: `${plural(profileDiffs.length, 'comparison')} of captures: which kernels gained and lost time`,
  section: 'profile-diffs',
  trail: [],
  blocks:
    profileDiffs.length === 0
      ? [paragraph(['No profile diff lies below the root. ', { code: 'profile_profile_diff' }, ' makes one.'])]
      : [
          searchedTable(
            [leftColumn('Compared (UTC)'), leftColumn('Verdict'), leftColumn('What was found')],
            byTime(profileDiffs, ({ slug }) => slug).map((diff): Text[] => [
              [pageLink(PROFILE_DIFFS, shortTime(diff.at), profileDiffPath(diff.slug))],
              diff.verdict === null ? 'cannot be read' : [verdictBadge(diff.verdict)],
              diff.firstLine,
            ]),
          ),
        ],
}); // prettier-ignore

/** The list of all campaigns. */
export const campaignsPage = ({ campaigns }: SiteFacts): SitePage => ({
  kind: 'page',
  path: CAMPAIGNS,
  title: 'Campaigns',
  lead: `${plural(campaigns.length, 'campaign')}: how far they are, and which variant to ship`,
  section: 'campaigns',
  trail: [],
  blocks:
    campaigns.length === 0
      ? [paragraph(['There is no campaign. ', { code: 'perf_tune_report_campaign_init' }, ' begins one.'])]
      : [
          searchedTable(
            [leftColumn('Campaign'), leftColumn('Status'), leftColumn('Coverage'), leftColumn('Champion'), leftColumn('Reports')],
            campaigns.toReversed().map((campaign): Text[] => [
              [pageLink(CAMPAIGNS, campaign.name, campaignPath(campaign.name))],
              campaign.done === null ? 'cannot be read' : [campaign.done ? { badge: 'done', ground: 'good' } : { badge: 'open', ground: 'plain' }],
              campaign.coverage,
              campaign.champion,
              campaign.reports.flatMap((report, index): Span[] => [...(index === 0 ? [] : [' · ']), pageLink(CAMPAIGNS, report.split('/').at(-1) ?? report, report)]),
            ]),
          ),
        ],
}); // prettier-ignore
