// The report as one web page: what is explored, and the pages of the PDF as sections. Loads no typesetter, so that it works on every
// platform.
import { webPage } from '../../render/web/web-page.ts';
import { webSections } from '../../render/web/web-section.ts';
import type { VerbContext } from '../../verb/context.ts';
import { pageScript } from '../../verb/page-script.ts';
import { defaultRules } from '../../verdict/judging-rules.ts';
import { footerOf, REPORT_MARK, type Report } from '../compose.ts';
import { pageShape } from '../shape-line.ts';
import { explorerData } from './explorer-data.ts';
import { explorerSection } from './explorer-section.ts';
import { EXPLORER_STYLE } from './explorer-style.ts';

/** The scripts that a page of this kind may have, of which the page of conversations runs the same. */
export const REPORT_SCRIPTS = ['report', 'tables'] as const;

/** The file. The same report gives the same bytes. Throws a Fault `page_script_absent`. */
export const reportPage = async (
  report: Report,
  context: Pick<VerbContext, 'root' | 'productFolder' | 'env'>,
): Promise<string> => {
  const { data, pages } = report;
  const { sections, links } = webSections(pages);
  const explored = await explorerData(data, { defaults: await defaultRules(context) });
  const { section, island } = explorerSection(explored);
  const hasPoints = explored.measures.length > 0;
  return webPage({
    title: data.title,
    mark: REPORT_MARK,
    lead: pages[0]?.title ?? '',
    meta: pageShape(data, data.rows),
    links: [...(hasPoints ? [{ href: '#explore', text: 'explore' }] : []), ...links],
    sections: [...(hasPoints ? [section] : []), ...sections],
    foot: footerOf(report),
    style: EXPLORER_STYLE,
    islands: hasPoints ? [island] : [],
    script: await pageScript(hasPoints ? 'report' : 'tables'),
  });
};
