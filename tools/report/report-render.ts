// perf_tune_report_report_render: the report of a campaign as a PDF.
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { findCampaign } from '../../src/campaign/find-campaign.ts';
import { configOf } from '../../src/campaign/import-answer.ts';
import { reportPath } from '../../src/campaign/layout.ts';
import { composeReport, OUR_REPORT, typesetReport } from '../../src/report/compose.ts';
import { openReport } from '../../src/report/open-report.ts';
import { renderedAt } from '../../src/report/rendered-at.ts';
import { REPORT_DATA, reportAnswer, reportLinks, reportNotices, reportText } from '../../src/report/report-answer.ts';
import { OUR_STATUS, STATUS_ENDING, pdfField, reportPaths, writeReport } from '../../src/report/report-files.ts';
import { showPages } from '../../src/report/show-pages.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { reads, writes } from '../../src/verb/path-use.ts';

const line = (description: string) => z.string().min(1).max(300).optional().describe(description);

export const reportRender = defineVerb({
  name: 'perf_tune_report_report_render',
  family: 'report',
  library: 'perf_tune_report',
  verb: 'report_render',
  title: 'Render the report',
  description:
    "Renders a campaign's report as a PDF: scatter, tables, what is missing and how to get it. Aggregate first: perf_tune_report_atlas_aggregate. To see the layout alone: perf_tune_report_report_smoke.",
  safety: 'writes_artifacts',
  idempotent: true,
  fields: {
    ...CAMPAIGN_FIELDS,
    out: pdfField("PDF to write. Default: the campaign's report.pdf.").optional(),
    atlas: pathField('Atlas to draw in place of the one of the campaign.').optional(),
    title: line('Title of the document.'),
    variants_line: line('What was compared, in words.'),
    data_source_line: line('Where the data come from, in words.'),
    label_concurrencies: z
      .array(z.number().int().positive())
      .optional()
      .describe('Concurrencies named in the scatter. Default 1, 8, 32.'),
    strict: z.boolean().optional().describe('Exit 1 where a page is missing.'),
  },
  positionals: ['campaign'],
  seldom: ['campaigns_dir', 'variants_line', 'data_source_line'],
  paths: { atlas: reads, out: writes(OUR_REPORT, () => ({ [STATUS_ENDING]: OUR_STATUS })) },
  data: { campaign_dir: z.string(), ...REPORT_DATA },
  examples: [{ title: 'The report of a campaign', input: { campaign: 'glm51-multihw' } }],
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
    const paths = reportPaths(input.out === undefined ? reportPath(campaign) : context.path(input.out));
    if (context.dryRun) return { campaign_dir: campaign, ...reportAnswer(report, paths, null) };
    const typeset = await typesetReport(report, context.product.name, []);
    await writeReport(report, typeset.pdf, paths);
    showPages(report, typeset, context);
    return { campaign_dir: campaign, ...reportAnswer(report, paths, typeset.pdf) };
  },
  render: reportText,
  notices: reportNotices,
  links: reportLinks,
  next: ({ campaign_dir: campaign }) => [{ verb: 'perf_tune_report_campaign_status', input: { campaign } }],
  exit_code: ({ render_status: status }, { strict }) => (strict === true && status.omitted_pages.length > 0 ? 1 : 0),
});
