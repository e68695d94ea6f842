// The cases of a gate as a JUnit file, which build servers show, and as a section of Markdown. Pure; every text is escaped, and
// what cannot stand in XML becomes a mark that can.
import { paragraph, table } from './document.ts';
import { markupText } from './escape.ts';
import { documentMarkdown } from './markdown.ts';

export type CaseOutcome = 'passed' | 'failed' | 'skipped';

export interface ReportCase {
  /** What the case belongs to: a load point, a scenario, a file. */
  readonly group: string;
  readonly name: string;
  readonly outcome: CaseOutcome;
  /** Why, in one line; empty where there is nothing to say. */
  readonly message: string;
}

export interface GateReport {
  readonly name: string;
  readonly headline: string;
  readonly cases: readonly ReportCase[];
}

const count = (cases: readonly ReportCase[], wanted: CaseOutcome): number =>
  cases.filter(({ outcome }) => outcome === wanted).length;

const ELEMENTS = { passed: 'system-out', failed: 'failure', skipped: 'skipped' } as const;

const caseXml = ({ group, name, outcome, message }: ReportCase): string => {
  const head = `    <testcase classname="${markupText(group)}" name="${markupText(name)}"`;
  if (outcome === 'passed' && message === '') return `${head}/>`;
  const element = ELEMENTS[outcome];
  const said = outcome === 'passed' ? '' : ` message="${markupText(message)}"`;
  const body = outcome === 'skipped' ? '/>' : `>${markupText(message)}</${element}>`;
  return `${head}>\n      <${element}${said}${body}\n    </testcase>`;
};

/** A JUnit file of one suite; ends with a newline. */
export const junitXml = ({ name, cases }: GateReport): string => {
  const counts = `tests="${cases.length}" failures="${count(cases, 'failed')}" errors="0" skipped="${count(cases, 'skipped')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${markupText(name)}" ${counts}>`,
    `  <testsuite name="${markupText(name)}" ${counts}>`,
    ...cases.map(caseXml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
};

const MOST_ROWS = 30;
const ORDER: readonly CaseOutcome[] = ['failed', 'skipped', 'passed'];

/** A section for the summary of a CI job: the headline, then the cases, what failed first. Ends with a newline. */
export const gateMarkdown = ({ name, headline, cases }: GateReport): string => {
  const sorted = ORDER.flatMap((wanted) => cases.filter(({ outcome }) => outcome === wanted));
  const rest = sorted.length - MOST_ROWS;
  return documentMarkdown({
    title: name,
    blocks: [
      paragraph(headline),
      table(
        ['Outcome', 'Case', 'Says'].map((title) => ({ title })),
        sorted
          .slice(0, MOST_ROWS)
          .map((row) => [row.outcome, row.group === '' ? row.name : `${row.group}: ${row.name}`, row.message]),
      ),
      ...(rest > 0 ? [paragraph(`${rest} more in the JUnit file (--junit).`)] : []),
    ],
  });
};
