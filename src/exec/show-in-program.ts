// Gives a text to a program that shows it on this terminal, such as a pager, and waits until the reader has left it. The one place
// where a child has this process's stdout: for a person who sits at it, never for a server.
import { spawn } from 'node:child_process';
import { definedVariables, type Environment } from './environment.ts';
import { findTool } from './find-tool.ts';

export interface ShownText {
  readonly input: string;
  readonly env: Environment;
}

/** Interrupts while the program has the terminal are its own. */
const ignore = (): void => undefined;

/** True when the program was started and has ended; false where it is not there. Never through a shell. */
export const showInProgram = async (argv: readonly string[], { input, env }: ShownText): Promise<boolean> => {
  const file = findTool(argv[0] ?? '', env);
  if (file === null) return false;
  const child = spawn(file, argv.slice(1), { env: definedVariables(env), stdio: ['pipe', 'inherit', 'inherit'] });
  process.on('SIGINT', ignore);
  try {
    return await new Promise<boolean>((resolve) => {
      child.once('error', () => resolve(false));
      child.once('close', () => resolve(true));
      child.stdin.on('error', ignore); // the reader left before the end
      child.stdin.end(input);
    });
  } finally {
    process.removeListener('SIGINT', ignore);
  }
};
