// Makes the answer of a verb that worked: data, text within the caller's limit, warnings, and the calls that may follow. Never
// cuts a step: rows are left out instead.
import { exists } from '../fs/exists.ts';
import { cutLine, fitLines } from '../text/fit-lines.ts';
import type { VerbContext } from './context.ts';
import type { Verb } from './define-verb.ts';
import { DRY_RUN_LINE, saying } from './dry-run.ts';
import { gateReport } from './gate-report.ts';
import type { Host } from './host.ts';
import { callText, completeStep, stepLines, type Dialect, type NextStep } from './next-step.ts';
import { ACK_FIELD } from './vocabulary.ts';

/** What a dry run leads to: the same call for good, of a job with the plan that was shown. */
const forGood = (verb: Verb, input: Record<string, unknown>, data: Record<string, unknown>): NextStep => {
  const { dry_run: _shown, ...rest } = input;
  const plan = data['plan_sha256'];
  const acknowledged =
    verb.safety === 'submits_jobs'
      ? { ...(typeof plan === 'string' ? { expect_plan: plan } : {}), [ACK_FIELD]: true }
      : {};
  return { verb: verb.name, input: { ...rest, ...acknowledged } };
};

interface Steps {
  readonly offered: readonly NextStep[];
  /** Names of verbs that would follow and that this caller has not. */
  readonly lacking: readonly string[];
}

/** The steps that this caller can take, below the root of this call, and what it lacks for others. */
const stepsOf = (
  verb: Verb,
  input: Record<string, unknown>,
  data: Record<string, unknown>,
  { dryRun }: VerbContext,
  { offers = () => true }: Host,
): Steps => {
  const { repo_root: root } = input;
  const steps = dryRun ? [forGood(verb, input, data)] : (verb.next?.(data, input) ?? []);
  const offered = steps.filter((step) => offers(step.verb));
  return {
    offered: offered.map((step) => completeStep({ ...step, input: { ...step.input, repo_root: root } })),
    lacking: steps.flatMap(({ verb: name }) => (offers(name) ? [] : [name])),
  };
};

/** Lines of the steps; one that would take more than a third of the text stands in the structured result alone. */
const linesOf = ({ offered, lacking }: Steps, limit: number, dialect: Dialect): string[] => {
  const short = offered.filter((step) => callText(step, dialect).length < limit / 3);
  return [
    ...stepLines(short, dialect),
    ...(short.length === offered.length ? [] : ['… a longer call: next in the structured result']),
    ...lacking.slice(0, 1).map((name) => `next would be ${name}, which this version does not offer here`),
  ];
};

const NOTICE = 'warning: \n'.length;

/** As many warnings as fit a third of the text, each cut to that; how many more there are. */
const fitNotices = (notices: readonly string[], limit: number): string[] => {
  const room = limit / 3;
  const lengths = notices.map((notice) => Math.min(Buffer.byteLength(notice), room) + NOTICE);
  const fitting = notices.filter((_, index) => lengths.slice(0, index + 1).reduce((a, b) => a + b, 0) <= room + NOTICE);
  const rest = notices.length - fitting.length;
  return [
    ...fitting.map((notice) => cutLine(notice, room)),
    ...(rest === 0 ? [] : [`${rest} more in the structured result`]),
  ];
};

/** What a verb that worked answers: its data, the text that fits the caller, and the steps that the caller can take. */
export const succeed = (
  verb: Verb,
  input: Record<string, unknown>,
  context: VerbContext,
  host: Host,
  data: Record<string, unknown>,
) => {
  const steps = stepsOf(verb, input, data, context, host);
  const structured = {
    tool: verb.name,
    library: verb.library,
    verb: verb.verb,
    safety: verb.safety,
    repo_root: context.root,
    ...(context.dryRun ? { dry_run: true } : {}),
    ...data,
    next: steps.offered,
  };
  const limit = context.textLimit;
  const notices = fitNotices(verb.notices?.(data, host.commandLine === true ? 'terminal' : 'answer') ?? [], limit);
  const exitCode = verb.exit_code?.(data, input) ?? 0;
  const isReported = host.commandLine === true && !context.dryRun;
  const answered = isReported ? (verb.gate?.(data) ?? null) : null;
  const room = limit - notices.reduce((sum, notice) => sum + Buffer.byteLength(notice) + NOTICE, 0);
  const { dryRun } = context;
  const last = [...(dryRun ? [DRY_RUN_LINE] : []), ...linesOf(steps, room, host.dialect ?? 'fields')];
  return {
    structured,
    notices,
    text: fitLines(verb.render(data, saying(dryRun)), room, 'in the structured result', last),
    links: (verb.links?.(data) ?? []).filter(({ path }) => !context.dryRun || exists(path)),
    reportsFailure: verb.failed?.(data) ?? false,
    exitCode,
    report: answered === null ? null : gateReport(verb.name, answered, exitCode),
    rows: context.allRows ? (verb.rows?.(data) ?? null) : null,
  };
};
