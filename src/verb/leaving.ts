// What an outcome passes through before it leaves: secrets are redacted, control characters made harmless, and callers of the old
// envelope get its fields.
import type { GateReport } from '../render/junit.ts';
import { terminalText } from '../render/escape.ts';
import type { Rows } from '../render/rows.ts';
import { redact, redactValue } from '../text/redact.ts';
import type { Outcome } from './host.ts';
import type { ManifestEntry } from './manifest.ts';
import { ACK_FIELD } from './vocabulary.ts';

const redactReport = ({ name, headline, cases }: GateReport, known: readonly string[]): GateReport => ({
  name,
  headline: redact(headline, known),
  cases: cases.map((entry) => ({ ...entry, message: redact(entry.message, known) })),
});

const redactRows = ({ columns, rows }: Rows, known: readonly string[]): Rows => ({
  columns,
  rows: rows.map((row) => row.map((cell) => (typeof cell === 'string' ? redact(cell, known) : cell))),
});

/** No secret leaves, and no control character that came with a name reaches a terminal. */
export const cleaned = (outcome: Outcome, known: readonly string[]): Outcome => ({
  ...outcome,
  structured: Object(redactValue(outcome.structured, known)),
  text: terminalText(outcome.ok ? redact(outcome.text, known) : outcome.text),
  notices: outcome.notices.map(terminalText),
  pictures: outcome.pictures.map(({ title, svg }) => ({ title: terminalText(redact(title, known)), svg })),
  report: outcome.report === null ? null : redactReport(outcome.report, known),
  rows: outcome.rows === null ? null : redactRows(outcome.rows, known),
});

/** Callers that sent `args` also get the fields that the old envelope had. */
export const withLegacy = (outcome: Outcome, entry: ManifestEntry, args: readonly string[] | null): Outcome => {
  if (args === null) return outcome;
  const ackRequired = entry.safety === 'submits_jobs';
  const legacy = {
    ack_required: ackRequired,
    ack_field: ackRequired ? ACK_FIELD : null,
    args,
    returncode: outcome.exitCode,
  };
  return { ...outcome, structured: { ...outcome.structured, legacy } };
};
