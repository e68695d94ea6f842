// The one way a verb is run: normalise, validate, acknowledge, limit, run, render, redact, log. The server and the
// command line differ only in what they pass in. Nothing in here or in a verb prints.
import type { GateReport } from '../render/junit.ts';
import { exists } from '../fs/exists.ts';
import { campaignsFolder } from '../fs/root.ts';
import { terminalText } from '../render/escape.ts';
import type { Rows } from '../render/rows.ts';
import { Fault } from '../text/fault.ts';
import { cutLine, fitLines } from '../text/fit-lines.ts';
import { environmentSecrets, redact, redactArgv, redactValue } from '../text/redact.ts';
import { presentMoment } from '../text/time.ts';
import type { Product, VerbContext } from './context.ts';
import type { Link, Verb } from './define-verb.ts';
import { DRY_RUN_LINE, saying } from './dry-run.ts';
import { gateReport } from './gate-report.ts';
import { exitCodeOf, faultOf, faultRecord, faultText } from './failure.ts';
import type { Log } from './log.ts';
import type { ManifestEntry } from './manifest.ts';
import { healCall } from './heal.ts';
import { normaliseCall, sentArguments, takeAcknowledgement } from './normalise.ts';
import { nameInputs } from './named-inputs.ts';
import { callText, completeStep, stepLines, type Dialect, type NextStep } from './next-step.ts';
import { absolutePath } from './paths.ts';
import {
  NO_PIPES,
  dataWithGivenNames,
  pathReader,
  type PipeFiles,
  type SpooledPipes,
  spoolPipes,
  withGivenNames,
} from './spooled-pipes.ts';
import { limitSignal } from './time-limit.ts';
import type { Unfinished } from './unfinished.ts';
import { validateInput } from './validate.ts';
import { ACK_FIELD } from './vocabulary.ts';
import { isHeavy } from './weight.ts';
import { checkReportPath, checkWrittenPaths } from './written-paths.ts';

/** Longest text that an agent reads, in bytes. */
export const TEXT_LIMIT = 1500;

export interface Host {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly product: Product;
  readonly productFolder: string;
  readonly log: Log;
  readonly signal?: AbortSignal;
  /** Aborted when all calls of the host are to end. */
  readonly closing?: AbortSignal;
  /** See `VerbContext.textLimit`; default none. */
  readonly textLimit?: number;
  /** See `VerbContext.columns`; default infinite. */
  readonly columns?: number;
  /** See `VerbContext.allRows`; the outcome then has the rows of the answer. */
  readonly allRows?: boolean;
  /** The caller is a command line: without a root around the working folder, campaigns lie in that folder. */
  readonly commandLine?: boolean;
  /** See `VerbContext.foreground`. */
  readonly foreground?: boolean;
  /** How the caller writes calls; default as fields. */
  readonly dialect?: Dialect;
  /** Whether the caller can call the verb of this name; default any. */
  readonly offers?: (verb: string) => boolean;
  /** Takes in what a call started and may leave behind when it is stopped. */
  readonly unfinished?: Unfinished;
  readonly resolveRoot: (explicit: string | undefined) => { readonly root: string; readonly source: string };
  readonly progress?: (done: number, total: number, message: string) => void;
  /** The caller is a shell on this machine, whose pipes may stand for files that are read. */
  readonly pipes?: boolean;
  /** Where the caller will write the report of a gate; refused before anything is done where that is not ours to write. */
  readonly junit?: string | undefined;
  /** Asks the person behind the client to confirm the exact commands; absent where nobody can be asked. */
  readonly confirm?: (commands: readonly string[]) => Promise<boolean>;
}

export interface Outcome {
  readonly ok: boolean;
  /** It worked and reports a failure, such as that of a job. */
  readonly reportsFailure: boolean;
  readonly structured: Record<string, unknown>;
  readonly text: string;
  /** Warnings that belong before the text. */
  readonly notices: readonly string[];
  readonly links: readonly Link[];
  readonly exitCode: number;
  /** What a gate reports to a build server; null of other verbs, of a dry run, and while there is no result. */
  readonly report: GateReport | null;
  /** The rows of the answer, where the host asked for them and the verb has some. */
  readonly rows: Rows | null;
}

/** Thrown through `run` by a host whose confirmation needs another round trip; never turned into a result. */
export class Suspended extends Error {
  readonly value: unknown;
  constructor(value: unknown) {
    super('the call continues after the person has answered');
    this.value = value;
  }
}

/** Without the literal true nothing is started; what was sent in its place is named. */
const refuseWithoutAck = (verb: Verb, input: Record<string, unknown>, ack: unknown): void => {
  if (verb.safety !== 'submits_jobs' || input['dry_run'] === true || ack === true) return;
  const seen = ack === undefined ? '' : `, not ${JSON.stringify(ack)}`;
  throw new Fault('refused', 'ack_required', `FATAL: ${verb.name} starts work and needs ${ACK_FIELD}: true${seen}`, {
    fix: `set ${ACK_FIELD}: true (--${ACK_FIELD.replaceAll('_', '-')}), or dry_run: true (--dry-run) to see the plan`,
    data: { ack_field: ACK_FIELD, alternative: 'dry_run' },
  });
};

const confirmWithPerson = async (
  verb: Verb,
  input: Record<string, unknown>,
  context: VerbContext,
  host: Host,
): Promise<void> => {
  if (verb.safety !== 'submits_jobs' || context.dryRun) return;
  if (host.env['PROFILE_AND_OPTIMIZE_REQUIRE_HUMAN_ACK'] !== '1') return;
  if (host.confirm === undefined)
    throw new Fault('refused', 'human_ack_unavailable', `${verb.name} needs a person's confirmation`, {
      fix: 'use a client that can ask its user, or run the command line in a terminal',
    });
  const commands =
    verb.plan === undefined ? [`${verb.name} ${JSON.stringify(input)}`] : await verb.plan(input, context);
  if (!(await host.confirm(commands)))
    throw new Fault('refused', 'human_ack_denied', `${verb.name}: the person said no`, { fix: 'change the plan' });
};

const timeLimit = (verb: Verb, input: Record<string, unknown>): number =>
  typeof input['time_limit_s'] === 'number' ? input['time_limit_s'] : (verb.time_limit_s ?? 600);

const openContext = (
  input: Record<string, unknown>,
  host: Host,
  signal: AbortSignal,
  pipes: PipeFiles,
): VerbContext => {
  const explicit = typeof input['repo_root'] === 'string' ? absolutePath(input['repo_root'], host.cwd) : undefined;
  const { cwd, env, commandLine = false } = host;
  const found = host.resolveRoot(explicit);
  const { root } = found;
  return {
    root,
    cwd,
    campaigns: campaignsFolder({ env, cwd, commandLine }, found),
    env,
    signal,
    product: host.product,
    productFolder: host.productFolder,
    dryRun: input['dry_run'] === true,
    foreground: host.foreground ?? false,
    textLimit: host.textLimit ?? Infinity,
    columns: host.columns ?? Infinity,
    allRows: host.allRows ?? false,
    now: presentMoment,
    pipes,
    path: pathReader({ cwd, root, pipes }),
    progress: host.progress ?? (() => undefined),
  };
};

/** The result of `work`, or the reason of the signal as soon as it is aborted; the work's own failure is then nobody's. */
const untilAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};

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
    ...(rest === 0 ? [] : [`${rest} more: warnings in the structured result`]),
  ];
};

const succeed = (
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
  const notices = fitNotices(verb.notices?.(data) ?? [], limit);
  const exitCode = verb.exit_code?.(data, input) ?? 0;
  const answered = context.dryRun ? null : (verb.gate?.(data) ?? null);
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

/** What reads or computes much runs in a thread; what starts processes stays where signals reach it, and a dry run starts none. */
const startWork = async (verb: Verb, input: Record<string, unknown>, context: VerbContext) => {
  const mayThread = verb.safety !== 'submits_jobs' || context.dryRun;
  const isLong = verb.computes === true || isHeavy(verb.paths, input, context);
  if (!mayThread || !isLong) return verb.run(input, context);
  const { runInThread } = await import('./run-in-thread.ts');
  return runInThread(verb.name, input, context) ?? verb.run(input, context);
};

/** A job may go on after its caller, and reads its files again: it takes no pipes. */
const takePipes = (verb: Verb, input: Record<string, unknown>, { pipes, cwd }: Host, signal: AbortSignal) =>
  pipes === true && verb.safety !== 'submits_jobs' ? spoolPipes(verb.paths, input, { cwd, signal }) : NO_PIPES;

/** The fault with the names that the caller gave. */
const withPipeNames = (error: unknown, { files }: SpooledPipes): unknown => {
  if (!(error instanceof Fault) || Object.keys(files).length === 0) return error;
  const { kind, code, message, details } = error;
  const path = details.path === undefined ? {} : { path: withGivenNames(details.path, files) };
  return new Fault(kind, code, withGivenNames(message, files), { ...details, ...path });
};

/** The work of a valid, acknowledged call, within its time. */
const perform = async (verb: Verb, sent: Record<string, unknown>, host: Host) => {
  const { signal, release } = limitSignal([host.signal, host.closing], timeLimit(verb, sent));
  let pipes = NO_PIPES;
  try {
    signal.throwIfAborted();
    pipes = await takePipes(verb, sent, host, signal);
    const context = openContext(sent, host, signal, pipes.files);
    const input = nameInputs(verb.paths, sent, context);
    checkWrittenPaths(verb.paths, input, context);
    if (host.junit !== undefined) checkReportPath(host.junit, context, { paths: verb.paths, input });
    await confirmWithPerson(verb, input, context, host);
    signal.throwIfAborted();
    const work = startWork(verb, input, context);
    host.unfinished?.add(work);
    const data = await (verb.keeps_partial === true && context.foreground ? work : untilAborted(work, signal));
    return succeed(verb, sent, context, host, dataWithGivenNames(data, pipes.files));
  } catch (error) {
    throw withPipeNames(error, pipes);
  } finally {
    pipes.remove();
    release();
  }
};

/** Says what broke; where it broke is for those who asked for debug. */
const logInternal = async ({ name }: ManifestEntry, fault: Fault, { log }: Host): Promise<void> => {
  const { cause } = fault.details;
  await log('debug', 'stack of the internal error', { stack: cause instanceof Error ? cause.stack : fault.stack });
  await log('error', fault.message, { verb: name });
};

/** What a caller sees of a call that failed. */
export const failedOutcome = (
  { name, library, verb, safety }: Pick<ManifestEntry, 'name' | 'library' | 'verb' | 'safety'>,
  fault: Fault,
  { env, textLimit }: Pick<Host, 'env' | 'textLimit'>,
): Outcome => ({
  ok: false,
  reportsFailure: false,
  structured: { tool: name, library, verb, safety, error: faultRecord(fault) },
  text: faultText(fault, environmentSecrets(env), textLimit),
  notices: [],
  links: [],
  exitCode: exitCodeOf(fault),
  report: null,
  rows: null,
});

/** A gate that could not be asked has not been passed. */
const failedReport = (name: string, { code, message }: Fault, { exitCode }: Outcome): GateReport =>
  gateReport(name, { headline: `${code}: ${message}`, cases: [] }, exitCode);

/** Runs one call from raw arguments to an outcome. Never throws for what a caller can fix; lets `Suspended` through. */
export const runVerb = async (
  entry: ManifestEntry,
  load: () => Promise<Verb>,
  raw: unknown,
  host: Host,
): Promise<Outcome> => {
  const started = performance.now();
  const known = environmentSecrets(host.env);
  const sent = sentArguments(raw);
  let outcome: Outcome;
  let isGate = false;
  try {
    const { fields, ack } = takeAcknowledgement(entry, healCall(await normaliseCall(entry, raw), entry));
    const verb = await load();
    isGate = verb.gate !== undefined;
    const input = validateInput(verb, entry, fields);
    refuseWithoutAck(verb, input, ack);
    outcome = { ok: true, ...(await perform(verb, input, host)) };
  } catch (error) {
    if (error instanceof Suspended) throw error;
    const fault = faultOf(error);
    if (fault.kind === 'internal') await logInternal(entry, fault, host);
    const failed = failedOutcome(entry, fault, host);
    outcome = { ...failed, report: isGate ? failedReport(entry.name, fault, failed) : null };
  }
  await host.log('info', 'call', {
    verb: entry.name,
    ok: outcome.ok,
    exit_code: outcome.exitCode,
    ms: Math.round(performance.now() - started),
  });
  return withLegacy(cleaned(outcome, known), entry, sent === null ? null : redactArgv(sent, known));
};

const redactReport = ({ name, headline, cases }: GateReport, known: readonly string[]): GateReport => ({
  name,
  headline: redact(headline, known),
  cases: cases.map((entry) => ({ ...entry, message: redact(entry.message, known) })),
});

const redactRows = ({ columns, rows }: Rows, known: readonly string[]): Rows => ({
  columns,
  rows: rows.map((row) => row.map((cell) => (typeof cell === 'string' ? redact(cell, known) : cell))),
});

/** No secret leaves, and no control character that came with a name reaches a terminal. */
const cleaned = (outcome: Outcome, known: readonly string[]): Outcome => ({
  ...outcome,
  structured: Object(redactValue(outcome.structured, known)),
  text: terminalText(outcome.ok ? redact(outcome.text, known) : outcome.text),
  notices: outcome.notices.map(terminalText),
  report: outcome.report === null ? null : redactReport(outcome.report, known),
  rows: outcome.rows === null ? null : redactRows(outcome.rows, known),
});

/** Callers that sent `args` also get the fields that the old envelope had. */
const withLegacy = (outcome: Outcome, entry: ManifestEntry, args: readonly string[] | null): Outcome => {
  if (args === null) return outcome;
  const ackRequired = entry.safety === 'submits_jobs';
  const legacy = {
    ack_required: ackRequired,
    ack_field: ackRequired ? ACK_FIELD : null,
    args,
    returncode: outcome.exitCode,
  };
  return { ...outcome, structured: { ...outcome.structured, legacy } };
};
