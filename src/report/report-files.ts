// Puts a rendered report in its place: the PDF, the page, and beside them `report_status.json`. A PDF that cannot be whole is refused
// and the one that is there stays.
import { mkdir } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { replaceFile } from '../fs/atomic-file.ts';
import { z } from 'zod';
import { Fault } from '../text/fault.ts';
import { jsonFile } from '../text/json.ts';
import { sheetsOf } from '../render/pdf.ts';
import { pathField } from '../verb/define-verb.ts';
import { writes } from '../verb/path-use.ts';
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

export const REPORT_FORMATS = ['pdf', 'html', 'both'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** The field that names where the report goes: a file of another kind is a slip. */
export const outField = (description: string) =>
  pathField(description).refine((path) => /\.(?:pdf|html)$/i.test(path), 'does not end in .pdf or .html');

export const formatField = () =>
  z
    .enum(REPORT_FORMATS)
    .optional()
    .describe('`html` is one file to explore, without requests. Default: by the ending of out, else pdf.');

export interface ReportPaths {
  readonly pdf: string | null;
  readonly html: string | null;
  readonly status: string;
}

/** What follows the name of the report. */
const STATUS_ENDING = '_status.json';
/** How a status of ours begins. */
const OUR_STATUS = /^\{\s*"bench_window": "[^"]*",\s*"campaign_id": "/;
/** How every PDF and every page of ours begins. */
export const OUR_PDF = /^%PDF-1\.7\n[^]*\/Title \(profile-and-optimize report\)/;
export const OUR_PAGE =
  /^<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="generator" content="profile-and-optimize report">/;
const OUR_REPORT = new RegExp(`${OUR_PDF.source}|${OUR_PAGE.source}`);

/** What a verb writes that has these fields. */
export const writesReport = writes(OUR_REPORT, ({ format }) => ({
  [STATUS_ENDING]: OUR_STATUS,
  ...(format === 'both' ? { '.html': OUR_PAGE, '.pdf': OUR_PDF } : {}),
}));

/**
 * Where the parts of a report go: to `given`, else to `usual`, which is the PDF; the status by the name of the report,
 * `report_status.json` for `report.pdf`. Throws a Fault `report_name_mismatch` where the name says another format.
 */
export const reportPaths = (given: string | null, usual: string, asked?: ReportFormat): ReportPaths => {
  const out = given ?? (asked === 'html' ? usual.replace(/\.pdf$/, '.html') : usual);
  const ending = extname(out);
  const named = ending.toLowerCase() === '.html' ? 'html' : 'pdf';
  const format = asked ?? named;
  if (format !== 'both' && format !== named)
    throw new Fault('usage', 'report_name_mismatch', `${out} is no name for a report as ${format}`, {
      fix: `name a file that ends in .${format}, or ask for format ${named} or both`,
    });
  const stem = join(dirname(out), basename(out, ending));
  return {
    pdf: format === 'html' ? null : named === 'pdf' ? out : `${stem}.pdf`,
    html: format === 'pdf' ? null : named === 'html' ? out : `${stem}.html`,
    status: `${stem}${STATUS_ENDING}`,
  };
};

/** What was rendered; null for a format that was not asked for. */
export interface Rendered {
  readonly pdf: Uint8Array | null;
  readonly html: string | null;
}

const place = async (path: string | null, content: Uint8Array | string | null): Promise<void> => {
  if (path !== null && content !== null) await replaceFile(path, content);
};

export const writeReport = async (report: Report, { pdf, html }: Rendered, paths: ReportPaths): Promise<void> => {
  if (pdf !== null) requireWhole(pdf, report);
  await mkdir(dirname(paths.status), { recursive: true });
  await place(paths.pdf, pdf);
  await place(paths.html, html);
  await replaceFile(paths.status, jsonFile(report.status));
};
