// bench_export: results as Markdown, CSV or the summary of a CI job.
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { readSide } from '../../src/envelope/diff-files.ts';
import { EXPORT_FORMATS, exportMeasurements, type DirectionOf } from '../../src/envelope/export.ts';
import { replaceFile } from '../../src/fs/atomic-file.ts';
import { metricKey } from '../../src/metrics/metric.ts';
import { environmentSecrets, redact } from '../../src/text/redact.ts';
import { createPolicy } from '../../src/verdict/policy.ts';
import { defaultRules } from '../../src/verdict/judging-rules.ts';
import { defineVerb, oneOrMany, pathField } from '../../src/verb/define-verb.ts';
import { answeredText, keepWhole } from '../../src/verb/whole-text.ts';
import { reads, writes } from '../../src/verb/path-use.ts';

/** How the three forms begin. */
const OUR_EXPORT =
  /^(?:path,point,metric,unit,value,trials,|### .+\n[^]*?\| Point \| Metric \| Value \||## Benchmark\n)/;

/** Extensions of a text that is too long for an answer. */
const EXTENSIONS: Readonly<Record<(typeof EXPORT_FORMATS)[number], string>> = {
  markdown: '.md',
  csv: '.csv',
  'github-summary': '.md',
  benchfmt: '.txt',
};

export const benchExport = defineVerb({
  name: 'bench_export',
  family: 'bench',
  library: 'bench',
  verb: 'export',
  title: 'Export results',
  description:
    'Benchmark results as Markdown, CSV (every digit), Go benchfmt for benchstat, or a GitHub job summary (goes to GITHUB_STEP_SUMMARY). To compare: bench_diff.',
  safety: 'writes_artifacts',
  idempotent: false,
  fields: {
    results: oneOrMany('Result files or folders.'),
    format: z.enum(EXPORT_FORMATS).optional().describe('Format. Default markdown.'),
    metrics: z.array(z.string()).optional().describe('Metrics. Only these.'),
    output: pathField('File to write.').optional(),
  },
  positionals: ['results'],
  paths: { results: reads, output: writes(OUR_EXPORT) },
  data: { written: z.string().nullable(), bytes: z.number(), text: z.string() },
  examples: [{ title: 'A table for a page', input: { results: 'candidate/', format: 'markdown' } }],
  run: async (input, context) => {
    const { format = 'markdown' } = input;
    const policy = createPolicy({ defaults: await defaultRules(context) });
    const directionOf: DirectionOf = (metric) => {
      const { direction, direction_source: source } = policy({ ...metric, key: metricKey(metric) });
      return source === 'default' ? null : direction;
    };
    const files = await readSide(input.results.map(context.path), { deep: true });
    const all = exportMeasurements(files, format, input.metrics ?? [], directionOf);
    const text = redact(all, environmentSecrets(context.env));
    const output = input.output === undefined ? null : context.path(input.output);
    const summary = format === 'github-summary' ? context.env['GITHUB_STEP_SUMMARY'] : undefined;
    const named = context.dryRun ? null : (output ?? summary ?? null);
    if (named !== null && output !== null) {
      await mkdir(dirname(output), { recursive: true });
      await replaceFile(output, text);
    } else if (named !== null) await appendFile(named, text);
    const written = named ?? (await keepWhole(text, { kind: 'bench-exports', extension: EXTENSIONS[format] }, context));
    return { written, bytes: Buffer.byteLength(text), text: answeredText(text, written) };
  },
  render: (data) => (data.written === null ? data.text : `wrote ${data.bytes} bytes to ${data.written}`),
  links: (data) => (data.written === null ? [] : [{ path: data.written, title: 'export', mime_type: 'text/plain' }]),
});
