// perf_tune_report_chart: one chart as a file and, for an agent, as an image.
import { mkdir } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { z } from 'zod';
import { CAMPAIGN_FIELDS } from '../../src/campaign/campaign-field.ts';
import { replaceFile } from '../../src/fs/atomic-file.ts';
import { artifactsFolder } from '../../src/fs/root.ts';
import { readsMeasurement } from '../../src/registry/entry-paths.ts';
import { svgPng } from '../../src/render/png.ts';
import { CHART_KINDS, drawChart } from '../../src/report/draw-chart.ts';
import { reportFontPaths } from '../../src/report/report-fonts.ts';
import { Fault } from '../../src/text/fault.ts';
import { defineVerb, pathField } from '../../src/verb/define-verb.ts';
import { OUR_PICTURE, reads, writes } from '../../src/verb/path-use.ts';

const FORMATS = ['svg', 'png'] as const;
const MIME = { svg: 'image/svg+xml', png: 'image/png' } as const;
type Format = (typeof FORMATS)[number];

/** Pixels across: sharp on a slide. */
const PNG_WIDTH = 1600;

const formatOf = (format: Format | undefined, out: string | undefined): Format => {
  const ending = out === undefined ? undefined : FORMATS.find((each) => extname(out).toLowerCase() === `.${each}`);
  if (format !== undefined && ending !== undefined && ending !== format)
    throw new Fault('usage', 'format_conflict', `${out} does not end in .${format}`, {
      fix: `leave format out, or name a file that ends in .${format}`,
    });
  return ending ?? format ?? 'svg';
};

export const chart = defineVerb({
  name: 'perf_tune_report_chart',
  family: 'report',
  library: 'perf_tune_report',
  verb: 'chart',
  title: 'Draw a chart',
  description:
    'Draws one chart to look at or to keep: scatter, heatmap or roofline of a campaign, trend of a measurement, a profile diff. The whole report: perf_tune_report_report_render.',
  safety: 'writes_artifacts',
  idempotent: true,
  fields: {
    kind: z.enum(CHART_KINDS).describe('What to draw.'),
    campaign: CAMPAIGN_FIELDS.campaign.optional().describe('Campaign. For scatter, heatmap, roofline.'),
    measurement: z.string().optional().describe('family/measurement. For a trend.'),
    metric: z.string().optional().describe('Metric. Of the trend; default: the headline.'),
    diff: pathField('Diff. Folder that a diff of profiles wrote, for profile_diff.').optional(),
    page: z.number().int().min(1).optional().describe('Page. Where the chart takes several.'),
    out: pathField('File to write. Ends in .svg or .png; default: charts of the artifacts.')
      .refine((path) => /\.(svg|png)$/i.test(path), 'does not end in .svg or .png')
      .optional(),
    format: z.enum(FORMATS).optional().describe('Format. Default: by the ending of out, else svg.'),
    campaigns_dir: CAMPAIGN_FIELDS.campaigns_dir,
  },
  positionals: ['kind'],
  seldom: ['campaigns_dir'],
  paths: { measurement: readsMeasurement, diff: reads, out: writes(OUR_PICTURE) },
  data: {
    kind: z.enum(CHART_KINDS),
    finding: z.string(),
    page: z.number(),
    pages: z.number(),
    format: z.enum(FORMATS),
    chart_path: z.string().nullable(),
    chart_bytes: z.number().nullable(),
  },
  examples: [
    { title: 'The scatter of a campaign', input: { kind: 'scatter', campaign: 'glm51-multihw' } },
    { title: 'A trend for a slide', input: { kind: 'trend', measurement: 'llama31_8b/vllm_serve', out: 'trend.png' } },
  ],
  run: async (input, context) => {
    const { kind, out } = input;
    const format = formatOf(input.format, out);
    const { svg, name, finding, page, pages } = await drawChart(input, context);
    const place = join(
      artifactsFolder(context.root),
      'charts',
      `${kind}-${name}${pages > 1 ? `-${page}` : ''}.${format}`,
    );
    const path = out === undefined ? place : context.path(out);
    const bytes =
      format === 'svg' ? Buffer.from(svg) : await svgPng(svg, { width: PNG_WIDTH, fonts: reportFontPaths() });
    if (!context.dryRun) {
      await mkdir(dirname(path), { recursive: true });
      await replaceFile(path, bytes);
      context.show?.([{ title: `${kind} of ${name}`, svg }]);
    }
    const written = context.dryRun ? null : path;
    return {
      kind,
      finding,
      page,
      pages,
      format,
      chart_path: written,
      chart_bytes: written === null ? null : bytes.byteLength,
    };
  },
  render: ({ kind, finding, page, pages, chart_path: path }, say) =>
    [
      finding,
      `${say('drew', 'draw')} the ${kind.replace('_', ' ')}${pages > 1 ? `, page ${page} of ${pages}` : ''}${path === null ? '' : `: ${path}`}`,
    ].join('\n'),
  links: ({ chart_path: path, format }) => (path === null ? [] : [{ path, title: 'chart', mime_type: MIME[format] }]),
  next: ({ kind, page, pages }, input) =>
    page < pages ? [{ verb: 'perf_tune_report_chart', input: { ...input, kind, page: page + 1, out: undefined } }] : [],
});
