// What a rendered report holds: `report_status.json`, the warnings, and the block that a verb returns. The keys are those that
// readers of the predecessor's file know.
import { z } from 'zod';
import { coverageCounter } from '../campaign/coverage.ts';
import { SOL_RIGORS, highestRigor } from '../campaign/grounding/sol-rigor.ts';
import { grouped } from '../text/lists.ts';
import type { Page } from '../render/page.ts';
import type { NoticeRoom } from '../verb/define-verb.ts';
import type { Omission, Planned } from './page-plan.ts';
import type { ReportData } from './report-data.ts';

const omissionSchema = z.object({ page: z.string(), why: z.string(), how_to_fix: z.string() });

export const reportStatusSchema = z.object({
  schema_version: z.literal('report_status_v2'),
  campaign_id: z.string(),
  rendered_utc: z.string(),
  bench_window: z.string(),
  rendered_pages: z.array(z.string()),
  omitted_pages: z.array(omissionSchema),
  partial_pages: z.array(omissionSchema),
  plot_ready_points: z.number(),
  non_plot_ready_full_cells: z.number(),
  sol_complete: z.boolean(),
  sol_rigor: z.enum(SOL_RIGORS),
  dcgm_grounded: z.boolean(),
  focus: z.string(),
});

export type ReportStatus = z.infer<typeof reportStatusSchema>;

export interface Clock {
  readonly renderedUtc: string;
  readonly benchWindow: string;
}

/** The status of these plans, before the page of completeness, which is drawn from it. */
export const statusOf = (
  data: ReportData,
  plans: readonly Planned[],
  { renderedUtc, benchWindow }: Clock,
): ReportStatus => {
  const counter = coverageCounter();
  for (const row of data.rows) counter.add(row);
  const coverage = counter.result();
  const pages = plans.flatMap((plan) => plan.pages);
  const rigor = highestRigor(plans.flatMap(({ grounds }) => grounds ?? []));
  const list = (isDrawn: boolean): Omission[] =>
    plans.filter((plan) => plan.pages.length > 0 === isDrawn).flatMap((plan) => plan.omissions);
  return {
    schema_version: 'report_status_v2',
    campaign_id: data.campaign,
    rendered_utc: renderedUtc,
    bench_window: benchWindow,
    rendered_pages: renderedIds(pages),
    omitted_pages: list(false),
    partial_pages: list(true),
    plot_ready_points: coverage.plot_ready_points,
    non_plot_ready_full_cells: coverage.non_plot_ready_full_cells,
    sol_complete: rigor !== 'none',
    sol_rigor: rigor,
    dcgm_grounded: plans.some(({ grounds }) => grounds === 'L3'),
    focus: data.focus,
  };
};

const renderedIds = (pages: readonly Page[]): string[] => [...new Set(pages.map(({ id }) => id))];

const pagesOf = (omissions: readonly Omission[]): string => {
  const pages = omissions.map(({ page }) => page).join(', ');
  return omissions.length === 1 ? `page ${pages} is missing` : `${omissions.length} pages are missing (${pages})`;
};

/** One warning a reason, with the pages that it takes away, and what brings them: each on a terminal, where to read it in an answer. */
export const warningsOf = ({ omitted_pages: omissions }: ReportStatus, room: NoticeRoom): string[] => {
  if (omissions.length === 0) return [];
  const reasons = [...grouped(omissions, ({ why }) => why)].map(([why, alike]) => {
    const fixes = [...new Set(alike.map(({ how_to_fix: fix }) => fix))];
    return `${pagesOf(alike)}: ${[why, ...(room === 'terminal' ? fixes : [])].join('; ')}`;
  });
  return room === 'terminal'
    ? reasons
    : [...reasons, 'what brings them: omitted_pages of report_status.json, and the page of completeness'];
};
