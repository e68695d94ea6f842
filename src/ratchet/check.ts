// The ratchet check: every configuration of a run against the best known one, the verdict over all of them, the exit code, and
// the baseline as it should stand afterwards. Pure: files, clock and environment are the caller's.
import type { Verdict } from '../verdict/delta-row.ts';
import type { Decision } from '../verdict/decision.ts';
import { decideFamily, type FamilyDecision } from '../verdict/family-decision.ts';
import { Fault } from '../text/fault.ts';
import { baselineEntry, type Baseline, type Provenance } from './baseline-file.ts';
import { judgeConfig, missingRow, type RatchetRow, type RowStatus, type Thresholds } from './judge-config.ts';
import type { ConfigResult } from './result-file.ts';
import type { Waiver } from './waiver.ts';

export interface RatchetQuestion {
  readonly current: readonly ConfigResult[];
  /** Null when there is no baseline yet. */
  readonly baseline: Baseline | null;
  readonly thresholds: Thresholds;
  readonly waivers: readonly Waiver[];
  readonly provenance: Provenance;
  /** Why nothing may be written (`no_write`, `pull_request`); null when it may. */
  readonly readOnly: string | null;
  readonly strict: boolean;
  readonly strictContext: boolean;
}

export interface RatchetOutcome {
  readonly verdict: Verdict;
  readonly decision: Decision;
  /** 0 nothing adverse; 1 a regression; under `strict` also 1 a missing, 3 an undecided and 4 an invalid configuration. */
  readonly exit_code: 0 | 1 | 3 | 4;
  readonly counts: Readonly<Record<RowStatus, number>>;
  /** Rows in order of severity: what went wrong first, then by size. */
  readonly rows: readonly RatchetRow[];
  readonly baseline_existed: boolean;
  readonly read_only: string | null;
  /** Configurations whose baseline this run replaces or creates (or would, when read only). */
  readonly promoted: readonly string[];
  /** The baseline to write; null when nothing changes or nothing may be written. */
  readonly next: Baseline | null;
}

const SEVERITY: readonly RowStatus[] = [
  'regression',
  'invalid',
  'not_comparable',
  'missing',
  'inconclusive',
  'waived',
  'improvement',
  'new',
  'unchanged',
];

/** Refuses thresholds whose sign says that they were meant otherwise. Throws a Fault `threshold_sign`. */
export const checkThresholds = (thresholds: Thresholds): void => {
  const refuse = (name: string, value: number, meant: number): never => {
    throw new Fault('usage', 'threshold_sign', `${name} is ${value}; faster is positive, slower is negative`, {
      fix: `write ${name} ${meant}`,
    });
  };
  const { regressionPercent, improvementPercent, profilePercent } = thresholds;
  if (!(regressionPercent <= 0)) refuse('regression threshold', regressionPercent, -Math.abs(regressionPercent));
  if (!(improvementPercent >= 0)) refuse('improvement threshold', improvementPercent, Math.abs(improvementPercent));
  if (!(profilePercent >= 0)) refuse('profile threshold', profilePercent, Math.abs(profilePercent));
};

/** Why this run may only read, from the flag and the name of the CI event; null when it may write. */
export const readOnlyReason = (noWrite: boolean, eventName: string | undefined): string | null => {
  if (noWrite) return 'no_write';
  const readsOnly = eventName !== undefined && /^(pull_request(_target)?|merge_group)$/.test(eventName);
  return readsOnly ? eventName : null;
};

/** The rows that were compared at all, as one family of tests. A waived slowdown does not gate. */
const familyOf = (rows: readonly RatchetRow[]): FamilyDecision =>
  decideFamily(
    rows.flatMap(({ config, decision, status }) =>
      decision === null || status === 'invalid' || status === 'not_comparable'
        ? []
        : [{ name: config, gating: status !== 'waived', decision }],
    ),
  );

/** A regression claim that does not survive the number of configurations tested at once becomes inconclusive. */
const correctForMany = (rows: readonly RatchetRow[], family: FamilyDecision): RatchetRow[] => {
  const holds = new Set(family.metrics.flatMap(({ name, holds }) => (holds === null ? [] : [name])));
  const note = `slower, but not beyond chance with ${family.holm_family.length} configurations tested at once`;
  return rows.map((row) =>
    row.status !== 'regression' || row.decision?.status !== 'FAIL' || holds.has(row.config)
      ? row
      : { ...row, status: 'inconclusive', is_regression: false, profile: false, notes: [...row.notes, note] },
  );
};

const bySeverity = (a: RatchetRow, b: RatchetRow): number =>
  SEVERITY.indexOf(a.status) - SEVERITY.indexOf(b.status) ||
  Math.abs(b.delta_pct ?? 0) - Math.abs(a.delta_pct ?? 0) ||
  (a.config < b.config ? -1 : 1);

const countStatuses = (rows: readonly RatchetRow[]): Record<RowStatus, number> => {
  const counts = Object.fromEntries(SEVERITY.map((status) => [status, 0])) as Record<RowStatus, number>; // every status is a key
  for (const { status } of rows) counts[status] += 1;
  return counts;
};

/** The decision over all configurations; says why where nothing could be compared. */
const overall = (rows: readonly RatchetRow[], { metrics, ...family }: FamilyDecision): Decision => {
  const { status, strength, basis, reason, trials_needed, mde } = family;
  if (metrics.length > 0) return { status, strength, basis, reason, trials_needed, mde };
  const refused = rows.find(({ status: row }) => row === 'not_comparable' || row === 'invalid');
  const why = refused?.decision?.reason ?? 'no_baseline';
  const verdict = refused?.status === 'not_comparable' ? 'INCOMPARABLE' : 'INCONCLUSIVE';
  return { status: verdict, strength: null, basis: 'point', reason: why, trials_needed: null, mde: null };
};

const exitCode = (
  counts: Readonly<Record<RowStatus, number>>,
  { strict, strictContext }: RatchetQuestion,
): 0 | 1 | 3 | 4 => {
  if (counts.regression > 0 || (strict && counts.missing > 0)) return 1;
  if ((strict && counts.invalid > 0) || (strictContext && counts.not_comparable > 0)) return 4;
  const settled = counts.improvement + counts.unchanged + counts.waived;
  return strict && (counts.inconclusive > 0 || settled === 0) ? 3 : 0;
};

const colour = (counts: Readonly<Record<RowStatus, number>>): Verdict => {
  if (counts.regression > 0) return 'RED';
  const doubtful = counts.invalid + counts.not_comparable + counts.missing + counts.inconclusive + counts.waived;
  return doubtful > 0 ? 'YELLOW' : 'GREEN';
};

/** The baseline after this run: promoted entries replaced, everything else as it was. */
const nextBaseline = (question: RatchetQuestion, promoted: readonly string[]): Baseline => {
  const next = new Map(question.baseline ?? []);
  for (const result of question.current)
    if (promoted.includes(result.name)) next.set(result.name, baselineEntry(result, question.provenance));
  return next;
};

/** Checks a run. Throws a Fault `threshold_sign` for thresholds of the wrong sign. */
export const checkRatchet = (question: RatchetQuestion): RatchetOutcome => {
  checkThresholds(question.thresholds);
  const { current, thresholds, waivers, provenance, readOnly } = question;
  const baseline: Baseline = question.baseline ?? new Map();
  const judged = current.map((result) => {
    const known = baseline.get(result.name)?.result ?? null;
    return judgeConfig(known, result, thresholds, waivers, provenance.at.slice(0, 10));
  });
  const measured = new Set(current.map(({ name }) => name));
  const missing = [...baseline.values()].filter(({ result }) => !measured.has(result.name));
  const family = familyOf(judged);
  const rows = [...correctForMany(judged, family), ...missing.map(({ result }) => missingRow(result))].sort(bySeverity);
  const counts = countStatuses(rows);
  const promoted = rows.filter((row) => !row.keep_baseline).map(({ config }) => config);
  return {
    verdict: colour(counts),
    decision: overall(rows, family),
    exit_code: exitCode(counts, question),
    counts,
    rows,
    baseline_existed: question.baseline !== null,
    read_only: readOnly,
    promoted,
    next: readOnly !== null || promoted.length === 0 ? null : nextBaseline(question, promoted),
  };
};
