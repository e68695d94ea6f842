// What a verb that renders a report answers: the files, what is in them and what is missing.
import { z } from 'zod';
import { plural } from '../render/numbers.ts';
import type { Link, NoticeRoom } from '../verb/define-verb.ts';
import type { Say } from '../verb/dry-run.ts';
import type { Report } from './compose.ts';
import type { Rendered, ReportPaths } from './report-files.ts';
import { reportStatusSchema, warningsOf } from './report-status.ts';

export const REPORT_DATA = {
  pdf_path: z.string().nullable(),
  pdf_bytes: z.number().nullable(),
  html_path: z.string().nullable(),
  html_bytes: z.number().nullable(),
  status_path: z.string(),
  page_count: z.number(),
  atlas_cells: z.number(),
  finding: z.string(),
  render_status: reportStatusSchema,
};

type Answer = z.infer<z.ZodObject<typeof REPORT_DATA>>;

export const NOT_RENDERED: Rendered = { pdf: null, html: null };

export const reportAnswer = (report: Report, paths: ReportPaths, { pdf, html }: Rendered): Answer => ({
  pdf_path: pdf === null ? null : paths.pdf,
  pdf_bytes: pdf?.byteLength ?? null,
  html_path: html === null ? null : paths.html,
  html_bytes: html === null ? null : Buffer.byteLength(html),
  status_path: paths.status,
  page_count: report.pages.length,
  atlas_cells: new Set(report.data.rows.map(({ cell_id: cell }) => cell)).size,
  finding: report.pages[0]?.title ?? '',
  render_status: report.status,
});

export const reportText = (answer: Answer, say: Say): string => {
  const { render_status: status, finding, pdf_path: pdf, html_path: html } = answer;
  const sol = status.sol_complete ? `speed of light grounded (${status.sol_rigor})` : 'speed of light not grounded';
  return [
    finding,
    `${say('drew', 'draw')} ${status.rendered_pages.join(', ')}; ${plural(status.plot_ready_points, 'point')}; ${sol}`,
    ...[pdf, html].flatMap((path) => (path === null ? [] : [`wrote ${path}`])),
  ].join('\n');
};

export const reportNotices = ({ render_status: status }: Answer, room: NoticeRoom): readonly string[] =>
  warningsOf(status, room);

export const reportLinks = ({ pdf_path: pdf, html_path: html, status_path: status }: Answer): readonly Link[] =>
  pdf === null && html === null
    ? []
    : [
        ...(pdf === null ? [] : [{ path: pdf, title: 'Report', mime_type: 'application/pdf' }]),
        ...(html === null ? [] : [{ path: html, title: 'Report to explore', mime_type: 'text/html' }]),
        { path: status, title: 'What it holds', mime_type: 'application/json' },
      ];
