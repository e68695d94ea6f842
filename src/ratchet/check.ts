// The ratchet check: every configuration of a run against the best known one, the verdict over all of them, the exit code, and
// the baseline as it should stand afterwards. Pure: files, clock and environment are the caller's.
import type { Verdict } from '../verdict/delta-row.ts';
import { bareDecision, type Decision } from '../verdict/decision.ts';
import { gravestColour } from '../verdict/colour.ts';
import { failOnCode, gravestExit, type ComparisonExit, type FailOn } from '../verdict/exit-code.ts';
import { correctFamily, decideOverall, type Family } from '../verdict/overall.ts';
import { Fault } from '../text/fault.ts';
import { baselineEntry, type Baseline, type Provenance } from './baseline-file.ts';
import {
  configRow,
  draftConfig,
  missingRow,
  newRow,
  waiverFor,
  type ConfigDraft,
  type RatchetRow,
  type RowStatus,
  type Thresholds,
} from './judge-config.ts';
import type { ConfigResult } from './result-file.ts';
import type { Waiver } from './waiver.ts';

export interface RatchetQuestion {
  readonly candidate: readonly ConfigResult[];
  /** Null when there is no baseline yet. */
  readonly baseline: Baseline | null;
  readonly thresholds: Thresholds;
  readonly waivers: readonly Waiver[];
  readonly provenance: Provenance;
  /** Why nothing may be written (`no_write`, `pull_request`); null when it may. */
  readonly readOnly: string | null;
  readonly strict: boolean;
  readonly strictContext: boolean;
  readonly failOn?: readonly FailOn[];
  /** Gains that look too large have been vouched for. */
  readonly acceptImplausible?: boolean;
}

export interface RatchetOutcome {
  readonly verdict: Verdict;
  readonly decision: Decision;
  /** 0 nothing adverse; 1 a regression; under `strict` also 1 a missing, 3 an undecided and 4 an invalid configuration. */
  readonly exit_code: ComparisonExit;
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
  'implausible',
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

const bySeverity = (a: RatchetRow, b: RatchetRow): number =>
  SEVERITY.indexOf(a.status) - SEVERITY.indexOf(b.status) ||
  Math.abs(b.delta_pct ?? 0) - Math.abs(a.delta_pct ?? 0) ||
  (a.config < b.config ? -1 : 1);

const countStatuses = (rows: readonly RatchetRow[]): Record<RowStatus, number> => {
  const counts = Object.fromEntries(SEVERITY.map((status) => [status, 0])) as Record<RowStatus, number>; // every status is a key
  for (const { status } of rows) counts[status] += 1;
  return counts;
};

/** The decision over all configurations; says why where nothing could be compared. A waived slowdown does not gate. */
const overall = (compared: readonly ConfigDraft[], rows: readonly RatchetRow[], family: Family): Decision => {
  if (compared.length > 0) return decideOverall(compared, [], family);
  const refused = rows.find(({ status }) => status === 'not_comparable' || status === 'invalid');
  const reason = refused?.decision?.reason ?? refused?.notes[0] ?? 'no_baseline';
  if (refused?.status === 'not_comparable') return bareDecision('INCOMPARABLE', 'V9', reason);
  return bareDecision('INCONCLUSIVE', refused === undefined ? 'V1' : 'V10', reason);
};

/**
 * A regression fails always. Under `strict` also a missing configuration (1), one that cannot be compared or is invalid (4), and
 * one that is undecided (3). The first run of all has nothing to compare and passes.
 */
const exitCode = (
  counts: Readonly<Record<RowStatus, number>>,
  { strict, strictContext, baseline, failOn = [] }: RatchetQuestion,
  { verdict, decision }: Pick<RatchetOutcome, 'verdict' | 'decision'>,
): ComparisonExit => {
  const settled = counts.improvement + counts.unchanged + counts.waived + counts.new;
  const undecided = counts.inconclusive + counts.implausible > 0 || (settled === 0 && baseline !== null);
  return gravestExit([
    counts.regression > 0 || (strict && counts.missing > 0) ? 1 : 0,
    (strict && counts.invalid + counts.not_comparable > 0) || (strictContext && counts.not_comparable > 0) ? 4 : 0,
    strict && undecided ? 3 : 0,
    failOnCode({ verdict, decision, vanished: new Array<unknown>(counts.missing) }, failOn),
  ]);
};

const COLOURS: Readonly<Record<RowStatus, Verdict>> = {
  regression: 'RED',
  invalid: 'YELLOW',
  not_comparable: 'YELLOW',
  implausible: 'YELLOW',
  missing: 'YELLOW',
  inconclusive: 'YELLOW',
  waived: 'YELLOW',
  improvement: 'GREEN',
  new: 'GREEN',
  unchanged: 'GREEN',
};

/** The baseline after this run: promoted entries replaced, everything else as it was. */
const nextBaseline = (question: RatchetQuestion, promoted: readonly string[]): Baseline => {
  const next = new Map(question.baseline ?? []);
  for (const result of question.candidate)
    if (promoted.includes(result.name)) next.set(result.name, baselineEntry(result, question.provenance));
  return next;
};

const isCompared = ({ candidate, decision }: ConfigDraft): boolean =>
  candidate.invalid === null && decision.status !== 'INCOMPARABLE';

/** Every configuration of the run by itself, then all that were compared and are not waived as one family. */
const judgeRows = (question: RatchetQuestion, baseline: Baseline) => {
  const { candidate, thresholds, waivers, acceptImplausible = false, provenance } = question;
  const rules = { thresholds, acceptImplausible };
  const drafts = candidate.flatMap((result) => {
    const known = baseline.get(result.name)?.result;
    return known === undefined ? [] : [draftConfig(known, result, rules)];
  });
  const day = provenance.at.slice(0, 10);
  const found = new Map(drafts.map((draft) => [draft, waiverFor(draft, waivers, day)]));
  const waiverOf = (draft: ConfigDraft) => found.get(draft) ?? { covering: null, note: null };
  const compared = drafts.filter((draft) => isCompared(draft) && waiverOf(draft).covering === null);
  const family = correctFamily(compared);
  const rows = drafts.map((draft) =>
    configRow(
      draft,
      { standing: family.standingOf(draft), family: family.members.length, waiver: waiverOf(draft) },
      rules,
    ),
  );
  return { compared, family, rows };
};

/** Checks a run. Throws a Fault `threshold_sign` for thresholds of the wrong sign. */
export const checkRatchet = (question: RatchetQuestion): RatchetOutcome => {
  checkThresholds(question.thresholds);
  const { candidate, readOnly } = question;
  const baseline: Baseline = question.baseline ?? new Map();
  const { compared, family, rows: judged } = judgeRows(question, baseline);
  const added = candidate.filter(({ name }) => !baseline.has(name));
  const measured = new Set(candidate.map(({ name }) => name));
  const missing = [...baseline.values()].filter(({ result }) => !measured.has(result.name));
  const rows = [...judged, ...added.map(newRow), ...missing.map(({ result }) => missingRow(result))].sort(bySeverity);
  const counts = countStatuses(rows);
  const promoted = rows.filter((row) => !row.keep_baseline).map(({ config }) => config);
  const verdict = gravestColour(rows.map(({ status }) => COLOURS[status]));
  const decision = overall(compared, rows, family);
  return {
    verdict,
    decision,
    exit_code: exitCode(counts, question, { verdict, decision }),
    counts,
    rows,
    baseline_existed: question.baseline !== null,
    read_only: readOnly,
    promoted,
    next: readOnly !== null || promoted.length === 0 ? null : nextBaseline(question, promoted),
  };
};
