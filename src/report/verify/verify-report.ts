// Checks a report by nothing but itself: takes what it carries, derives everything again, renders it again and compares. Trusts no part of
// the file, opens no other file of it and writes nothing. What is forged in all parts alike agrees with itself: only a digest that is
// kept elsewhere shows it.
import { createHash } from 'node:crypto';
import { Fault, inputFault } from '../../text/fault.ts';
import { isoSeconds } from '../../text/time.ts';
import { pdfProblem } from '../../render/pdf-guard.ts';
import { readPdf, type PdfContent } from '../../render/read-pdf.ts';
import { derivedFigures } from '../../champion/derive-again.ts';
import type { Product } from '../../verb/context.ts';
import { CARRIED, carriedFiles } from '../attachments.ts';
import { composeReport, typesetReport } from '../compose.ts';
import { dataAgain, type ReportInputs } from '../report-inputs.ts';
import { shownNumbers } from '../shown-numbers.ts';
import { carriesNothing, readCarried, type Carried } from './carried.ts';
import { carriedDifferences } from './compare-carried.ts';
import { documentDifferences } from './compare-pages.ts';
import { difference, type Difference } from './difference.ts';

export interface Verification {
  readonly campaign: string | null;
  readonly renderedUtc: string | null;
  readonly renderedBy: ReportInputs['rendered_by'] | null;
  /** This build on this platform rendered it, so that the bytes must be the same. */
  readonly sameBuild: boolean;
  readonly sameBytes: boolean;
  readonly sha256: string;
  readonly rowsSha256: string | null;
  readonly pages: number;
  readonly numbers: number;
  readonly rows: number;
  readonly differences: readonly Difference[];
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const isThisBuild = ({ rendered_by: by }: ReportInputs, { name, version, sha }: Product): boolean =>
  by.name === name && by.version === version && by.sha === sha && by.platform === `${process.platform}-${process.arch}`;

const unreadable = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The file as its reader finds it. Throws a Fault `report_refused` where reading it could do harm, and `not_a_report`. */
const opened = async (pdf: Buffer, path: string): Promise<PdfContent> => {
  if (!pdf.subarray(0, 1024).includes('%PDF-')) throw inputFault('not_a_report', `${path} is no PDF`, { path, fix: 'name a report.pdf' });
  const problem = pdfProblem(pdf);
  if (problem !== null)
    throw inputFault('report_refused', `${path} is not read: ${problem}`, { path, fix: 'ask for the report as it was rendered: ours are never so' });
  try {
    return await readPdf(pdf);
  } catch (cause) {
    throw inputFault('not_a_report', `${path} cannot be read as a PDF: ${unreadable(cause)}`, { path, fix: 'name a report.pdf that is whole', cause });
  }
}; // prettier-ignore

const championDifferences = async ({ rows, inputs }: Carried, signal: AbortSignal): Promise<Difference[]> => {
  const { champion } = inputs.evidence;
  if (champion === null) return [];
  const figures = await derivedFigures(rows, champion, signal);
  return figures.flatMap(({ place, stated, derived }) => {
    const [one, other] = [JSON.stringify(stated) ?? 'nothing', JSON.stringify(derived) ?? 'nothing'];
    return one === other ? [] : [difference('champion', null, place, one, other)];
  });
};

interface Compared {
  readonly sameBytes: boolean;
  readonly numbers: number;
  readonly differences: readonly Difference[];
}

/** Everything again from rows and inputs. */
const compared = async (pdf: Buffer, content: PdfContent, carried: Carried, sameBuild: boolean, signal: AbortSignal): Promise<Compared> => {
  const { inputs, rows, raw } = carried;
  const report = composeReport(await dataAgain(rows, inputs), new Date(1000 * inputs.rendered_epoch_s));
  const files = carriedFiles(report, inputs);
  signal.throwIfAborted();
  const again = Buffer.from((await typesetReport(report, inputs.rendered_by.name, [...files, ...raw])).pdf);
  const numbers = shownNumbers(report.pages);
  const inside = [...carriedDifferences(carried, files), ...(await championDifferences(carried, signal))];
  const sameBytes = again.equals(pdf);
  if (sameBytes) return { sameBytes, numbers: numbers.length, differences: inside };
  const derived = await readPdf(again);
  const shown = await documentDifferences(content, derived, numbers, signal);
  await derived.close();
  const all = [...shown, ...inside];
  const hidden = all.length === 0 && sameBuild ? [difference('document', null, 'bytes that no reader shows', sha256Of(pdf), sha256Of(again))] : [];
  return { sameBytes, numbers: numbers.length, differences: [...all, ...hidden] };
}; // prettier-ignore

const partOf = (error: unknown): Difference['in'] => {
  const text = unreadable(error);
  return ([CARRIED.rows, CARRIED.inputs, CARRIED.numbers] as const).find((name) => text.includes(name)) ?? 'document';
};

/** What cannot be typeset was written by whoever made the file. */
const isOurs = ({ kind, code }: Fault): boolean =>
  (kind === 'internal' && code !== 'typeset_failed') || code === 'typesetter_absent' || code === 'fonts_absent';

/** Throws a Fault `not_a_report`, `report_refused` or `report_without_rows`. Whatever else is wrong is a difference. */
export const verifyReport = async (pdf: Buffer, path: string, product: Product, signal: AbortSignal): Promise<Verification> => {
  const content = await opened(pdf, path);
  const { attachments, pageCount } = content;
  if (carriesNothing(attachments))
    throw inputFault('report_without_rows', `${path} carries no rows: it was rendered with attach: none, or they were taken out`, {
      path,
      fix: 'ask for the report with its rows; its digest can be compared by expect alone',
      data: { sha256: sha256Of(pdf) },
    });
  const rows = attachments.get(CARRIED.rows);
  const known = { sha256: sha256Of(pdf), rowsSha256: rows === undefined ? null : sha256Of(rows), pages: pageCount };
  try {
    const carried = readCarried(attachments);
    const { inputs } = carried;
    const sameBuild = isThisBuild(inputs, product);
    return {
      ...known,
      campaign: inputs.report.campaign,
      renderedUtc: isoSeconds(1000 * inputs.rendered_epoch_s),
      renderedBy: inputs.rendered_by,
      sameBuild,
      rows: carried.rows.length,
      ...(await compared(pdf, content, carried, sameBuild, signal)),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Fault && isOurs(error)) throw error;
    const found = difference(partOf(error), null, 'what the report carries', unreadable(error), 'what its pages can be derived from');
    return { ...known, campaign: null, renderedUtc: null, renderedBy: null, sameBuild: false, sameBytes: false, numbers: 0, rows: 0, differences: [found] };
  } finally {
    await content.close();
  }
}; // prettier-ignore
