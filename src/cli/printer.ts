// Where the command line writes: answers on stdout, everything else on stderr, in colour and through the pager only where a person
// sits at a terminal.
import { painted, showsColour } from './colour.ts';
import { DEFAULT_FLAGS, type TerminalFlags } from './terminal-flags.ts';

/** Of a terminal that does not say how large it is (0 or nothing). */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

export interface Printer {
  /** Width of the terminal in cells; infinite where stdout is none. */
  readonly columns: number;
  /** An answer for a person. */
  readonly answer: (text: string) => Promise<void>;
  /** Text for a program: as it is. */
  readonly raw: (text: string) => void;
  readonly note: (text: string) => void;
  readonly warn: (warning: string) => void;
}

const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);
const sizeOf = (said: number | undefined, otherwise: number): number =>
  said !== undefined && said > 0 ? said : otherwise;

export const createPrinter = (
  flags: TerminalFlags = DEFAULT_FLAGS,
  { stdout, stderr, env }: Pick<NodeJS.Process, 'stdout' | 'stderr' | 'env'> = process,
): Printer => {
  const isTerminal = stdout.isTTY === true;
  const columns = sizeOf(stdout.columns, DEFAULT_COLUMNS);
  const shownOn = (stream: NodeJS.WriteStream, text: string): string =>
    showsColour(stream, env, flags.colour) ? painted(text) : text;
  const note = (text: string): void => void stderr.write(ended(shownOn(stderr, text)));
  const answer = async (text: string): Promise<void> => {
    const shown = ended(shownOn(stdout, text));
    const screen = { columns, rows: sizeOf(stdout.rows, DEFAULT_ROWS) };
    if (isTerminal && flags.pager) {
      const { showInPager } = await import('./pager.ts'); // measures the width of text, which sets up a table of all characters
      if (await showInPager(shown, text, screen, env)) return;
    }
    stdout.write(shown);
  };
  return {
    columns: isTerminal ? columns : Infinity,
    answer,
    raw: (text) => void stdout.write(ended(text)),
    note,
    warn: (warning) => note(`WARNING: ${warning}`),
  };
};
