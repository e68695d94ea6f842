// The report as one web page: the pages of the PDF as sections. Loads no typesetter, so that it works on every platform.
import { webPage } from '../../render/web/web-page.ts';
import { webSections } from '../../render/web/web-section.ts';
import { footerOf, REPORT_MARK, type Report } from '../compose.ts';
import { shapeOf } from '../shape-line.ts';

/** The file; `script` is the built one of this page. The same report gives the same bytes. */
export const reportPage = (report: Report, script: string): string => {
  const { data, pages } = report;
  const { sections, links } = webSections(pages);
  return webPage({
    title: data.title,
    mark: REPORT_MARK,
    lead: pages[0]?.title ?? '',
    meta: shapeOf(data.rows),
    links,
    sections,
    foot: footerOf(report),
    script,
  });
};
