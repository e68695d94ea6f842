// Writes an argument list as a line that a person can paste, and reads such a line back. Nothing is ever run through a shell.

const PLAIN_ARGUMENT = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** An argument list as one line for a POSIX shell, quoted where it must be. */
export const shellLine = (argv: readonly string[]): string =>
  argv.map((word) => (PLAIN_ARGUMENT.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');

const WORD_PART = /'([^']*)'|"((?:[^"\\$`]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\$`|&;<>()]+)/y;

/** One word from `at`; null where what stands there needs a shell. */
const wordAt = (text: string, at: number): { readonly word: string; readonly end: number } | null => {
  let word = '';
  let end = at;
  while (end < text.length && !/\s/.test(text.charAt(end))) {
    WORD_PART.lastIndex = end;
    const part = WORD_PART.exec(text);
    if (part === null) return null;
    const [, single, double, escaped, plain] = part;
    word += single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '';
    end = WORD_PART.lastIndex;
  }
  return { word, end };
};

/**
 * The words of a command line, quotes and backslashes read as a POSIX shell reads them; null where it holds what only a shell can do
 * (pipes, redirections, variables, substitutions) or a quote stays open. Wildcards stay as they are.
 */
export const shellWords = (text: string): string[] | null => {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && /\s/.test(text.charAt(at))) at += 1;
    if (at === text.length) return words;
    const found = wordAt(text, at);
    if (found === null) return null;
    words.push(found.word);
    at = found.end;
  }
};
