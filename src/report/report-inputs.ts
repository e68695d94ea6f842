// Everything that a report is made of beside its rows, as plain data: with it and the rows the same report is composed again elsewhere. It
// is read as a stranger's: nothing in it is a path that is opened, and what does not fit is refused.
import { z } from 'zod';
import { capacityInputsSchema, capacityAgain } from '../capacity/capacity-inputs.ts';
import { summaryFactsSchema } from '../capacity/summary-document.ts';
import { championSchema } from '../champion/champion-record.ts';
import type { AtlasRow } from '../campaign/row.ts';
import type { Product } from '../verb/context.ts';
import { CAPTURES, NO_EVIDENCE, type Evidence } from './evidence.ts';
import type { Report } from './compose.ts';
import { plainEvidence, wholeEvidence } from './plain-evidence.ts';
import { reportData, type ReportData } from './report-data.ts';
import type { RawFile } from './raw-files.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'is no sha256');
const line = z.string().nullable();

/** Evidence by the name of its field. What is computed from rows is not in it. */
const evidenceSchema = z.looseObject({
  champion: championSchema.omit({ roofline_overlay: true }).nullable(),
  captured: z.looseObject(Object.fromEntries(CAPTURES.map((name) => [name, z.array(z.string())]))),
});

export const reportInputsSchema = z.strictObject({
  schema_version: z.literal('report_inputs_v1'),
  /** What rendered it: another build may set a page a little differently. */
  rendered_by: z.strictObject({
    name: z.string(),
    version: z.string(),
    sha: z.string().nullable(),
    platform: z.string(),
  }),
  /** Whole seconds since 1970. */
  rendered_epoch_s: z.number().int().nonnegative().max(253_402_300_799),
  report: z.strictObject({
    campaign: z.string().min(1),
    title: z.string(),
    variantsLine: line,
    dataSourceLine: line,
    focus: z.string(),
    labelled: z.array(z.number().int().positive()),
    invented: z.boolean(),
  }),
  capacity: z.strictObject({ inputs: capacityInputsSchema, facts: summaryFactsSchema }).nullable(),
  evidence: evidenceSchema,
  /** Raw files by cell and name. */
  raw: z.record(z.string(), sha256),
});

export type ReportInputs = z.output<typeof reportInputsSchema>;

/** The inputs of a composed report. */
export const reportInputs = ({ data, rendered }: Report, product: Product, raw: readonly RawFile[]): ReportInputs => {
  const { campaign, title, variantsLine, dataSourceLine, focus, labelled, invented, evidence } = data;
  const { capacity, ...others } = evidence;
  return reportInputsSchema.parse({
    schema_version: 'report_inputs_v1',
    rendered_by: { name: product.name, version: product.version, sha: product.sha, platform: `${process.platform}-${process.arch}` },
    rendered_epoch_s: Math.floor(rendered.getTime() / 1000),
    report: { campaign, title, variantsLine, dataSourceLine, focus, labelled: [...labelled], invented },
    capacity: capacity === null ? null : { inputs: capacity.inputs, facts: capacity.facts },
    evidence: plainEvidence(others),
    raw: Object.fromEntries(raw.map(({ name, sha256: digest }) => [name, digest])),
  });
}; // prettier-ignore

/** What pages read, from rows and inputs alone. */
export const dataAgain = async (rows: readonly AtlasRow[], inputs: ReportInputs): Promise<ReportData> => {
  const { report, capacity, evidence } = inputs;
  return reportData({
    ...report,
    rows,
    evidence: {
      ...NO_EVIDENCE,
      ...(wholeEvidence(evidence) as Evidence), // checked boundary: champion by its schema; whoever draws the rest refuses what it cannot draw
      capacity:
        capacity === null
          ? null
          : { capacity: await capacityAgain(rows, capacity.inputs), facts: capacity.facts, inputs: capacity.inputs },
    },
  });
};
