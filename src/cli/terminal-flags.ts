// Flags that say how an answer is shown, and that every verb takes on the command line: colour, pager, CSV, Markdown. They change
// what a person sees, never what a verb does or which code it ends with.
import { nearestName } from '../text/nearest.ts';
import { Fault } from '../text/fault.ts';

export const COLOUR_CHOICES = ['auto', 'always', 'never'] as const;
export type ColourChoice = (typeof COLOUR_CHOICES)[number];

export interface TerminalFlags {
  readonly colour: ColourChoice;
  readonly pager: boolean;
  /** The rows of the answer as a table for other programs, in place of the text. */
  readonly rows: 'csv' | 'markdown' | null;
}

export const DEFAULT_FLAGS: TerminalFlags = { colour: 'auto', pager: true, rows: null };

/** Names and meanings, for help and completion. */
export const TERMINAL_FLAGS: readonly { readonly flag: string; readonly value?: string; readonly meaning: string }[] = [
  { flag: '--json', meaning: 'Print one JSON object.' },
  { flag: '--csv', meaning: 'Print the rows of the answer as CSV (verbs that have rows).' },
  { flag: '--markdown', meaning: 'Print the rows of the answer as a Markdown table.' },
  {
    flag: '--color',
    value: COLOUR_CHOICES.join('|'),
    meaning: 'Colour; default auto: on a terminal, unless NO_COLOR is set.',
  },
  { flag: '--no-pager', meaning: 'Print long answers at once; no pager.' },
];

const isColourChoice = (word: string | undefined): word is ColourChoice =>
  COLOUR_CHOICES.some((choice) => choice === word);

const colourOf = (word: string | undefined): ColourChoice => {
  if (isColourChoice(word)) return word;
  const near = word === undefined ? undefined : nearestName(word, COLOUR_CHOICES);
  throw new Fault(
    'usage',
    'color_unknown',
    `--color takes ${COLOUR_CHOICES.join(', ')}${word === undefined ? '' : `, not ${JSON.stringify(word)}`}`,
    {
      fix: near === undefined ? 'write it as --color never' : `did you mean --color ${near}?`,
    },
  );
};

const rowsOf = (rows: 'csv' | 'markdown', { rows: before }: TerminalFlags): Partial<TerminalFlags> => {
  if (before === null || before === rows) return { rows };
  throw new Fault('usage', 'two_forms', `--${before} and --${rows} are two forms of one answer`, {
    fix: 'give one of them',
  });
};

type Taken = { readonly set: Partial<TerminalFlags>; readonly words: 1 | 2 };

const flagAt = (words: readonly string[], at: number, before: TerminalFlags): Taken | null => {
  const word = words[at] ?? '';
  if (word === '--color') return { set: { colour: colourOf(words[at + 1]) }, words: 2 };
  if (word.startsWith('--color=')) return { set: { colour: colourOf(word.slice('--color='.length)) }, words: 1 };
  if (word === '--no-color') return { set: { colour: 'never' }, words: 1 };
  if (word === '--no-pager') return { set: { pager: false }, words: 1 };
  if (word === '--csv') return { set: rowsOf('csv', before), words: 1 };
  if (word === '--markdown') return { set: rowsOf('markdown', before), words: 1 };
  return null;
};

/** The flags among the words, and the words without them; none stands after `--`. Throws a Fault `color_unknown` or `two_forms`. */
export const takeTerminalFlags = (
  words: readonly string[],
): { readonly flags: TerminalFlags; readonly rest: readonly string[] } => {
  let flags = DEFAULT_FLAGS;
  const rest: string[] = [];
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  for (let at = 0; at < end;) {
    const taken = flagAt(words, at, flags);
    if (taken === null) rest.push(words[at] ?? '');
    else flags = { ...flags, ...taken.set };
    at += taken?.words ?? 1;
  }
  return { flags, rest: [...rest, ...words.slice(end)] };
};
