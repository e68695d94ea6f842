// The command line: finds the verb, reads its flags, runs it through the one wrapper, prints the result. Flags, help and
// exit codes all come from the verb's definition.
import { emptyFamilies, findVerb, listVerbs, loadVerb } from '../catalog/find-verb.ts';
import { parseToolset, WHOLE_TOOLSET } from '../catalog/toolset.ts';
import { campaignsFolder, resolveRoot } from '../fs/root.ts';
import { Fault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import { exitCodeOf, faultOf, faultRecord, faultText } from '../verb/failure.ts';
import { parseFlags } from '../verb/flags.ts';
import { createLog } from '../verb/log.ts';
import type { ManifestEntry } from '../verb/manifest.ts';
import { absolutePath } from '../verb/paths.ts';
import { thisProduct, thisProductFolder } from '../verb/product.ts';
import { createUnfinished } from '../verb/unfinished.ts';
import type { Host, Outcome } from '../verb/host.ts';
import { runVerb } from '../verb/run-verb.ts';
import { completionLines, completionScript, COMPLETE_WORD } from './completion-scripts.ts';
import { completionsFor, SHELLS } from './completion.ts';
import { confirmInTerminal } from './confirmation.ts';
import { printOutcome, requireForm } from './print-outcome.ts';
import { createPrinter, type Printer } from './printer.ts';
import type { Program } from '../verb/program.ts';
import { reportGate, takeJunit } from './report-gate.ts';
import { progressLine } from './progress-line.ts';
import { takeTerminalFlags, TERMINAL_FLAGS, type TerminalFlags } from './terminal-flags.ts';
import { valueReader } from './value-files.ts';
import { verbOf } from './verb-words.ts';

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
    commandLine: true,
    unfinished,
    resolveRoot: (explicit) => resolveRoot({ explicit, env, cwd: process.cwd() }),
  };
};

/** What a person typed into `bench run` is its own acknowledgement. */
const typedAck = (entry: ManifestEntry, { program }: Program): Record<string, unknown> =>
  program === 'bench' && entry.name === 'bench_run' ? { i_understand_this_submits_jobs: true } : {};

/** The root that the call worked below, also where it failed; the working folder where there is none, which the call has said. */
const rootOf = ({ structured }: Outcome): string => {
  const { repo_root: root } = structured;
  if (typeof root === 'string') return root;
  try {
    return hostOf().resolveRoot(undefined).root;
  } catch {
    return process.cwd();
  }
};

/** How a command line is shown. */
interface Show {
  readonly flags: TerminalFlags;
  readonly printer: Printer;
}

const runOne = async (
  entry: ManifestEntry,
  rest: readonly string[],
  program: Program,
  { flags, printer }: Show,
): Promise<number> => {
  if (rest.includes('--help') || rest.includes('-h')) {
    const { verbHelp } = await loadHelp();
    await printer.answer(verbHelp(entry, program, printer.columns));
    return 0;
  }
  const form = { json: rest.includes('--json'), rows: flags.rows };
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const line = progressLine(process.stderr);
  try {
    const isGate = rest.some((word) => word.startsWith('--junit')) && (await loadVerb(entry)).gate !== undefined;
    const { junit, rest: words } = isGate ? takeJunit(rest) : { junit: undefined, rest };
    const typed = await parseFlags(entry, words, {
      allowAck: true,
      readFile: await valueReader(words, interrupt.signal),
      further: TERMINAL_FLAGS.map(({ flag }) => flag.slice(2).replaceAll('-', '_')),
    });
    if (form.rows !== null) requireForm(entry.name, form, (await loadVerb(entry)).rows !== undefined);
    const outcome = await runVerb(
      entry,
      () => loadVerb(entry),
      { ...typedAck(entry, program), ...typed },
      {
        ...hostOf(),
        pipes: true,
        junit: junit && absolutePath(junit, process.cwd()),
        signal: interrupt.signal,
        foreground: program.program === 'bench',
        dialect: program,
        offers: (verb) => findVerb(verb) !== undefined,
        progress: line.update,
        columns: form.json ? Infinity : printer.columns,
        allRows: form.rows !== null,
        ...(process.stdin.isTTY ? { confirm: confirmInTerminal } : {}),
      },
    );
    line.clear();
    await printOutcome(outcome, form, printer);
    if (outcome.report !== null || junit !== undefined)
      (
        await reportGate(outcome.report, { junit, root: rootOf(outcome), cwd: process.cwd(), env: process.env })
      ).forEach(printer.warn);
    return outcome.exitCode;
  } catch (error) {
    line.clear();
    return printFault(error, form.json, printer, entry);
  } finally {
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
  }
};

const printFault = (error: unknown, json: boolean, printer: Printer, entry?: ManifestEntry): number => {
  const fault = faultOf(error);
  if (json)
    printer.raw(JSON.stringify({ ...(entry === undefined ? {} : { tool: entry.name }), error: faultRecord(fault) }));
  else printer.note(faultText(fault));
  return exitCodeOf(fault);
};

const serveMcp = async (rest: readonly string[]): Promise<number> => {
  const [flag, value] = rest[0]?.startsWith('--toolset=') ? ['--toolset', rest[0].slice(10)] : rest;
  if (flag !== undefined && (flag !== '--toolset' || value === undefined))
    throw new Fault('usage', 'unknown_flag', `mcp does not know ${flag}`, { fix: 'use --toolset baseline,profile' });
  const toolset = value === undefined ? WHOLE_TOOLSET : parseToolset(value);
  if (toolset.listed.length === 0)
    createPrinter().warn(`this version has no verb of the toolset ${toolset.name}; the server serves resources only`);
  const { serve } = await import('../mcp/stdio.ts');
  // A server is no command line: where a client starts it says nothing of where campaigns lie, and it has a thread for long work.
  await serve({ host: { ...hostOf(), commandLine: false }, toolset });
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

/** Only when it is asked for: measuring the width of text sets up a table of all characters. */
const loadHelp = () => import('./help.ts');

const printHelp = async (first: string | undefined, rest: readonly string[], program: Program, printer: Printer) => {
  const { mcpHelp, programHelp, verbHelp } = await loadHelp();
  const named = first === 'help' ? rest[0] : undefined;
  if (named === 'mcp') printer.raw(mcpHelp(emptyFamilies()));
  else if (named === undefined) await printer.answer(programHelp(program, listVerbs(), printer.columns));
  else await printer.answer(verbHelp(verbOf(rest, program).entry, program, printer.columns));
  return first === undefined ? 2 : 0;
};

const printCompletion = ([shell = '']: readonly string[], { program }: Program, printer: Printer): number => {
  const known = SHELLS.find((name) => name === shell);
  if (known === undefined) {
    const near = nearestName(shell, SHELLS);
    throw new Fault('usage', 'shell_unknown', `completion takes one shell: ${SHELLS.join(', ')}`, {
      fix: near === undefined ? `write ${program} completion bash` : `did you mean ${near}?`,
    });
  }
  printer.raw(completionScript(known, program));
  return 0;
};

const open = async (words: readonly string[], printer: Printer): Promise<number> => {
  const { openTarget } = await import('./open.ts');
  const { env, cwd, resolveRoot: rootFor } = hostOf();
  const targets = words.filter((word) => word !== '--json');
  const found = rootFor(undefined);
  const campaigns = campaignsFolder({ env, cwd, commandLine: true }, found);
  const done = await openTarget(targets, { env, cwd, platform: process.platform, root: found.root, campaigns });
  printer.raw(targets.length < words.length ? JSON.stringify(done) : done.path);
  if (!done.opened) printer.note('not opened: no display or no viewer here');
  return 0;
};

/** Answers a shell that asks what may stand next; never fails it. */
const complete = async (words: readonly string[], program: Program, printer: Printer): Promise<number> => {
  const { env, cwd, resolveRoot: rootFor } = hostOf();
  const found = rootFor(undefined);
  const places = { root: found.root, campaigns: campaignsFolder({ env, cwd, commandLine: true }, found) };
  const lines = completionLines(await completionsFor(words, program, places));
  if (lines !== '') printer.raw(lines);
  return 0;
};

/** Runs the words after the flags of the terminal. */
const runWords = async (words: readonly string[], program: Program, show: Show): Promise<number> => {
  const [first, ...rest] = words;
  const { printer } = show;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h')
    return printHelp(first, rest, program, printer);
  if (first === '--version' || first === '-V') {
    const { name, version, sha } = thisProduct();
    printer.raw(`${name} ${version} (${sha?.slice(0, 12) ?? 'source'})`);
    return 0;
  }
  if (first === 'completion') return printCompletion(rest, program, printer);
  if (first === 'open') return open(rest, printer);
  const { entry, rest: flags } = verbOf(words, program);
  return runOne(entry, flags, program, show);
};

/** Words of programs that read their own flags. */
const runVerbatim = async (argv: readonly string[], program: Program, printer: Printer): Promise<number | null> => {
  const [first, ...rest] = argv;
  if (first === COMPLETE_WORD) return complete(rest, program, printer);
  if (first !== 'mcp') return null;
  return rest[0] === '--help' || rest[0] === '-h' ? printHelp('help', ['mcp'], program, printer) : serveMcp(rest);
};

/** Runs one command line; the result is the exit code. Prints results on stdout, everything else on stderr. */
export const main = async (argv: readonly string[], program: Program): Promise<number> => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
  });
  try {
    const verbatim = await runVerbatim(argv, program, createPrinter());
    if (verbatim !== null) return verbatim;
    const { flags, rest } = takeTerminalFlags(argv);
    const show = { flags, printer: createPrinter(flags) };
    return await runWords(rest, program, show).catch((error: unknown) =>
      printFault(error, argv.includes('--json'), show.printer),
    );
  } catch (error) {
    return printFault(error, argv.includes('--json'), createPrinter());
  }
};
