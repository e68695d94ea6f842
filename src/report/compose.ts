// Puts a report together: every page that the data allow, in the order in which readers expect them, and at the end what is missing.
import { isoSeconds } from '../text/time.ts';
import type { Page } from '../render/page.ts';
import { typeset, type Attachment, type Typeset } from '../render/pdf.ts';
import type { PagePlan } from './page-plan.ts';
import { attributionPages } from './pages/attribution.ts';
import { capacityPages } from './pages/capacity.ts';
import { championPages } from './pages/champion.ts';
import { completenessPage } from './pages/completeness.ts';
import { countedKernelPages } from './pages/counted-kernels.ts';
import { dcgmPages } from './pages/dcgm.ts';
import { diffPages } from './pages/diff.ts';
import { heatmapPages } from './pages/heatmap.ts';
import { kernelCeilingPages } from './pages/kernel-ceilings.ts';
import { kernelPages } from './pages/kernels.ts';
import { ledgerPages } from './pages/ledger.ts';
import { reconciliationPages } from './pages/reconciliation.ts';
import { rooflinePages } from './pages/roofline.ts';
import { scatterPages } from './pages/scatter.ts';
import { sourcePages } from './pages/sources.ts';
import { reportFonts } from './report-fonts.ts';
import { benchWindow, type ReportData } from './report-data.ts';
import { statusOf, type ReportStatus } from './report-status.ts';

const PLANS: readonly PagePlan[] = [
  scatterPages,
  heatmapPages,
  capacityPages,
  kernelPages,
  kernelCeilingPages,
  countedKernelPages,
  dcgmPages,
  attributionPages,
  rooflinePages,
  championPages,
  diffPages,
  ledgerPages,
  reconciliationPages,
  sourcePages,
];

export interface Report {
  readonly data: ReportData;
  readonly pages: readonly Page[];
  readonly status: ReportStatus;
  readonly rendered: Date;
}

export const composeReport = (data: ReportData, now: Date): Report => {
  const plans = PLANS.map((plan) => plan(data));
  const clock = { renderedUtc: isoSeconds(now.getTime()), benchWindow: benchWindow(data.rows) };
  const drawnStatus = statusOf(data, plans, clock);
  const status = { ...drawnStatus, rendered_pages: [...drawnStatus.rendered_pages, 'completeness'] };
  const pages = [...plans.flatMap((plan) => plan.pages), completenessPage(data, drawnStatus)];
  return { data, pages, status, rendered: now };
};

/** The first bookmark of every report, and the generator of every page. */
export const REPORT_MARK = 'profile-and-optimize report';

export const footerOf = ({ data, status }: Report): string =>
  `campaign=${data.campaign}  |  rendered=${status.rendered_utc}  |  bench-window=${status.bench_window}  |  all times UTC`;

/** Some pages of a report by themselves. Throws a Fault `typesetter_absent`. */
export const typesetPages = (data: ReportData, pages: readonly Page[], now: Date): Promise<Typeset> => {
  const status = statusOf(data, [], { renderedUtc: isoSeconds(now.getTime()), benchWindow: benchWindow(data.rows) });
  return typesetReport({ data, pages, status, rendered: now }, '', []);
};

/** The PDF of a report. Throws a Fault `typesetter_absent`. */
export const typesetReport = async (
  report: Report,
  product: string,
  attachments: readonly Attachment[],
): Promise<Typeset> => {
  const { data, pages, status, rendered } = report;
  return typeset({
    title: data.title,
    author: product,
    subject: `Performance report of campaign ${data.campaign}`,
    mark: REPORT_MARK,
    keywords: [
      `campaign=${data.campaign}`,
      `rendered_utc=${status.rendered_utc}`,
      `bench_window=${status.bench_window}`,
    ],
    footer: footerOf(report),
    pages,
    attachments,
    created: rendered,
    fonts: await reportFonts(),
  });
};
