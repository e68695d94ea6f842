// The command line: finds the verb, reads its flags, runs it through the one wrapper, prints the result. Flags, help and
// exit codes all come from the verb's definition.
import { emptyFamilies, findVerb, listVerbs, loadVerb, requireVerb } from '../catalog/find-verb.ts';
import { parseToolset, WHOLE_TOOLSET } from '../catalog/toolset.ts';
import { readValueFile } from '../fs/named-text.ts';
import { resolveRoot } from '../fs/root.ts';
import { Fault } from '../text/fault.ts';
import { exitCodeOf, faultOf, faultRecord, faultText } from '../verb/failure.ts';
import { parseFlags } from '../verb/flags.ts';
import { createLog } from '../verb/log.ts';
import type { ManifestEntry } from '../verb/manifest.ts';
import { absolutePath } from '../verb/paths.ts';
import { thisProduct, thisProductFolder } from '../verb/product.ts';
import { createUnfinished } from '../verb/unfinished.ts';
import { runVerb, type Host, type Outcome } from '../verb/run-verb.ts';
import { confirmInTerminal } from './confirmation.ts';
import { mcpHelp, programHelp, verbHelp } from './help.ts';
import type { Program } from './program.ts';
import { reportGate, takeJunit } from './report-gate.ts';
import { progressLine } from './progress-line.ts';

const out = (text: string): void => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
const err = (text: string): void => void process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);

/** What stopped verbs of this process still do. */
const unfinished = createUnfinished();

const hostOf = (): Host => {
  // A copy: every look into `process.env` asks the system.
  const env = { ...process.env };
  return {
    cwd: process.cwd(),
    env,
    product: thisProduct(),
    productFolder: thisProductFolder(),
    log: createLog(env),
    unfinished,
    resolveRoot: (explicit) => resolveRoot({ explicit, env, cwd: process.cwd() }),
  };
};

/** The verb that the first words name: `perf-baseline-diff`, `perf_baseline diff`, or `diff` after the program's prefix. */
const verbOf = (words: readonly string[], { prefix }: Program): { entry: ManifestEntry; rest: readonly string[] } => {
  const [first = '', second = ''] = words;
  const direct = findVerb(`${prefix}${first}`) ?? findVerb(first);
  if (direct !== undefined) return { entry: direct, rest: words.slice(1) };
  const pair = second.startsWith('-') ? undefined : findVerb(`${prefix}${first}_${second}`);
  if (pair !== undefined) return { entry: pair, rest: words.slice(2) };
  if (prefix !== '' && listVerbs().every(({ name }) => !name.startsWith(prefix)))
    throw new Fault('usage', 'unknown_verb', `this version has no verb ${prefix}${first.replaceAll('-', '_')} yet`, {
      fix: 'profile-and-optimize --help lists the verbs that it has',
    });
  return { entry: requireVerb(first), rest: words.slice(1) };
};

/** What a person typed into `bench run` is its own acknowledgement. */
const typedAck = (entry: ManifestEntry, { program }: Program): Record<string, unknown> =>
  program === 'bench' && entry.name === 'bench_run' ? { i_understand_this_submits_jobs: true } : {};

const YELLOW = '\u001b[33m';
const PLAIN = '\u001b[39m';

const printNotice = (notice: string): void =>
  err(process.stderr.isTTY ? `${YELLOW}warning: ${notice}${PLAIN}` : `warning: ${notice}`);

const printOutcome = (outcome: Outcome, json: boolean): void => {
  outcome.notices.forEach(printNotice);
  if (json) out(JSON.stringify(outcome.structured));
  else if (outcome.ok) out([outcome.text, ...outcome.links.map((link) => `${link.title}: ${link.path}`)].join('\n'));
  else err(outcome.text);
};

/** The root that the call worked below, also where it failed. */
const rootOf = ({ structured }: Outcome): string => {
  const { repo_root: root } = structured;
  return typeof root === 'string' ? root : hostOf().resolveRoot(undefined).root;
};

const runOne = async (entry: ManifestEntry, rest: readonly string[], program: Program): Promise<number> => {
  if (rest.includes('--help') || rest.includes('-h')) {
    out(verbHelp(entry, program));
    return 0;
  }
  const json = rest.includes('--json');
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const line = progressLine(process.stderr);
  try {
    const isGate = rest.some((word) => word.startsWith('--junit')) && (await loadVerb(entry)).gate !== undefined;
    const { junit, rest: words } = isGate ? takeJunit(rest) : { junit: undefined, rest };
    const typed = await parseFlags(entry, words, { allowAck: true, readFile: readValueFile });
    const outcome = await runVerb(
      entry,
      () => loadVerb(entry),
      { ...typedAck(entry, program), ...typed },
      {
        ...hostOf(),
        junit: junit && absolutePath(junit, process.cwd()),
        signal: interrupt.signal,
        foreground: program.program === 'bench',
        dialect: 'flags',
        offers: (verb) => findVerb(verb) !== undefined,
        progress: line.update,
        ...(process.stdin.isTTY ? { confirm: confirmInTerminal } : {}),
      },
    );
    line.clear();
    printOutcome(outcome, json);
    if (outcome.report !== null || junit !== undefined)
      (
        await reportGate(outcome.report, { junit, root: rootOf(outcome), cwd: process.cwd(), env: process.env })
      ).forEach(printNotice);
    return outcome.exitCode;
  } catch (error) {
    line.clear();
    return printFault(error, json, entry);
  } finally {
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
  }
};

const printFault = (error: unknown, json: boolean, entry?: ManifestEntry): number => {
  const fault = faultOf(error);
  if (json) out(JSON.stringify({ ...(entry === undefined ? {} : { tool: entry.name }), error: faultRecord(fault) }));
  else err(faultText(fault));
  return exitCodeOf(fault);
};

const serveMcp = async (rest: readonly string[]): Promise<number> => {
  const [flag, value] = rest[0]?.startsWith('--toolset=') ? ['--toolset', rest[0].slice(10)] : rest;
  if (flag !== undefined && (flag !== '--toolset' || value === undefined))
    throw new Fault('usage', 'unknown_flag', `mcp does not know ${flag}`, { fix: 'use --toolset baseline,profile' });
  const toolset = value === undefined ? WHOLE_TOOLSET : parseToolset(value);
  if (toolset.listed.length === 0)
    err(`warning: this version has no verb of the toolset ${toolset.name}; the server serves resources only`);
  const { serve } = await import('../mcp/stdio.ts');
  await serve({ host: hostOf(), toolset });
  return 0;
};

/** Time for a stopped verb to put things in order before the process ends. */
const CLEAN_UP_MS = 3000;

const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) resolve();
    else stream.write('', () => resolve());
  });

/** Runs a program and ends its process after the answer, whatever a stopped verb left open. */
export const runProgram = async (argv: readonly string[], program: Program): Promise<never> => {
  const code = await main(argv, program);
  await unfinished.settledWithin(CLEAN_UP_MS);
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
};

/** Runs one command line; the result is the exit code. Prints results on stdout, everything else on stderr. */
export const main = async (argv: readonly string[], program: Program): Promise<number> => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
  });
  try {
    const [first, ...rest] = argv;
    if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
      const entry = first === 'help' && rest[0] !== undefined ? verbOf(rest, program).entry : undefined;
      out(entry === undefined ? programHelp(program, listVerbs()) : verbHelp(entry, program));
      return first === undefined ? 2 : 0;
    }
    if (first === '--version' || first === '-V') {
      const { name, version, sha } = thisProduct();
      out(`${name} ${version} (${sha?.slice(0, 12) ?? 'source'})`);
      return 0;
    }
    if (first === 'mcp' && (rest[0] === '--help' || rest[0] === '-h')) {
      out(mcpHelp(emptyFamilies()));
      return 0;
    }
    if (first === 'mcp') return await serveMcp(rest);
    const { entry, rest: words } = verbOf(argv, program);
    return await runOne(entry, words, program);
  } catch (error) {
    return printFault(error, argv.includes('--json'));
  }
};
