// What a gate reports to a build server, in agreement with its exit code: a report holds a failed case exactly when the call does not
// end with 0. Judges nothing itself.
import type { GateReport, ReportCase } from '../render/junit.ts';

/** What a verb that is a gate says of its answer; null where there is none yet, such as of a job that still runs. */
export type GateAnswer = Pick<GateReport, 'headline' | 'cases'>;

/** Without strictness nothing fails: what was found is reported, and not counted. */
const uncounted = (entry: ReportCase): ReportCase =>
  entry.outcome === 'failed' ? { ...entry, outcome: 'skipped' } : entry;

/** The report of a call that ended with `exitCode`; its first case is the gate as a whole. */
export const gateReport = (name: string, { headline, cases }: GateAnswer, exitCode: number): GateReport => {
  const whole: ReportCase = {
    group: name,
    name: 'gate',
    outcome: exitCode === 0 ? 'passed' : 'failed',
    message: exitCode === 0 ? headline : `exit ${exitCode}: ${headline}`,
  };
  return { name, headline, cases: [whole, ...(exitCode === 0 ? cases.map(uncounted) : cases)] };
};

/** The first line of an answer's text, which holds the verdict. */
export const headlineOf = (text: string): string => text.split('\n').find((line) => line.trim() !== '') ?? '';
