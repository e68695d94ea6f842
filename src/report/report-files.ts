// Puts a rendered report in its place: the PDF and beside it `report_status.json`. A PDF that cannot be whole is refused and the one
// that is there stays.
import { mkdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { replaceFile } from '../fs/atomic-file.ts';
import { Fault } from '../text/fault.ts';
import { jsonFile } from '../text/json.ts';
import { sheetsOf } from '../render/pdf.ts';
import { pathField } from '../verb/define-verb.ts';
import type { Report } from './compose.ts';

/** A report with pages, fonts and text is never smaller. */
const LEAST_BYTES = 10_000;

/** Number of pages as the file's tree of pages states it. */
const pagesOf = (pdf: Uint8Array): number =>
  Number(/\/Type \/Pages\s+\/Count (\d+)/.exec(Buffer.from(pdf).toString('latin1'))?.[1] ?? 0);

/** Throws a Fault `report_degenerate` for a PDF that is too small, or that has fewer sheets than its pages need. */
export const requireWhole = (pdf: Uint8Array, { pages }: Report): void => {
  const found = pagesOf(pdf);
  const least = sheetsOf(pages).length;
  const why =
    pdf.byteLength < LEAST_BYTES
      ? `it has ${pdf.byteLength} bytes, and no report has fewer than ${LEAST_BYTES}`
      : found < least
        ? `it has ${found} of ${least} pages`
        : null;
  if (why !== null)
    throw new Fault('internal', 'report_degenerate', `the PDF is not whole: ${why}; nothing was written`);
};

/** The field that names where the PDF goes: a file of another kind is a slip. */
export const pdfField = (description: string) =>
  pathField(description).refine((path) => /\.pdf$/i.test(path), 'does not end in .pdf');

export interface ReportPaths {
  readonly pdf: string;
  readonly status: string;
}

/** What follows the name of the PDF. */
export const STATUS_ENDING = '_status.json';
/** How a status of ours begins. */
export const OUR_STATUS = /^\{\s*"bench_window": "[^"]*",\s*"campaign_id": "/;

/** The status lies beside the PDF: `report_status.json` for `report.pdf`, else by the name of the PDF. */
export const reportPaths = (pdf: string): ReportPaths => ({
  pdf,
  status: join(dirname(pdf), `${basename(pdf, extname(pdf))}${STATUS_ENDING}`),
});

export const writeReport = async (report: Report, pdf: Uint8Array, paths: ReportPaths): Promise<void> => {
  requireWhole(pdf, report);
  await mkdir(dirname(paths.pdf), { recursive: true });
  await replaceFile(paths.pdf, pdf);
  await replaceFile(paths.status, jsonFile(report.status));
};
