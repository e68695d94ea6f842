// Renders a report in the formats that were asked for, and loads for each only what it needs.
import type { VerbContext } from '../verb/context.ts';
import { attachmentsOf, type Carries } from './attachments.ts';
import { typesetReport, type Report } from './compose.ts';
import { reportPage } from './html/report-page.ts';
import type { Rendered, ReportPaths } from './report-files.ts';
import { showPages } from './show-pages.ts';

type Context = Pick<VerbContext, 'product' | 'show' | 'explore' | 'env' | 'signal' | 'root' | 'productFolder'>;

const pdfOf = async (report: Report, carries: Carries, context: Context): Promise<Uint8Array> => {
  const attachments = await attachmentsOf(report, carries, context);
  const typeset = await typesetReport(report, context.product.name, attachments);
  showPages(report, typeset, context);
  return typeset.pdf;
};

/**
 * The report in its formats, the PDF with what it is to carry; who looks at pictures is shown the pages of the PDF. Throws a Fault `typesetter_absent` where a PDF is
 * asked for and this platform has no typesetter.
 */
export const renderReport = async (
  report: Report,
  paths: ReportPaths,
  carries: Carries,
  context: Context,
): Promise<Rendered> => {
  const pdf = paths.pdf === null ? null : await pdfOf(report, carries, context);
  const isShown = paths.html !== null || context.explore !== null;
  const page = isShown ? await reportPage(report, context) : null;
  if (page !== null) context.explore?.(page);
  return { pdf, html: paths.html === null ? null : page };
};
