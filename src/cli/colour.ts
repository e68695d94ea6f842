// Colours for people at a terminal: put on finished text, so that nothing that is stored, piped or sent ever holds one.
import { styleText } from 'node:util';
import type { ColourChoice } from './terminal-flags.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Stream {
  readonly isTTY?: boolean;
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== '';
const isOff = (value: string): boolean => value === '0' || value.toLowerCase() === 'false';

/**
 * Whether a stream gets colours: the flag decides, then NO_COLOR (no-color.org), FORCE_COLOR, CLICOLOR_FORCE and CLICOLOR
 * (bixense.com/clicolors), then whether it is a terminal that can show them.
 */
export const showsColour = (stream: Stream, env: Environment, choice: ColourChoice): boolean => {
  if (choice !== 'auto') return choice === 'always';
  if (isSet(env['NO_COLOR'])) return false;
  const [force, forced, wanted] = [env['FORCE_COLOR'], env['CLICOLOR_FORCE'], env['CLICOLOR']];
  if (force !== undefined) return !isOff(force);
  if (isSet(forced) && !isOff(forced)) return true;
  if (isSet(wanted) && isOff(wanted)) return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
};

type Style = Parameters<typeof styleText>[0];

const paint = (style: Style, text: string): string => styleText(style, text, { validateStream: false });

/** What is painted, in the order of the lists; each pattern paints its whole match. */
const STYLES: readonly (readonly [RegExp, Style])[] = [
  [/(?<![\w-])(?:GREEN|PASS)(?![\w-])|↑ improvement|↓ improvement/g, 'green'],
  [/(?<![\w-])(?:YELLOW|INCONCLUSIVE|INCOMPARABLE|IMPLAUSIBLE|INVALID)(?![\w-])|^WARNING:/gm, 'yellow'],
  [/(?<![\w-])(?:RED|FAIL(?: proven| likely)?)(?![\w-])|[↑↓] regression|! missing|^error \w+:/gm, 'red'],
  [/^(?:fix|next):/gm, 'bold'],
];

/** Finished text with its verdicts, warnings and errors in colour. */
export const painted = (text: string): string =>
  STYLES.reduce((shown, [pattern, style]) => shown.replace(pattern, (match) => paint(style, match)), text);
