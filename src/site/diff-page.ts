// The page of one comparison as it was decided: verdict, rule, intervals, context, what next. Shows what the stored file says.
import { basename } from 'node:path';
import { isSafeSegment } from '../fs/safe-path.ts';
import {
  heading,
  leftColumn,
  list,
  paragraph,
  rightColumn,
  table,
  type Block,
  type KeyFigure,
  type Span,
  type Text,
} from '../render/document.ts';
import { formatCount, formatNumber, formatPercent, formatShare, plural, withUnit } from '../render/numbers.ts';
import { profileDiffDocument } from '../profile/text/diff-document.ts';
import { profileDiffSvg } from '../profile/text/profile-diff-svg.ts';
import type { ProfileDiff } from '../profile/diff/profile-diff-schema.ts';
import { contextWarnings } from '../verdict/context-match.ts';
import { reasonsText } from '../metrics/trial.ts';
import { RULES } from '../verdict/rules.ts';
import { leverLine, spanText, titleOf, toleranceText } from '../verdict/wording.ts';
import { tierText } from '../verdict/tier-text.ts';
import { isSlug } from '../registry/slug.ts';
import { fullTable, pageLink, statusBadge, verdictBadge, type SitePage } from './site-page.ts';
import { DIFFS, diffPath, entryPath, measurementPath, type EntryName } from './site-paths.ts';
import { headlineOf, rowChange, type StoredDiff, type StoredRow } from './stored-diff.ts';

export interface DiffPageOptions {
  /** True of an entry that has a page. */
  readonly hasPage: (entry: EntryName) => boolean;
  readonly anonymous: boolean;
}

/** The end of a path into a registry, wherever that lay when the comparison was made. */
const ENTRY_PATH = /[/\\]perf-baselines[/\\]([^/\\]+)[/\\]([^/\\]+)[/\\]([^/\\]+)(?:[/\\]|$)/;

/** The entry that a path lies in, where it is one of a registry. */
const entryAt = (path: string): EntryName | undefined => {
  const [, family, measurement, slug] = ENTRY_PATH.exec(path) ?? [];
  if (family === undefined || measurement === undefined || slug === undefined || !isSlug(slug)) return undefined;
  return isSafeSegment(family) && isSafeSegment(measurement) ? { family, measurement, slug } : undefined;
};

/** The side of a comparison: a link to its entry, else its path, else the name alone. */
const sideText = (path: string, page: string, { hasPage, anonymous }: DiffPageOptions): Span => {
  const entry = entryAt(path);
  const named = entry === undefined ? undefined : `${entry.family}/${entry.measurement}@${entry.slug}`;
  if (entry !== undefined && named !== undefined && hasPage(entry)) return pageLink(page, named, entryPath(entry));
  return { code: named ?? (anonymous ? basename(path) : path) };
};

const SHORT = 12;

const withDigest = (side: Span, sha256: string | null | undefined): Text =>
  sha256 ? [side, ' sha256 ', { code: sha256.slice(0, SHORT) }] : [side];

const sides = (diff: StoredDiff, path: string, options: DiffPageOptions): KeyFigure[] => {
  const baselines = diff.baselines ?? (diff.baseline_dir ? [{ dir: diff.baseline_dir, sha256: '' }] : []);
  const sources = diff.current_sources ?? [];
  const current = diff.current_sha256 ?? diff.current_source_sha256;
  return [
    { label: 'Baseline', values: baselines.map(({ dir, sha256 }) => withDigest(sideText(dir, path, options), sha256)) },
    sources.length > 0
      ? { label: 'Current', values: sources.map((source) => withDigest(sideText(source.path, path, options), source.sha256)) }
      : { label: 'Current', value: current ? ['sha256 ', { code: current.slice(0, SHORT) }] : 'not stated' },
  ];
}; // prettier-ignore

const decisionFigures = (diff: StoredDiff): KeyFigure[] => {
  const { decision, verdict, tier, tier_missing: missing, trials, direction } = diff;
  const marks = [
    ...(diff.improved_beyond_tolerance === true ? ['improved beyond tolerance'] : []),
    ...((diff.trending_away_from_peak ?? []).length > 0 ? ['trending away from peak'] : []),
  ];
  const tolerance = typeof diff.tolerance_absolute === 'number' ? formatNumber(diff.tolerance_absolute) : typeof diff.tolerance_percent === 'number' ? formatShare(diff.tolerance_percent) : null;
  const side = (count: { readonly valid: number; readonly invalid: number; readonly reasons: Parameters<typeof reasonsText>[0] }): string =>
    count.valid + count.invalid === 0 ? '1 run' : `${count.valid} valid, ${count.invalid} invalid${count.invalid === 0 ? '' : ` (${reasonsText(count.reasons)})`}`;
  return [
    { label: 'Verdict', value: [verdictBadge(verdict), ...(marks.length > 0 ? [` ${marks.join(', ')}`] : [])] },
    ...(decision
      ? [
          { label: 'Decision', value: [statusBadge(decision), ` on the basis of ${decision.basis.replaceAll('_', ' ')}; ${decision.reason.replaceAll('_', ' ')}`] },
          { label: 'Rule', value: `${decision.rule}: ${RULES[decision.rule]}` },
          ...(decision.trials_needed === null ? [] : [{ label: 'To settle it', value: `${plural(decision.trials_needed, 'trial')} a side` }]),
          ...(decision.mde === null ? [] : [{ label: 'Smallest change that shows', value: formatPercent(100 * decision.mde) }]),
          ...named('Failed', decision.failed),
          ...named('Suspect', decision.suspect),
          ...named('Open', decision.open),
        ]
      : []),
    ...(trials ? [{ label: 'Trials', value: `baseline ${side(trials.baseline)}; current ${side(trials.current)}` }] : []),
    ...(tier ? [{ label: 'Tier', value: tierText(tier, missing ?? []) }] : []),
    ...(tolerance === null ? [] : [{ label: 'Tolerance', value: tolerance }]),
    ...(direction ? [{ label: 'Direction', value: direction }] : []),
  ];
}; // prettier-ignore

const MOST_NAMES = 12;

const named = (label: string, names: readonly string[]): KeyFigure[] =>
  names.length === 0
    ? []
    : [{ label, value: `${names.slice(0, MOST_NAMES).map(titleOf).join(', ')}${names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''}` }]; // prettier-ignore

const COLUMNS = [
  leftColumn('Metric'),
  rightColumn('Baseline'),
  rightColumn('Current'),
  rightColumn('Change'),
  leftColumn('Interval'),
  rightColumn('Tolerance'),
  leftColumn('Decision'),
  leftColumn('Rule'),
];

const marksOf = (row: StoredRow): Span[] => [
  ...(row.headline === true ? [{ badge: 'headline', ground: 'plain' } as const] : []),
  ...(row.adverse === true ? [{ badge: 'adverse', ground: 'bad' } as const] : []),
  ...(row.improved === true ? [{ badge: 'improved', ground: 'good' } as const] : []),
  ...(row.standing === 'invalid' || row.standing === 'implausible' ? [{ badge: row.standing, ground: 'doubt' } as const] : []),
]; // prettier-ignore

const deltaRow = (row: StoredRow): Text[] => {
  const { decision, unit = null, tolerance } = row;
  const { direction } = row;
  return [
    [row.key, ...marksOf(row).flatMap((mark): Span[] => [' ', mark])],
    withUnit(row.baseline, unit),
    withUnit(row.current, unit),
    formatPercent(row.delta_pct ?? null),
    decision && direction ? spanText({ decision, unit, direction }) : '',
    tolerance ? toleranceText(tolerance, unit) : '',
    decision ? `${decision.status}${decision.strength === null ? '' : ` ${decision.strength}`}` : '',
    decision ? decision.rule : '',
  ];
};

const rowBlocks = ({ rows, total }: StoredDiff): Block[] => [
  heading('Rows'),
  ...(rows.length === 0
    ? [paragraph('No metric is on both sides.')]
    : [
        ...(total > rows.length ? [paragraph(`${formatCount(rows.length)} of ${formatCount(total)}: headlines, then what got worse, then the largest changes.`)] : []),
        fullTable(COLUMNS, rows.map(deltaRow)),
      ]),
]; // prettier-ignore

const shown = (value: unknown): string =>
  value === null ? 'not stated' : typeof value === 'string' ? value : JSON.stringify(value);

const contextBlocks = ({ context }: StoredDiff): Block[] => {
  if (!context) return [];
  const rows = [
    ...context.mismatches.map((each) => [each.field, shown(each.baseline), shown(each.current), 'mismatch']),
    ...context.varies.map((each) => [each.field, shown(each.baseline), shown(each.current), 'changed on purpose']),
  ];
  const unknown = context.unknown.map(({ field, missing_on: side }) => `${field} (${side})`);
  const placement = context.same_placement === null ? 'not known' : context.same_placement ? 'the same' : 'different';
  return [
    heading('Context'),
    ...(rows.length === 0 ? [] : [table([leftColumn('Field'), leftColumn('Baseline'), leftColumn('Current'), leftColumn('Kind')], rows)]),
    list([
      ...(rows.length === 0 ? ['No field that both sides state differs.'] : []),
      `Placement: ${placement}`,
      ...(unknown.length > 0 ? [`Not stated by one side: ${unknown.join(', ')}`] : []),
    ]),
  ];
}; // prettier-ignore

const loneBlocks = (title: string, metrics: StoredDiff['vanished']): Block[] =>
  (metrics ?? []).length === 0
    ? []
    : [heading(title), list((metrics ?? []).slice(0, 50).map(({ key, value, unit, headline }) => `${key}${headline ? ' (headline)' : ''}: ${withUnit(value, unit)}`))]; // prettier-ignore

const solBlocks = ({ sol }: StoredDiff): Block[] => {
  const rows = (sol ?? []).slice(0, 50).map((each) => [
    each.key,
    `${withUnit(each.sol_ceiling_value, each.unit)} (${each.sol_ceiling_key})`,
    formatShare(each.baseline_sol_pct),
    formatShare(each.current_sol_pct),
    `${formatNumber(each.delta_pp, 3)} pp`,
  ]);
  return rows.length === 0
    ? []
    : [heading('Speed of light'), table([leftColumn('Metric'), leftColumn('Ceiling'), rightColumn('Baseline'), rightColumn('Current'), rightColumn('Change')], rows)];
}; // prettier-ignore

const sinceBlocks = (diff: StoredDiff, name: EntryName, path: string, { hasPage }: DiffPageOptions): Block[] =>
  ([['Since the oldest entry of the era', diff.since_oldest], ['Since @golden', diff.since_golden]] as const).flatMap(([title, since]) => {
    if (!since) return [];
    const entry = { ...name, slug: since.slug };
    const rows = since.rows.map((row): Text[] => [
      titleOf(row.key),
      rowChange({ ...row, key: row.key }),
      row.beyond ? [{ badge: 'beyond tolerance', ground: 'bad' }] : 'within tolerance',
    ]);
    return [
      heading(title),
      paragraph(hasPage(entry) ? [pageLink(path, since.slug, entryPath(entry))] : since.slug),
      table([leftColumn('Metric'), leftColumn('Change'), leftColumn('Tolerance')], rows),
    ];
  }); // prettier-ignore

/** A diff with its sides as they are named alone, where a site says nothing of places. */
const nameless = (diff: ProfileDiff): ProfileDiff => {
  const bare = (side: ProfileDiff['baseline']): ProfileDiff['baseline'] => ({
    ...side,
    sources: side.sources.map((source) => source.split('/').at(-1) ?? ''),
    ranks: side.ranks.map((rank) => ({ ...rank, host: null })),
  });
  return { ...diff, baseline: bare(diff.baseline), candidate: bare(diff.candidate) };
};

/** What a profile diff shows on a page, below what was decided. */
export const profileBlocks = (diff: ProfileDiff, anonymous: boolean): Block[] => [
  { kind: 'picture', title: diff.first_line, href: '', svg: profileDiffSvg(diff) },
  ...profileDiffDocument(anonymous ? nameless(diff) : diff).blocks,
];

/** A mismatch of contexts first: it is no number's fault. */
const warningsOf = ({ context, warnings }: StoredDiff): string[] => [
  ...new Set([...(context ? contextWarnings(context) : []), ...(warnings ?? [])]),
];

/** The page of a comparison of `family`/`measurement`. */
export const diffPage = (diff: StoredDiff, name: EntryName, options: DiffPageOptions): SitePage => {
  const path = diffPath(name);
  const measurement = `${name.family}/${name.measurement}`;
  return {
    kind: 'page',
    path,
    title: `Diff of ${measurement}, ${name.slug}`,
    lead: [
      verdictBadge(diff.verdict),
      ' ',
      ...(diff.decision ? [statusBadge(diff.decision), ' '] : []),
      headlineOf(diff),
    ],
    section: 'diffs',
    trail: [
      { title: 'Diffs', path: DIFFS },
      { title: measurement, path: measurementPath(name) },
    ],
    blocks: [
      ...warningsOf(diff).map((warning) => ({ kind: 'note', text: warning }) as const),
      ...(diff.recommendation ? [paragraph([{ strong: diff.recommendation }])] : []),
      { kind: 'figures', items: [...decisionFigures(diff), ...sides(diff, path, options)] },
      ...(diff.next_lever ? [paragraph(leverLine(diff.next_lever))] : []),
      ...rowBlocks(diff),
      ...loneBlocks('Vanished', diff.vanished),
      ...loneBlocks('New', diff.added),
      ...solBlocks(diff),
      ...sinceBlocks(diff, name, path, options),
      ...contextBlocks(diff),
      ...(diff.profile ? [heading('Profile'), ...profileBlocks(diff.profile, options.anonymous)] : []),
    ],
  };
};

/** Where a comparison cannot be read, its page says why. */
export const unreadDiffPage = (name: EntryName, reason: string): SitePage => ({
  kind: 'page',
  path: diffPath(name),
  title: `Diff of ${name.family}/${name.measurement}, ${name.slug}`,
  lead: 'cannot be read',
  section: 'diffs',
  trail: [{ title: 'Diffs', path: DIFFS }],
  blocks: [{ kind: 'note', text: `Cannot be read: ${reason}` }],
});
