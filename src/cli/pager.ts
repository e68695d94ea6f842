// Shows an answer that is longer than the screen through the reader's pager. An answer is never lost: what no pager shows is printed.
import { cellWidth } from '../render/cell-width.ts';
import { findTool } from '../exec/find-tool.ts';
import { showInProgram } from '../exec/show-in-program.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Screen {
  readonly columns: number;
  readonly rows: number;
}

const DEFAULT_PAGER = ['less', '-FRX'] as const;

/** Characters that only a shell gives a meaning; a pager that needs one is not started. */
const SHELL_SYNTAX = /[|&;<>()$`\\*?[\]{}~]/;

const unquoted = (word: string): string => word.replace(/^(['"])(.*)\1$/s, '$2');

/** The words of PAGER; less where it says nothing; null for none (empty, or `cat`), and where only a shell could run it. */
export const pagerWords = (env: Environment): readonly string[] | null => {
  const named = env['PAGER'];
  if (named === undefined) return DEFAULT_PAGER;
  const words = (named.match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map(unquoted);
  return words.length === 0 || words[0] === 'cat' || SHELL_SYNTAX.test(named) ? null : words;
};

/** Lines of the screen that a text takes, wrapped where they are wider. */
export const screenLines = (text: string, columns: number): number =>
  text
    .trimEnd()
    .split('\n')
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(cellWidth(line) / columns)), 0);

/** True when the pager has shown the text; false where it fits the screen, or there is no pager: then the caller prints it. */
export const showInPager = async (shown: string, plain: string, screen: Screen, env: Environment): Promise<boolean> => {
  if (env['TERM'] === 'dumb' || screenLines(plain, screen.columns) < screen.rows) return false;
  const words = pagerWords(env);
  if (words === null || findTool(words[0] ?? '', env) === null) return false;
  // As git does: less keeps colours and leaves the text on the screen, whatever way it was named.
  return showInProgram(words, { input: shown, env: { ...env, LESS: env['LESS'] ?? 'FRX' } });
};
