// Runs a program that has to succeed, as the drivers do.
import { requireSuccess, runProcess, type RunOptions, type RunResult } from '../../src/exec/run-process.ts';

export const runTool = async (argv: readonly string[], options: RunOptions): Promise<RunResult> =>
  requireSuccess(argv, await runProcess(argv, options), options);
