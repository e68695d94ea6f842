// profile_summary: the short account of one profile.
import { z } from 'zod';
import { readCaptures } from '../../src/source/captures.ts';
import { profileSummarySchema } from '../../src/profile/profile-summary-schema.ts';
import { summariseProfile } from '../../src/profile/summarise-profile.ts';
import { mergeSides } from '../../src/profile/model/merge-sides.ts';
import { formatNanoseconds } from '../../src/text/numbers.ts';
import { defineVerb, oneOrMany } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

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
  paths: { profile: reads },
  data: profileSummarySchema.shape,
  examples: [{ title: 'One report', needs: 'nsys', input: { profile: 'run.nsys-rep' } }],
  run: async ({ profile, window, step_marker: stepMarker, limit = 20 }, context) => {
    const captures = await readCaptures(profile.map(context.path), context, { window, stepMarker });
    return summariseProfile(mergeSides(captures), limit);
  },
  render: (data) => {
    const { valid, problems } = data.capture;
    const share = (row: { readonly share_pct: number }): string => `${row.share_pct.toFixed(1)}%`;
    const mean = (ns: number | null): string => (ns === null ? 'unknown' : formatNanoseconds(ns));
    return [
      `${data.kernel_calls} kernel calls of ${data.kernel_names} kernels, ${formatNanoseconds(data.kernel_total_ns)} of GPU time (${data.format})`,
      `capture: ${valid ? 'fit to be compared' : problems.join('; ')}`,
      ...data.buckets.slice(0, 5).map((row) => `  ${row.bucket}: ${share(row)}, ${formatNanoseconds(row.total_ns)}`),
      ...data.top_kernels
        .slice(0, 5)
        .map((row) => `  ${row.short_name.slice(0, 60)}: ${share(row)}, ${row.calls} calls, mean ${mean(row.mean_ns)}`),
      ...data.ranks
        .slice(0, 4)
        .map(({ rank, busy_pct: busy }) => `  ${rank}: busy ${busy === null ? 'unknown' : `${busy.toFixed(1)}%`}`),
      ...data.warnings.slice(0, 3).map((warning) => `warning: ${warning}`),
    ].join('\n');
  },
  next: (_data, { profile }) => [
    { verb: 'profile_profile_diff', input: { baseline: profile, candidate: '<capture>' }, with: 'another capture' },
  ],
});
