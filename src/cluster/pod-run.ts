// A command inside a container, over kubectl exec: started, asked about, ended, and its files brought here. An answer whose last line did
// not arrive counts as none and is asked for again; a file counts only when its size and its SHA-256 are those of the container.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execArgv, kubectlFault, type KubeTarget } from '../drivers/kubectl.ts';
import type { RunResult, Runner } from '../exec/run-process.ts';
import { outputTail } from '../exec/tool-fault.ts';
import { replaceFile } from '../fs/atomic-file.ts';
import { containedPath } from '../fs/safe-path.ts';
import { Fault, inputFault } from '../text/fault.ts';
import {
  ANSWER_END,
  cleanWords,
  endWords,
  listWords,
  pollWords,
  readWords,
  SCRIPT_EXIT,
  startWords,
  type FilePart,
  type PodRun,
  type RunCommand,
} from './pod-scripts.ts';

/** How a run is at the moment, and what it printed since the last question. */
export interface PodRunState {
  /** False where its folder is not there: never started, or the container was begun anew. */
  readonly found: boolean;
  /** Null while it has none. */
  readonly exit: number | null;
  /** Whether its shell lives; of a container that sees only its own processes always false. */
  readonly alive: boolean;
  /** Why it was ended from within; empty otherwise. */
  readonly ended: string;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Bytes that it has printed so far and that were not in an answer yet. */
  readonly waiting: number;
}

/** Bytes of one answer; base64 of it stays far below what a runner keeps. */
const ANSWER_BYTES = 4 * 1024 * 1024;
/** Times that a part of a file is asked for. */
const TRIES = 5;

/** What a cluster says that no asking again changes. */
const FINAL: ReadonlySet<string> = new Set([
  'pod_not_found',
  'kubectl_forbidden',
  'kubectl_context_unknown',
  'container_not_found',
  'tool_missing',
]);

/** A server, a connection or a stream that failed and may work when asked again. */
export const isAway = (error: unknown): boolean =>
  error instanceof Fault &&
  (error.code === 'pod_stream_cut' ||
    error.code === 'cluster_unreachable' ||
    error.code === 'kubectl_refused' ||
    error.code === 'kubectl_unauthorized' ||
    error.code === 'pod_not_running');

const cut = (target: KubeTarget, result: RunResult): Fault =>
  inputFault('pod_stream_cut', `the answer of pod ${target.pod} did not arrive whole: ${outputTail(result, [], 1)}`, {
    fix: 'check the network and the API server',
  });

const scriptFault = ({ pod }: KubeTarget, { code, stdout }: RunResult): Fault | null => {
  if (code === SCRIPT_EXIT.toolMissing)
    return inputFault('tool_missing', `${stdout.split('\n')[0] ?? ''} is not in pod ${pod}`, {
      fix: 'add it to the image (Debian: util-linux, coreutils, findutils)',
    });
  if (code === SCRIPT_EXIT.notWritable)
    return inputFault('pod_folder_unwritable', `pod ${pod} takes no files below /tmp`, {
      fix: 'give the container a /tmp that can be written and has space',
    });
  if (code === SCRIPT_EXIT.stays)
    return inputFault('pod_process_stays', `a process of the run in pod ${pod} cannot be ended`, {
      fix: 'see `ps` in the pod; a process that waits for a device ends with the pod',
    });
  return null;
};

/** The lines of an answer without its last. Throws `pod_stream_cut` where that is missing, and what kubectl and the script refuse. */
const answerLines = (target: KubeTarget, argv: readonly string[], result: RunResult): string[] => {
  const lines = result.stdout.trimEnd().split('\n');
  if (lines.pop() === ANSWER_END) {
    const fault = scriptFault(target, result);
    if (fault !== null) throw fault;
    return lines;
  }
  const fault = kubectlFault(target, argv, result);
  if (fault !== null && FINAL.has(fault.code)) throw fault;
  throw cut(target, result);
};

export interface PodShell {
  readonly run: Runner;
  readonly target: KubeTarget;
}

/** The lines that a script of ours answers in the pod. Throws `pod_stream_cut` and the faults of kubectl and the scripts. */
export const askPod = async ({ run, target }: PodShell, words: readonly string[]): Promise<string[]> => {
  const argv = execArgv(target, words);
  return answerLines(target, ['sh'], await run(argv));
};

/** Asks again while only the connection fails, a few times. */
export const persistently = async <Value>(work: () => Promise<Value>, pauseMs = 500): Promise<Value> => {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (left <= 1 || !isAway(error)) throw error;
      await sleep(pauseMs * (TRIES - left + 1));
    }
  }
};

/** Starts the command; one that was started before is left as it is. */
export const startPodRun = async (shell: PodShell, run: PodRun, command: RunCommand): Promise<void> => {
  await persistently(() => askPod(shell, startWords(run, command)));
};

/**
 * Asks once. `known` is how many bytes of stdout and of stderr were in earlier answers; `lease`, a word that no earlier question had,
 * lets the run go on, and an empty one does not.
 */
export const pollPodRun = async (
  shell: PodShell,
  run: PodRun,
  known: readonly [number, number],
  lease: string,
): Promise<PodRunState> => {
  const lines = await askPod(shell, pollWords(run, lease, known, ANSWER_BYTES));
  const [head = '', ended = '', out = '', err = ''] = lines;
  const [stdout, stderr] = [Buffer.from(out, 'base64'), Buffer.from(err, 'base64')];
  const [word, exit, alive, outSize, errSize] = head.split(' ');
  const waiting = Number(outSize ?? 0) + Number(errSize ?? 0) - known[0] - known[1] - stdout.length - stderr.length;
  return {
    found: word === 'run',
    exit: exit === undefined || exit === '-' ? null : Number(exit),
    alive: alive === '1',
    ended,
    stdout,
    stderr,
    waiting: Math.max(0, waiting),
  };
};

/** Ends every process of the run: asked first, by force after the grace time. Throws `pod_process_stays` where one lives on. */
export const endPodRun = async (shell: PodShell, run: PodRun, graceMs: number): Promise<void> => {
  await persistently(() => askPod(shell, endWords(run, graceMs)));
};

/** Ends what is left and removes the folder of the run. */
export const cleanPodRun = async (shell: PodShell, run: PodRun): Promise<void> => {
  await persistently(() => askPod(shell, cleanWords(run)));
};

interface PodFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

const LISTED = /^(\d+) ([0-9a-f]{64}) [ *]\.\/(.+)$/;

/** A name that may become a path here. */
const isPlain = (name: string): boolean =>
  name.length <= 1024 &&
  !/[\u0000-\u001f\u007f\\]/.test(name) &&
  name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

const parseListing = (lines: readonly string[]): { files: PodFile[]; odd: string[] } => {
  const files: PodFile[] = [];
  const odd: string[] = [];
  for (const line of lines) {
    const [, size, sha256 = '', name = ''] = LISTED.exec(line) ?? [];
    if (size !== undefined && isPlain(name)) files.push({ name, size: Number(size), sha256 });
    else odd.push(line);
  }
  return { files, odd };
};

/** Parts of files, so that no answer is larger than `ANSWER_BYTES`. */
const partsOf = (files: readonly PodFile[]): FilePart[][] => {
  const batches: FilePart[][] = [];
  let room = 0;
  for (const { name, size } of files)
    for (let from = 0; from < size; from += ANSWER_BYTES) {
      const bytes = Math.min(ANSWER_BYTES, size - from);
      if (bytes > room || batches.length === 0) {
        batches.push([]);
        room = ANSWER_BYTES;
      }
      batches.at(-1)?.push({ name, from, bytes });
      room -= bytes;
    }
  return batches;
};

const readBatch = async (shell: PodShell, run: PodRun, parts: readonly FilePart[]): Promise<Buffer[]> => {
  const lines = await askPod(shell, readWords(run, parts));
  const read = parts.map((_, index) => Buffer.from(lines[index] ?? '', 'base64'));
  const isWhole = read.every((bytes, index) => bytes.length === parts[index]?.bytes);
  if (isWhole) return read;
  throw inputFault('pod_stream_cut', `a part of the results of pod ${shell.target.pod} did not arrive whole`, {
    fix: 'check the network and the API server',
  });
};

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const incomplete = (pod: string, names: readonly string[]): Fault =>
  inputFault('pod_results_incomplete', `results of pod ${pod} did not arrive as they are there: ${names.slice(0, 3).join(', ')}`, {
    fix: 'fetch them by hand while the pod is there, then import them',
    data: { files: [...names] },
  }); // prettier-ignore

/** Bytes of all files together that one run may bring here. */
const MOST_BYTES = 2 * 1024 * 1024 * 1024;

/**
 * Brings the files of the run's folder of results into `folder` and returns their names. Links and names that no path may have stay
 * where they are. Throws `pod_results_incomplete` where a file is not the one of the container after all tries.
 */
export const fetchPodFiles = async (shell: PodShell, run: PodRun, folder: string): Promise<string[]> => {
  const { files, odd } = parseListing(await persistently(() => askPod(shell, listWords(run))));
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (odd.length > 0 || total > MOST_BYTES)
    throw incomplete(shell.target.pod, odd.length > 0 ? odd : [`${total} bytes are too many`]);
  const held = new Map<string, Buffer[]>(files.map(({ name }) => [name, []]));
  for (const parts of partsOf(files)) {
    const read = await persistently(() => readBatch(shell, run, parts));
    for (const [index, { name }] of parts.entries()) held.get(name)?.push(read[index] ?? Buffer.alloc(0));
    await writeWhole(files, held, folder, shell.target.pod);
  }
  await writeWhole(files, held, folder, shell.target.pod);
  return files.map(({ name }) => name);
};

/** Writes every file of which all parts are here, and lets go of them. */
const writeWhole = async (
  files: readonly PodFile[],
  held: Map<string, Buffer[]>,
  folder: string,
  pod: string,
): Promise<void> => {
  for (const { name, size, sha256 } of files) {
    const parts = held.get(name);
    if (parts === undefined || parts.reduce((sum, { length }) => sum + length, 0) !== size) continue;
    const bytes = Buffer.concat(parts);
    if (sha256Of(bytes) !== sha256) throw incomplete(pod, [name]);
    const path = containedPath(folder, ...name.split('/'));
    await mkdir(dirname(join(path)), { recursive: true });
    await replaceFile(path, bytes, { sync: false });
    held.delete(name);
  }
};
