// Renders a report in the formats that were asked for, and loads for each only what it needs.
import type { VerbContext } from '../verb/context.ts';
import { pageScript } from '../verb/page-script.ts';
import { typesetReport, type Report } from './compose.ts';
import { reportPage } from './html/report-page.ts';
import type { Rendered, ReportPaths } from './report-files.ts';
import { showPages } from './show-pages.ts';

const pdfOf = async (report: Report, context: Pick<VerbContext, 'product' | 'show'>): Promise<Uint8Array> => {
  const typeset = await typesetReport(report, context.product.name, []);
  showPages(report, typeset, context);
  return typeset.pdf;
};

/**
 * The report in its formats; who looks at pictures is shown the pages of the PDF. Throws a Fault `typesetter_absent` where a PDF is
 * asked for and this platform has no typesetter.
 */
export const renderReport = async (
  report: Report,
  paths: ReportPaths,
  context: Pick<VerbContext, 'product' | 'show'>,
): Promise<Rendered> => ({
  pdf: paths.pdf === null ? null : await pdfOf(report, context),
  html: paths.html === null ? null : reportPage(report, await pageScript('tables')),
});
