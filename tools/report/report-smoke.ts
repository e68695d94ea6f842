// perf_tune_report_report_smoke: the report of a made-up campaign, to see the layout before any cluster is used.
import { join } from 'node:path';
import { artifactsFolder } from '../../src/fs/root.ts';
import { composeReport } from '../../src/report/compose.ts';
import {
  NOT_RENDERED,
  REPORT_DATA,
  reportAnswer,
  reportLinks,
  reportNotices,
  reportText,
} from '../../src/report/report-answer.ts';
import { reportData } from '../../src/report/report-data.ts';
import { formatField, outField, reportPaths, writeReport, writesReport } from '../../src/report/report-files.ts';
import { renderReport } from '../../src/report/render-report.ts';
import { renderedAt } from '../../src/report/rendered-at.ts';
import { SMOKE_CAMPAIGN, smokeRows } from '../../src/report/smoke/fixture.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';

export const reportSmoke = defineVerb({
  name: 'perf_tune_report_report_smoke',
  family: 'report',
  library: 'perf_tune_report',
  verb: 'report_smoke',
  title: 'Render a sample report',
  description:
    'Renders the report of a bundled, made-up campaign: the layout without a cluster. For measured data: perf_tune_report_report_render.',
  safety: 'writes_artifacts',
  idempotent: true,
  explored: true,
  fields: {
    out: outField('File to write. Default: reports/smoke.pdf or smoke.html of the artifacts.').optional(),
    format: formatField(),
  },
  paths: { out: writesReport },
  data: REPORT_DATA,
  examples: [{ title: 'See the layout', input: { out: './smoke/report.pdf' } }],
  run: async (input, context) => {
    const usual = join(artifactsFolder(context.root), 'reports', 'smoke.pdf');
    const paths = reportPaths(input.out === undefined ? null : context.path(input.out), usual, input.format);
    const data = reportData({
      campaign: SMOKE_CAMPAIGN,
      title: 'Performance report of a made-up campaign',
      variantsLine: null,
      dataSourceLine: null,
      rows: smokeRows(),
      focus: 'throughput',
      labelled: [1, 8, 32],
      invented: true,
    });
    const report = composeReport(data, renderedAt(context));
    if (context.dryRun) return reportAnswer(report, paths, NOT_RENDERED);
    const rendered = await renderReport(report, paths, { attach: 'rows', raw: [] }, context);
    await writeReport(report, rendered, paths);
    return reportAnswer(report, paths, rendered);
  },
  render: reportText,
  notices: reportNotices,
  links: reportLinks,
});
