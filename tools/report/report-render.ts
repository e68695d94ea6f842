// perf_tune_report_report_render: the report of a campaign as a PDF or as a page to explore.
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { findCampaign } from '../../src/campaign/find-campaign.ts';
import { configOf } from '../../src/campaign/import-answer.ts';
import { reportPath } from '../../src/campaign/layout.ts';
import { composeReport } from '../../src/report/compose.ts';
import { ATTACH } from '../../src/report/attachments.ts';
import { rawFilesOf } from '../../src/report/raw-files.ts';
import { NOT_KEPT, keepDigest } from '../../src/report/report-digests.ts';
import { openReport } from '../../src/report/open-report.ts';
import { renderedAt } from '../../src/report/rendered-at.ts';
import {
  NOT_RENDERED,
  REPORT_DATA,
  reportAnswer,
  reportLinks,
  reportNotices,
  reportText,
} from '../../src/report/report-answer.ts';
import { formatField, outField, reportPaths, writeReport, writesReport } from '../../src/report/report-files.ts';
import { renderReport } from '../../src/report/render-report.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

const line = (description: string) => z.string().min(1).max(300).optional().describe(description);

export const reportRender = defineVerb({
  name: 'perf_tune_report_report_render',
  family: 'report',
  library: 'perf_tune_report',
  verb: 'report_render',
  title: 'Render the report',
  description:
    "Renders a campaign's report as PDF or page: scatter, tables, what is missing and how to get it. Aggregate first: perf_tune_report_atlas_aggregate. The layout alone: perf_tune_report_report_smoke.",
  safety: 'writes_artifacts',
  idempotent: true,
  explored: true,
  fields: {
    ...CAMPAIGN_FIELDS,
    out: outField("File to write. Default: the campaign's report.pdf or report.html.").optional(),
    format: formatField(),
    atlas: pathField('Atlas to draw in place of the one of the campaign.').optional(),
    title: line('Title of the document.'),
    variants_line: line('What was compared, in words.'),
    data_source_line: line('Where the data come from, in words.'),
    label_concurrencies: z
      .array(z.number().int().positive())
      .optional()
      .describe('Concurrencies named in the scatter. Default 1, 8, 32.'),
    attach: z.enum(ATTACH).optional().describe('What the PDF carries: its rows (default), raw files too, nothing.'),
    strict: z.boolean().optional().describe('Exit 1 where a page is missing.'),
  },
  positionals: ['campaign'],
  seldom: ['campaigns_dir', 'attach', 'variants_line', 'data_source_line'],
  paths: { atlas: reads, out: writesReport },
  data: {
    campaign_dir: z.string(),
    ...REPORT_DATA,
    pdf_sha256: z.string().nullable(),
    /** Where the digest of the PDF is kept. */
    digests_path: z.string().nullable(),
  },
  examples: [
    { title: 'The report of a campaign', input: { campaign: 'glm51-multihw' } },
    { title: 'With a page to explore beside it', input: { campaign: 'glm51-multihw', format: 'both' } },
  ],
  run: async (input, context) => {
    const campaign = findCampaign(input.campaign, context, input.campaigns_dir);
    const data = await openReport({
      campaign,
      config: await configOf(campaign, context.signal),
      atlas: input.atlas === undefined ? null : context.path(input.atlas),
      title: input.title ?? null,
      variantsLine: input.variants_line ?? null,
      dataSourceLine: input.data_source_line ?? null,
      labelled: input.label_concurrencies ?? [1, 8, 32],
      context,
    });
    const report = composeReport(data, renderedAt(context));
    const out = input.out === undefined ? null : context.path(input.out);
    const paths = reportPaths(out, reportPath(campaign), input.format);
    if (context.dryRun) return { campaign_dir: campaign, ...reportAnswer(report, paths, NOT_RENDERED), ...NOT_KEPT };
    const raw = input.atlas === undefined ? await rawFilesOf(campaign, data.rows, context.signal) : [];
    const carries = { attach: input.attach ?? 'rows', raw };
    const rendered = await renderReport(report, paths, carries, context);
    await writeReport(report, rendered, paths);
    const kept = await keepDigest(report, rendered.pdf, carries, context);
    return { campaign_dir: campaign, ...reportAnswer(report, paths, rendered), ...kept };
  },
  render: reportText,
  notices: reportNotices,
  links: reportLinks,
  next: ({ campaign_dir: campaign, pdf_path: report }) => [
    ...(report === null ? [] : [{ verb: 'perf_tune_report_report_verify', input: { report } }]),
    { verb: 'perf_tune_report_campaign_status', input: { campaign } },
  ],
  exit_code: ({ render_status: status }, { strict }) => (strict === true && status.omitted_pages.length > 0 ? 1 : 0),
});
