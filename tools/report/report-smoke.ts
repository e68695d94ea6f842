// perf_tune_report_report_smoke: the report of a made-up campaign, to see the layout before any cluster is used.
import { join } from 'node:path';
import { artifactsFolder } from '../../src/fs/root.ts';
import { composeReport, OUR_REPORT, typesetReport } from '../../src/report/compose.ts';
import { REPORT_DATA, reportAnswer, reportLinks, reportNotices, reportText } from '../../src/report/report-answer.ts';
import { reportData } from '../../src/report/report-data.ts';
import { OUR_STATUS, STATUS_ENDING, pdfField, reportPaths, writeReport } from '../../src/report/report-files.ts';
import { renderedAt } from '../../src/report/rendered-at.ts';
import { SMOKE_CAMPAIGN, smokeRows } from '../../src/report/smoke/fixture.ts';
import { showPages } from '../../src/report/show-pages.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';
import { writes } from '../../src/verb/path-use.ts';

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
  fields: { out: pdfField('PDF to write. Default: reports/smoke.pdf of the artifacts.').optional() },
  paths: {
    out: writes(OUR_REPORT, () => ({ [STATUS_ENDING]: OUR_STATUS })),
  },
  data: REPORT_DATA,
  examples: [{ title: 'See the layout', input: { out: './smoke/report.pdf' } }],
  run: async (input, context) => {
    const out =
      input.out === undefined ? join(artifactsFolder(context.root), 'reports', 'smoke.pdf') : context.path(input.out);
    const paths = reportPaths(out);
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
    if (context.dryRun) return reportAnswer(report, paths, null);
    const typeset = await typesetReport(report, context.product.name, []);
    await writeReport(report, typeset.pdf, paths);
    showPages(report, typeset, context);
    return reportAnswer(report, paths, typeset.pdf);
  },
  render: reportText,
  notices: reportNotices,
  links: reportLinks,
});
