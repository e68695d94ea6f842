// The errors of outside programs, in one vocabulary: missing, not startable, too slow, failed, cancelled. Never carries an
// unredacted argument or output line.
import { basename } from 'node:path';
import { Fault } from '../text/fault.ts';
import { redact, redactArgv } from '../text/redact.ts';

/** Where each program comes from, for the one who has to install it. */
const SOURCES: Readonly<Record<string, string>> = {
  nsys: 'install Nsight Systems (package nsight-systems-cli, or developer.nvidia.com/nsight-systems), or put its bin folder on PATH',
  ncu: 'install Nsight Compute (package nsight-compute, or developer.nvidia.com/nsight-compute), or put its folder on PATH',
  kubectl: 'install kubectl (kubernetes.io/docs/tasks/tools) and check it with `kubectl version --client`',
  git: 'install git (package git)',
  'nvidia-smi': 'install the NVIDIA driver; inside a container, start it with the NVIDIA runtime',
  dcgmi: 'install DCGM (package datacenter-gpu-manager)',
  vllm: 'install vLLM (`pip install vllm`), or name its command',
  aiperf: 'install AIPerf (`pip install aiperf`), or name its command',
};

export const toolName = (argv: readonly string[]): string => basename(argv[0] ?? '');

export const toolMissing = (tool: string): Fault =>
  new Fault('input', 'tool_missing', `${tool} is not on PATH`, {
    fix: SOURCES[basename(tool)] ?? `install ${tool}, or put its folder on PATH`,
    data: { tool },
  });

export const toolNotStarted = (argv: readonly string[], cause: unknown): Fault => {
  const says = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new Fault('input', 'tool_not_started', `${toolName(argv)} could not be started: ${redact(says ?? '')}`, {
    fix: 'check that it is an executable of this machine and that its working folder exists',
    data: { argv: redactArgv(argv) },
    cause,
  });
};

/** What a finished process left behind, as far as a fault needs it. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

const TAIL_LINES = 12;

const lastLines = (text: string, count: number): string =>
  text.replaceAll('\r', '\n').trimEnd().split('\n').slice(-count).join('\n');

/** The end of what the program said, stderr before stdout, redacted. */
export const outputTail = (ending: Ending, secrets: readonly string[], lines = TAIL_LINES): string =>
  redact(lastLines(ending.stderr.trim() === '' ? ending.stdout : ending.stderr, lines), secrets);

/** `exit code 7`, `signal SIGKILL`. */
export const howItEnded = ({ code, signal }: Pick<Ending, 'code' | 'signal'>): string =>
  signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;

const endingData = (argv: readonly string[], ending: Ending, secrets: readonly string[]): Record<string, unknown> => ({
  argv: redactArgv(argv, secrets),
  code: ending.code,
  signal: ending.signal,
  output_tail: outputTail(ending, secrets),
});

export const toolFailed = (argv: readonly string[], ending: Ending, secrets: readonly string[]): Fault => {
  const last = outputTail(ending, secrets, 1);
  const says = last === '' ? '' : `: ${last}`;
  return new Fault('input', 'tool_failed', `${toolName(argv)} ended with ${howItEnded(ending)}${says}`, {
    fix: `read the end of its output in data.output_tail, fix the cause, and run it again`,
    data: endingData(argv, ending, secrets),
  });
};

export const toolTimeout = (
  argv: readonly string[],
  ending: Ending,
  secrets: readonly string[],
  timeoutMs: number,
): Fault =>
  new Fault('timeout', 'tool_timeout', `${toolName(argv)} was stopped after ${timeoutMs / 1000} s`, {
    fix: 'raise the time limit, or find out what it waits for',
    data: endingData(argv, ending, secrets),
  });

export const toolCancelled = (argv: readonly string[]): Fault =>
  new Fault('interrupted', 'cancelled', `${toolName(argv)} was stopped because the work was cancelled`, {
    data: { argv: redactArgv(argv) },
  });
