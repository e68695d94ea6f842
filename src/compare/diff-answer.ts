// The answer of perf_baseline_diff, from a judged comparison or from a profile diff: the same fields either way, lists cut to
// what an agent reads.
import { rowFigures, trialsRecord } from './delta-record.ts';
import type { JudgedRow, Judgement } from './judgement.ts';
import { registryFolder } from '../registry/layout.ts';
import type { VerbContext } from '../verb/context.ts';
import { readBaselineSide, type BaselineSide } from '../registry/entry-side.ts';
import { requireOneSource } from '../source/candidate-side.ts';
import { diffMeasurement } from './diff-measurement.ts';
import type { DiffRequest } from './diff-request.ts';
import { diffProfileBaseline } from './diff-profile.ts';
import type { SinceEntry, SinceEra } from './since-era.ts';
import { comparisonExitCode, type Strictness } from '../verdict/exit-code.ts';

const MOST_ROWS = 50;
const MOST_HEADLINES = 8;

/** What repeats say about a row, in the answer for every row that failed or is undecided. */
const decisionOf = ({ decision }: JudgedRow) => {
  const { status, strength, basis, rule, reason, n, worsening, scale, interval, p_worse, trials_needed, mde } =
    decision;
  return basis === 'point' && status !== 'INVALID' && status !== 'IMPLAUSIBLE'
    ? {}
    : {
        decision: {
          status,
          strength,
          basis,
          rule,
          reason,
          n: [n[0], n[1]] as [number, number],
          worsening,
          scale,
          interval: interval === null ? null : { ...interval },
          p_worse,
          trials_needed,
          mde,
        },
      };
};

const rowOf = (row: JudgedRow) => ({
  ...figuresOf(row),
  standing: row.standing,
  direction_known: row.direction_source !== 'default',
  ...decisionOf(row),
});

const isOpen = ({ standing, decision, adverse }: JudgedRow): boolean =>
  !adverse && decision.interval !== null && (standing === 'open' || standing === 'implausible');

const figuresOf = (row: JudgedRow) => rowFigures({ ...row, current: row.candidate });

/** The rows of the headline metrics; where there is none, the largest change. */
const headlineRows = (rows: readonly JudgedRow[]): readonly JudgedRow[] => {
  const headlines = rows.filter(({ headline }) => headline);
  return headlines.length > 0 ? headlines.slice(0, MOST_HEADLINES) : rows.slice(0, 1);
};

const judgedFields = (judgement: Judgement, allRows: boolean) => ({
  verdict: judgement.verdict,
  decision: judgement.decision,
  tier: judgement.tier,
  tier_missing: [...judgement.tier_missing],
  headline: judgement.headline.slice(0, MOST_ROWS),
  improved_beyond_tolerance: judgement.improved_beyond_tolerance,
  trending_away_from_peak: judgement.trending_away_from_peak.slice(0, MOST_ROWS),
  deltas_count: judgement.rows.length,
  direction: judgement.direction,
  adverse_count: judgement.adverse.length,
  adverse: judgement.adverse.slice(0, MOST_ROWS).map(rowOf),
  undecided: judgement.rows.filter(isOpen).slice(0, MOST_ROWS).map(rowOf),
  improved: judgement.improved.slice(0, MOST_ROWS).map(rowOf),
  headline_rows: headlineRows(judgement.rows).map(figuresOf),
  ...(allRows ? { rows: judgement.rows.map(rowOf) } : {}),
  vanished: judgement.vanished.slice(0, MOST_ROWS).map((metric) => ({ ...metric })),
  added: judgement.added.slice(0, MOST_ROWS).map((metric) => ({ ...metric })),
  sol: judgement.sol.slice(0, MOST_ROWS).map((share) => ({ ...share })),
  context: { ...judgement.context },
  trials: trialsRecord(judgement.trials),
});

/** The older entries of the answer, absent where there is none. */
const mutable = (since: SinceEra) => {
  const entry = (of: SinceEntry | null) =>
    of === null ? undefined : { slug: of.slug, at: of.at, rows: of.rows.map((row) => ({ ...row })) };
  const [since_oldest, since_golden] = [entry(since.since_oldest), entry(since.since_golden)];
  return {
    ...(since_oldest === undefined ? {} : { since_oldest }),
    ...(since_golden === undefined ? {} : { since_golden }),
  };
};

const answerMeasurement = async (
  request: DiffRequest,
  baseline: BaselineSide,
  strictness: Strictness,
  context: VerbContext,
) => {
  const { judgement, recommendation, lever, since, bundle, text, warnings } = await diffMeasurement(
    request,
    baseline,
    context,
  );
  return {
    ...judgedFields(judgement, context.allRows),
    diff_dir: bundle?.folder ?? null,
    shape: baseline.shape,
    tolerance_percent: request.tolerance_percent ?? 5,
    tolerance_absolute: request.tolerance_absolute ?? null,
    baseline_dir: baseline.entry.folder,
    baseline_sha256: baseline.entry.baseline.source_sha256,
    current_sha256: bundle?.candidateSha256 ?? null,
    recommendation: recommendation.text,
    next_verb: recommendation.next_verb,
    next_lever: { ...lever },
    ...mutable(since),
    warnings: [...warnings],
    exit_code: comparisonExitCode(judgement, strictness),
    summary: text,
  };
};

/** Compares and answers. Throws a Fault of the registry, the readers, or judging. */
export const answerDiff = async (request: DiffRequest, strictness: Strictness, context: VerbContext) => {
  requireOneSource(request);
  const baseline = await readBaselineSide(registryFolder(context.root), request.baseline, context.cwd);
  return baseline.shape === 'profile'
    ? diffProfileBaseline(request, baseline, strictness, context)
    : answerMeasurement(request, baseline, strictness, context);
};
