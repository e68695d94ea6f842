// Prints what a call came to, in the form that was asked for: JSON, CSV, Markdown, or text for a person.
import { rowsCsv, rowsMarkdown, type Rows } from '../render/rows.ts';
import { markdownLine, markdownText } from '../render/escape.ts';
import { Fault } from '../text/fault.ts';
import type { Outcome } from '../verb/host.ts';
import type { Printer } from './printer.ts';
import type { TerminalFlags } from './terminal-flags.ts';

export interface Form {
  readonly json: boolean;
  readonly rows: TerminalFlags['rows'];
}

/** Throws a Fault `two_forms` or `no_rows`, before anything is done. */
export const requireForm = (verb: string, { json, rows }: Form, hasRows: boolean): void => {
  if (rows === null) return;
  if (json)
    throw new Fault('usage', 'two_forms', `--json and --${rows} are two forms of one answer`, {
      fix: 'give one of them',
    });
  if (!hasRows)
    throw new Fault('usage', 'no_rows', `the answer of ${verb} has no rows for --${rows}`, { fix: 'use --json' });
};

/** The first line of the text above the table. */
const markdownAnswer = (text: string, rows: Rows): string =>
  `${markdownLine(markdownText(text.split('\n', 1)[0] ?? ''))}\n\n${rowsMarkdown(rows)}\n`;

export const printOutcome = async (outcome: Outcome, form: Form, printer: Printer): Promise<void> => {
  const { ok, text, structured, rows, links } = outcome;
  outcome.notices.forEach(printer.warn);
  if (form.json) printer.raw(JSON.stringify(structured));
  else if (!ok) printer.note(text);
  else if (rows !== null && form.rows === 'csv') printer.raw(rowsCsv(rows));
  else if (rows !== null && form.rows === 'markdown') printer.raw(markdownAnswer(text, rows));
  else await printer.answer([text, ...links.map((link) => `${link.title}: ${link.path}`)].join('\n'));
};
