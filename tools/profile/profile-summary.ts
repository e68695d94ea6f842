// profile_summary: the short account of one profile.
import { z } from 'zod';
import { readCaptures } from '../../src/source/captures.ts';
import { summariseProfile } from '../../src/profile/summarise-profile.ts';
import { mergeSides } from '../../src/profile/model/merge-sides.ts';
import { formatNanoseconds } from '../../src/text/numbers.ts';
import { defineVerb, oneOrMany } from '../../src/verb/define-verb.ts';

const rows = z.array(z.record(z.string(), z.unknown()));

export const profileSummary = defineVerb({
  name: 'profile_summary',
  family: 'profile',
  library: 'profile',
  verb: 'summary',
  title: 'Summarise a profile',
  description:
    'Top kernels, buckets, busy and idle time per rank, copies and ranges of one nsys, torch or ncu capture, and whether it is fit to be compared.',
  safety: 'read_only',
  fields: {
    profile: oneOrMany('.nsys-rep, .sqlite, CSV folder, torch trace, ncu page. Several are ranks.'),
    window: z.string().optional().describe('start:end in seconds. Part of the capture.'),
    step_marker: z.string().optional().describe('NVTX range of one step.'),
    limit: z.number().int().min(1).max(200).optional().describe('Limit. Rows of kernels and ranges, default 20.'),
  },
  positionals: ['profile'],
  time_limit_s: 3600,
  data: {
    format: z.string(),
    sources: z.array(z.string()),
    kernel_calls: z.number(),
    kernel_names: z.number(),
    kernel_total_ns: z.number(),
    top_kernels: rows,
    buckets: rows,
    categories: rows,
    ranks: rows,
    copies: rows,
    top_ranges: rows,
    steps: z.record(z.string(), z.unknown()),
    capture: z.record(z.string(), z.unknown()),
    warnings: z.array(z.string()),
  },
  examples: [{ title: 'One report', input: { profile: 'run.nsys-rep' } }],
  run: async ({ profile, window, step_marker: stepMarker, limit = 20 }, context) => {
    const captures = await readCaptures(profile.map(context.path), context, { window, stepMarker });
    const summary = summariseProfile(mergeSides(captures), limit);
    const copy = (list: readonly object[]) => list.map((row) => ({ ...row }));
    return {
      ...summary,
      sources: [...summary.sources],
      top_kernels: copy(summary.top_kernels),
      buckets: copy(summary.buckets),
      categories: copy(summary.categories),
      ranks: copy(summary.ranks),
      copies: copy(summary.copies),
      top_ranges: copy(summary.top_ranges),
      steps: { ...summary.steps },
      capture: { ...summary.capture },
      warnings: [...summary.warnings],
    };
  },
  render: (data) => {
    const problems = data.capture['problems'];
    const fitness =
      data.capture['valid'] === true
        ? 'capture: fit to be compared'
        : `capture: ${Array.isArray(problems) ? problems.join('; ') : 'not fit'}`;
    const share = (row: Record<string, unknown>): string => `${Number(row['share_pct']).toFixed(1)}%`;
    return [
      `${data.kernel_calls} kernel calls of ${data.kernel_names} kernels, ${formatNanoseconds(data.kernel_total_ns)} of GPU time (${data.format})`,
      fitness,
      ...data.buckets
        .slice(0, 5)
        .map((row) => `  ${String(row['bucket'])}: ${share(row)}, ${formatNanoseconds(Number(row['total_ns']))}`),
      ...data.top_kernels
        .slice(0, 5)
        .map(
          (row) =>
            `  ${String(row['short_name']).slice(0, 60)}: ${share(row)}, ${String(row['calls'])} calls, mean ${formatNanoseconds(Number(row['mean_ns']))}`,
        ),
      ...data.ranks
        .slice(0, 4)
        .map(
          (row) =>
            `  ${String(row['rank'])}: busy ${row['busy_pct'] === null ? 'unknown' : `${Number(row['busy_pct']).toFixed(1)}%`}`,
        ),
      ...data.warnings.slice(0, 3).map((warning) => `warning: ${warning}`),
      'next: profile_profile_diff baseline=<this> candidate=<another>',
    ].join('\n');
  },
});
