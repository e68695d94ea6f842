// profile_profile_diff: what regressed between two profiles.
import { z } from 'zod';
import { readCaptures } from '../../src/source/captures.ts';
import { writeProfileReport } from '../../src/compare/profile-report.ts';
import { BUCKETS, type Bucket } from '../../src/profile/model/buckets.ts';
import { diffProfiles } from '../../src/profile/diff-profiles.ts';
import { renderProfileDiffText } from '../../src/profile/text/diff-text.ts';
import { bucketRowSchema, kernelRowSchema, profileDiffSchema } from '../../src/profile/diff/profile-diff-schema.ts';
import type { KernelRow, ProfileDiff } from '../../src/profile/diff/profile-diff-schema.ts';
import { compareCaptureContexts } from '../../src/profile/diff/capture-context.ts';
import { headlineOf } from '../../src/verb/gate-report.ts';
import { comparisonExitCode, FAIL_ON, requireSameContext, type Strictness } from '../../src/verdict/exit-code.ts';
import { Fault } from '../../src/text/fault.ts';
import { defineVerb, oneOrMany, pathField } from '../../src/verb/define-verb.ts';
import { OUR_SVG, reads, writes } from '../../src/verb/path-use.ts';

const MOST_ROWS = 20;

const { decision, headline, totals, adverse, next_lever } = profileDiffSchema.shape;

const kernelRow = kernelRowSchema
  .pick({
    bucket: true,
    class: true,
    delta_ns: true,
    count_effect_ns: true,
    per_call_effect_ns: true,
    per_call_pct: true,
    q: true,
    share_pct: true,
    adverse: true,
  })
  .extend({ name: z.string(), baseline_calls: z.number(), candidate_calls: z.number() });

const bucketRow = bucketRowSchema.pick({
  bucket: true,
  delta_ns: true,
  count_effect_ns: true,
  per_call_effect_ns: true,
  per_call_pct: true,
  adverse: true,
});

const shortKernel = (row: KernelRow): z.output<typeof kernelRow> => ({
  name: row.short_name,
  bucket: row.bucket,
  class: row.class,
  baseline_calls: row.baseline.calls,
  candidate_calls: row.candidate.calls,
  delta_ns: row.delta_ns,
  count_effect_ns: row.count_effect_ns,
  per_call_effect_ns: row.per_call_effect_ns,
  per_call_pct: row.per_call_pct,
  q: row.q,
  share_pct: row.share_pct,
  adverse: row.adverse,
});

/** Each capture is a trial. A kernel that is no longer launched is no lost measurement. */
const exitCodeOf = (
  { verdict, decision, adverse, baseline, candidate }: ProfileDiff,
  strictness: Strictness,
): number => {
  const trials = {
    baseline: { valid: baseline.captures, invalid: 0 },
    candidate: { valid: candidate.captures, invalid: 0 },
  };
  return comparisonExitCode({ verdict, decision, adverse, trials, vanished: [] }, strictness);
};

const thresholdsOf = (
  given: Readonly<Record<string, { percent?: number | undefined }>>,
): Partial<Record<Bucket, number>> => {
  const pairs = Object.entries(given).map(([name, { percent }]) => {
    const bucket = BUCKETS.find((known) => known.toLowerCase() === name.toLowerCase());
    if (bucket === undefined || percent === undefined)
      throw new Fault('usage', 'bucket_unknown', `no threshold for ${JSON.stringify(name)}`, {
        fix: `use percent for one of ${BUCKETS.join(', ')}`,
      });
    return [bucket, percent] as const;
  });
  return Object.fromEntries(pairs);
};

const OUR_MARKDOWN = /^# Profile diff\n\n\*\*/;
const OUR_JSON = /^\{\n {2}"adverse": \[/;

export const profileProfileDiff = defineVerb({
  name: 'profile_profile_diff',
  family: 'profile',
  library: 'profile',
  verb: 'profile_diff',
  title: 'Compare two profiles',
  description:
    'Says what regressed between two nsys, torch or ncu captures, per kernel, bucket, rank and collective; calls apart from time per call. Files of other ranks are one capture, of the same repeats. One: profile_summary.',
  safety: 'writes_artifacts',
  fields: {
    baseline: oneOrMany(
      '.nsys-rep, .sqlite, CSV folder, torch trace, ncu page. Several are ranks or repeats.',
    ).optional(),
    candidate: oneOrMany('Candidate. In any of these formats.').optional(),
    baseline_csv_dir: pathField('Baseline csv dir. Folder of nsys stats CSV files; same as baseline.').optional(),
    candidate_csv_dir: pathField('Candidate csv dir. Folder of nsys stats CSV files; same as candidate.').optional(),
    baseline_label: z.string().optional().describe('Baseline label. Its name in the report.'),
    candidate_label: z.string().optional().describe('Candidate label. Its name in the report.'),
    window: z.string().optional().describe('start:end in seconds. Part of the captures to compare.'),
    step_marker: z.string().optional().describe('NVTX range of one step.'),
    work_unit: z.string().optional().describe('tokens, requests, … Unit of the work counted by you.'),
    baseline_work: z.number().positive().optional().describe('Baseline work. In units.'),
    candidate_work: z.number().positive().optional().describe('Candidate work. In units.'),
    thresholds: z
      .record(z.string(), z.strictObject({ percent: z.number().nonnegative() }))
      .optional()
      .describe('{"gemm": {"percent": 3}}. Allowed change per call by bucket, default 5.'),
    out: pathField('Markdown file to write. JSON and SVG lie beside it.').optional(),
    json_out: pathField('JSON file to write.').optional(),
    limit: z.number().int().min(1).max(1000).optional().describe('Limit. Rows per table of the report, default 20.'),
    scratch: pathField('Scratch. Accepted for old calls; exports are cached below the root.').optional(),
    axis: z.array(z.string()).optional().describe('Axis. Context changed on purpose: hardware, driver.'),
    strict: z.boolean().optional().describe('Strict. Exit 1 when adverse, 3 when inconclusive with repeats.'),
    strict_context: z.boolean().optional().describe('Strict context. Other GPUs or drivers are not compared (exit 4).'),
    fail_on: z.array(z.enum(FAIL_ON)).optional().describe('Fail on. Exit 1 for these outcomes.'),
  },
  keyed_flags: { threshold: 'thresholds' },
  positionals: ['baseline', 'candidate'],
  time_limit_s: 3600,
  paths: {
    baseline: reads,
    candidate: reads,
    baseline_csv_dir: reads,
    candidate_csv_dir: reads,
    out: writes(OUR_MARKDOWN, ({ json_out: json }) => ({
      '.svg': OUR_SVG,
      ...(json === undefined ? { '.json': OUR_JSON } : {}),
    })),
    json_out: writes(OUR_JSON, ({ out }) => (out === undefined ? { '.md': OUR_MARKDOWN, '.svg': OUR_SVG } : {})),
  },
  data: {
    verdict: z.enum(['GREEN', 'YELLOW', 'RED']),
    first_line: z.string(),
    decision,
    headline,
    totals,
    adverse,
    kernels_count: z.number(),
    kernels: z.array(kernelRow),
    buckets: z.array(bucketRow),
    next_lever,
    warnings: z.array(z.string()),
    markdown: z.string().nullable(),
    json: z.string().nullable(),
    svg: z.string().nullable(),
    exit_code: z.number(),
    summary: z.string(),
  },
  examples: [
    { title: 'Two reports', needs: 'nsys', input: { baseline: 'before.nsys-rep', candidate: 'after.nsys-rep' } },
    {
      title: 'CSV folders, as old calls send them',
      input: { baseline_csv_dir: 'before/', candidate_csv_dir: 'after/' },
    },
  ],
  run: async (input, context) => {
    const side = (paths: readonly string[] | undefined, folder: string | undefined, name: string): string[] => {
      const all = [...(paths ?? []), ...(folder === undefined ? [] : [folder])].map(context.path);
      if (all.length > 0) return all;
      throw new Fault('usage', 'profile_missing', `${name} is required`, { fix: `give ${name}, or ${name}_csv_dir` });
    };
    const options = { window: input.window, stepMarker: input.step_marker };
    const [baseline, candidate] = await Promise.all([
      readCaptures(side(input.baseline, input.baseline_csv_dir, 'baseline'), context, options),
      readCaptures(side(input.candidate, input.candidate_csv_dir, 'candidate'), context, options),
    ]);
    const { axis = [], strict_context: strictContext = false } = input;
    requireSameContext({ context: compareCaptureContexts(baseline, candidate, axis) }, strictContext);
    const { baseline_work: before, candidate_work: after, work_unit: unit = 'units' } = input;
    const diff = diffProfiles(baseline, candidate, {
      ...(input.baseline_label === undefined ? {} : { baselineLabel: input.baseline_label }),
      ...(input.candidate_label === undefined ? {} : { candidateLabel: input.candidate_label }),
      axis,
      thresholds: thresholdsOf(input.thresholds ?? {}),
      ...(before === undefined || after === undefined ? {} : { work: { unit, baseline: before, candidate: after } }),
    });
    const { out, json_out: jsonOut, limit = 20 } = input;
    const places = {
      limit,
      ...(out === undefined ? {} : { out: context.path(out) }),
      ...(jsonOut === undefined ? {} : { jsonOut: context.path(jsonOut) }),
    };
    const report = context.dryRun ? null : await writeProfileReport(diff, context, places);
    return {
      verdict: diff.verdict,
      first_line: diff.first_line,
      decision: diff.decision,
      headline: diff.headline,
      totals: diff.totals,
      adverse: diff.adverse.slice(0, MOST_ROWS),
      kernels_count: diff.kernels.length,
      kernels: diff.kernels.slice(0, MOST_ROWS).map(shortKernel),
      buckets: diff.buckets.map(({ bucket, delta_ns, count_effect_ns, per_call_effect_ns, per_call_pct, adverse }) => ({
        bucket,
        delta_ns,
        count_effect_ns,
        per_call_effect_ns,
        per_call_pct,
        adverse,
      })),
      next_lever: diff.next_lever,
      warnings: diff.warnings,
      markdown: report?.markdown ?? null,
      json: report?.json ?? null,
      svg: report?.svg ?? null,
      exit_code: exitCodeOf(diff, { strict: input.strict, failOn: input.fail_on }),
      summary: renderProfileDiffText(diff),
    };
  },
  render: (data) => data.summary,
  next: (_data, { candidate = [], candidate_csv_dir: folder, window, step_marker: marker }) => [
    {
      verb: 'profile_summary',
      input: { profile: candidate.length > 0 ? candidate : folder, window, step_marker: marker },
    },
  ],
  links: (data) =>
    data.markdown === null || data.json === null || data.svg === null
      ? []
      : [
          { path: data.markdown, title: 'report', mime_type: 'text/markdown' },
          { path: data.json, title: 'all rows', mime_type: 'application/json' },
          { path: data.svg, title: 'picture', mime_type: 'image/svg+xml' },
        ],
  gate: (data) => ({ headline: headlineOf(data.summary), cases: [] }),
  exit_code: (data) => data.exit_code,
});
