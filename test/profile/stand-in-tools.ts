// Programs that answer like nsys and ncu when they are asked about themselves, for readers that must call them.
import type { Runner, RunResult } from '../../src/exec/run-process.ts';

export const NSYS_EXPORT_HELP = '\t-l, --lazy=\n\n\t--tables=\n\n\t-o, --output=\n';

/** What a program that ended with `code` printed. */
export const printed = (code: number | null, stdout = '', stderr = ''): RunResult => ({
  ...{ code, stdout, stderr, signal: code === null ? 'SIGKILL' : null },
  ...{ timedOut: false, cancelled: false, truncated: false, durationMs: 1 },
});

/** The version and help of both tools; every other call is `work`. */
export const standInTools =
  (work: (argv: readonly string[]) => RunResult): Runner =>
  async (argv) => {
    if (argv.includes('--version'))
      return printed(
        0,
        argv[0] === 'ncu' ? 'Version 2025.1.0.0 (build 1)\n' : 'NVIDIA Nsight Systems version 2025.1.1\n',
      );
    return argv.some((word) => word.startsWith('--help')) ? printed(0, NSYS_EXPORT_HELP) : work(argv);
  };
