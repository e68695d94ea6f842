// The one way a verb is run: normalise, validate, acknowledge, limit, run, render, redact, log. The server and the
// command line differ only in what they pass in. Nothing in here or in a verb prints.
import { campaignsFolder } from '../fs/root.ts';
import type { GateReport } from '../render/junit.ts';
import { Fault } from '../text/fault.ts';
import { environmentSecrets, redactArgv } from '../text/redact.ts';
import { presentMoment } from '../text/time.ts';
import { succeed } from './answer.ts';
import type { ShownPicture, VerbContext } from './context.ts';
import type { Verb } from './define-verb.ts';
import { exitCodeOf, faultOf, faultRecord, faultText } from './failure.ts';
import { faultIn } from './fault-dialect.ts';
import { gateReport } from './gate-report.ts';
import { healCall } from './heal.ts';
import { Suspended, type Host, type Outcome } from './host.ts';
import { cleaned, withLegacy } from './leaving.ts';
import type { ManifestEntry } from './manifest.ts';
import { nameInputs } from './named-inputs.ts';
import { normaliseCall, sentArguments, takeAcknowledgement } from './normalise.ts';
import { absolutePath } from './paths.ts';
import {
  NO_PIPES,
  dataWithGivenNames,
  faultWithGivenNames,
  pathReader,
  type PipeFiles,
  spoolPipes,
} from './spooled-pipes.ts';
import { limitSignal } from './time-limit.ts';
import { validateInput } from './validate.ts';
import { ACK_FIELD } from './vocabulary.ts';
import { isHeavy } from './weight.ts';
import { checkReportPath, checkWrittenPaths } from './written-paths.ts';

/** Without the literal true nothing is started; what was sent in its place is named. */
const refuseWithoutAck = (verb: Verb, input: Record<string, unknown>, ack: unknown): void => {
  if (verb.safety !== 'submits_jobs' || input['dry_run'] === true || ack === true) return;
  const seen = ack === undefined ? '' : `, not ${JSON.stringify(ack)}`;
  throw new Fault('refused', 'ack_required', `FATAL: ${verb.name} starts work and needs ${ACK_FIELD}: true${seen}`, {
    fix: `set ${ACK_FIELD}: true, or dry_run: true to see the plan`,
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

/** What the work has for a caller who looks. */
interface Shown {
  readonly pictures: ShownPicture[];
  page: string | null;
}

const openContext = (
  input: Record<string, unknown>,
  host: Host,
  signal: AbortSignal,
  pipes: PipeFiles,
  shown: Shown,
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
    show: host.looks === true ? (drawn) => void shown.pictures.push(...drawn) : null,
    explore: host.explores === true ? (page) => void (shown.page = page) : null,
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

/** What reads or computes much runs in a thread; what starts processes stays where signals reach it, and a dry run starts none. */
const startWork = async (
  verb: Verb,
  input: Record<string, unknown>,
  context: VerbContext,
  { commandLine = false }: Host,
) => {
  const mayThread = verb.safety !== 'submits_jobs' || context.dryRun;
  const computes = verb.computes === true || (verb.computes === 'in_turns' && !commandLine);
  const isLong = computes || isHeavy(verb.paths, input, context);
  if (!mayThread || !isLong) return verb.run(input, context);
  const { runInThread } = await import('./run-in-thread.ts');
  return runInThread(verb.name, input, context) ?? verb.run(input, context);
};

/** A job may go on after its caller, and reads its files again: it takes no pipes. */
const takePipes = (verb: Verb, input: Record<string, unknown>, { pipes, cwd }: Host, signal: AbortSignal) =>
  pipes === true && verb.safety !== 'submits_jobs' ? spoolPipes(verb.paths, input, { cwd, signal }) : NO_PIPES;

/** The work of a valid, acknowledged call, within its time. */
const perform = async (verb: Verb, sent: Record<string, unknown>, host: Host) => {
  const { signal, release } = limitSignal([host.signal, host.closing], timeLimit(verb, sent));
  let pipes = NO_PIPES;
  try {
    signal.throwIfAborted();
    pipes = await takePipes(verb, sent, host, signal);
    const shown: Shown = { pictures: [], page: null };
    const context = openContext(sent, host, signal, pipes.files, shown);
    const input = nameInputs(verb.paths, sent, context);
    checkWrittenPaths(verb.paths, input, context);
    if (host.junit !== undefined) checkReportPath(host.junit, context, { paths: verb.paths, input });
    await confirmWithPerson(verb, input, context, host);
    signal.throwIfAborted();
    const work = startWork(verb, input, context, host);
    host.unfinished?.add(work);
    const data = await (verb.keeps_partial === true && context.foreground ? work : untilAborted(work, signal));
    return { ...succeed(verb, sent, context, host, dataWithGivenNames(data, pipes.files)), ...shown };
  } catch (error) {
    throw faultWithGivenNames(error, pipes.files);
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
  pictures: [],
  page: null,
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
    const input = validateInput(verb, entry, fields, host.dialect ?? 'fields');
    refuseWithoutAck(verb, input, ack);
    outcome = { ok: true, ...(await perform(verb, input, host)) };
  } catch (error) {
    if (error instanceof Suspended) throw error;
    const found = faultOf(error);
    if (found.kind === 'internal') await logInternal(entry, found, host);
    const fault = sent === null ? faultIn(host.dialect ?? 'fields', found, entry) : found;
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
