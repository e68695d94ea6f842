// Rolls the comparisons of many measurements up into one summary and one exit code, for a nightly run. Nothing that went wrong is
// ever hidden by something that went well.
import type { Verdict } from '../verdict/delta-row.ts';
import type { Decision } from '../verdict/decision.ts';
import { paragraph, table } from '../render/document.ts';
import { plural } from '../render/numbers.ts';
import { blocksMarkdown } from '../render/markdown.ts';

/** What became of one measurement: a comparison, or the reason there was none. */
export type SweepItem = {
  readonly measurement: string;
  /** The result that was compared. */
  readonly path?: string;
  /** Exit code of this comparison alone, under the flags of the sweep. */
  readonly exit_code: number;
} & (
  | {
      readonly verdict: Verdict;
      readonly decision: Decision;
      readonly headline: string;
      /** The row that says most: the worst, else an undecided one, else the largest change; null where nothing changed. */
      readonly metric: string | null;
      /** `310 -> 295 GB/s (-4.8%)`; null beside no metric. */
      readonly change: string | null;
      /** Folder of the whole comparison; null on a dry run. */
      readonly diff_dir: string | null;
    }
  | { readonly error: { readonly code: string; readonly message: string } }
);

export interface SweepSummary {
  readonly verdict: Verdict;
  readonly exit_code: number;
  readonly total: number;
  readonly counts: Readonly<Record<Verdict | 'ERROR', number>>;
  readonly decisions: Readonly<Record<Decision['status'], number>>;
  /** The gravest first, then by name. */
  readonly items: readonly SweepItem[];
}

/** Gravest first: a regression, a fault of ours, cut short, input that could not be used, not comparable, undecided. */
const EXIT_ORDER = [1, 5, 124, 130, 2, 4, 3, 0];

const gravity = (code: number): number => EXIT_ORDER.indexOf(EXIT_ORDER.includes(code) ? code : 5);

const COLOUR_ORDER: readonly (Verdict | 'ERROR')[] = ['RED', 'ERROR', 'YELLOW', 'GREEN'];

const colourOf = (item: SweepItem): Verdict | 'ERROR' => ('verdict' in item ? item.verdict : 'ERROR');

const byGravity = (a: SweepItem, b: SweepItem): number =>
  COLOUR_ORDER.indexOf(colourOf(a)) - COLOUR_ORDER.indexOf(colourOf(b)) ||
  gravity(a.exit_code) - gravity(b.exit_code) ||
  (a.measurement < b.measurement ? -1 : 1);

/** One summary. An empty sweep compared nothing and is YELLOW with exit code 2: a cron job that watches nothing must say so. */
export const rollUpSweep = (items: readonly SweepItem[]): SweepSummary => {
  const counts = { RED: 0, ERROR: 0, YELLOW: 0, GREEN: 0 };
  const decisions = { PASS: 0, FAIL: 0, INCONCLUSIVE: 0, INCOMPARABLE: 0 };
  for (const item of items) {
    counts[colourOf(item)] += 1;
    if ('decision' in item) decisions[item.decision.status] += 1;
  }
  const doubtful = counts.ERROR + counts.YELLOW > 0 || items.length === 0;
  const sorted = [...items].sort(byGravity);
  const codes = items.map(({ exit_code }) => exit_code).sort((a, b) => gravity(a) - gravity(b));
  return {
    verdict: counts.RED > 0 ? 'RED' : doubtful ? 'YELLOW' : 'GREEN',
    exit_code: codes[0] ?? 2,
    total: items.length,
    counts,
    decisions,
    items: sorted,
  };
};

const row = (item: SweepItem): string[] =>
  'verdict' in item
    ? [
        item.measurement,
        item.verdict,
        item.decision.status,
        item.metric === null ? item.headline : `${item.metric}: ${item.change ?? ''}`,
        item.diff_dir ?? '',
      ]
    : [item.measurement, 'ERROR', item.error.code, item.error.message, ''];

/** The summary as Markdown: one line of counts and a table, the gravest first. */
export const renderSweep = ({ verdict, total, counts, items }: SweepSummary): string => {
  const tally = `${counts.RED} red, ${counts.YELLOW} yellow, ${counts.GREEN} green, ${counts.ERROR} without a comparison`;
  const columns = [
    { title: 'Measurement' },
    { title: 'Verdict' },
    { title: 'Decision' },
    { title: 'Headline' },
    { title: 'Diff' },
  ];
  const body = items.length === 0 ? paragraph('Nothing was compared.') : table(columns, items.map(row));
  return `${blocksMarkdown([paragraph([{ strong: verdict }, ` over ${plural(total, 'measurement')}: ${tally}.`]), body])}\n`;
};
