// profile_summary: the short account of one profile.
import { z } from 'zod';
import { readCaptures } from '../../src/source/captures.ts';
import { profileSummarySchema, type ProfileSummary } from '../../src/profile/profile-summary-schema.ts';
import { summariseProfile } from '../../src/profile/summarise-profile.ts';
import { mergeSides } from '../../src/profile/model/merge-sides.ts';
import { formatNanoseconds, formatShare } from '../../src/render/numbers.ts';
import { defineVerb, oneOrMany } from '../../src/verb/define-verb.ts';
import { reads } from '../../src/verb/path-use.ts';

const MOST_RANKS = 4;
const MOST_SLOW = 3;

/** `rank 2 is slow: gemm +30.0% against the median of the other ranks, 4.0 ms more for the same calls`. */
const slowLines = (slow: ProfileSummary['slow_ranks']): string[] => [
  ...slow
    .slice(0, MOST_SLOW)
    .map(
      ({ rank, bucket, slower_pct: slower, excess_ns: excess, kernel, kernel_slower_pct: own }) =>
        `${rank} is slow: ${bucket} +${formatShare(slower)} against the median of the other ranks, ${formatNanoseconds(excess)} more for the same calls; most by ${kernel.slice(0, 60)} (+${formatShare(own)} a call)`,
    ),
  ...(slow.length > MOST_SLOW ? [`… ${slow.length - MOST_SLOW} more: slow_ranks in the structured result`] : []),
];

/** Ranks that are slow first; the others as they are numbered. */
const slowestFirst = ({ ranks, slow_ranks: slow }: ProfileSummary): ProfileSummary['ranks'] => {
  const names = new Set(slow.map(({ rank }) => rank));
  return [...ranks.filter(({ rank }) => names.has(rank)), ...ranks.filter(({ rank }) => !names.has(rank))];
};

const rankLine = ({ rank, busy_pct: busy, compute_ns: compute }: ProfileSummary['ranks'][number]): string =>
  `  ${rank}: busy ${busy === null ? 'unknown' : formatShare(busy)}, ${formatNanoseconds(compute)} outside collectives`;

export const profileSummary = defineVerb({
  name: 'profile_summary',
  family: 'profile',
  library: 'profile',
  verb: 'summary',
  title: 'Summarise a profile',
  description:
    'Top kernels, buckets, slow ranks, busy and idle time per rank, copies, ranges of one nsys, torch or ncu capture; whether it is fit to be compared. Two: profile_profile_diff.',
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
    const share = (row: { readonly share_pct: number }): string => formatShare(row.share_pct);
    const mean = (ns: number | null): string => (ns === null ? 'unknown' : formatNanoseconds(ns));
    return [
      `${data.kernel_calls} kernel calls of ${data.kernel_names} kernels, ${formatNanoseconds(data.kernel_total_ns)} of GPU time (${data.format})`,
      ...slowLines(data.slow_ranks),
      `capture: ${valid ? 'fit to be compared' : problems.join('; ')}`,
      ...data.buckets.slice(0, 5).map((row) => `  ${row.bucket}: ${share(row)}, ${formatNanoseconds(row.total_ns)}`),
      ...data.top_kernels
        .slice(0, 5)
        .map((row) => `  ${row.short_name.slice(0, 60)}: ${share(row)}, ${row.calls} calls, mean ${mean(row.mean_ns)}`),
      ...slowestFirst(data).slice(0, MOST_RANKS).map(rankLine),
      ...(data.ranks.length > MOST_RANKS ? [`  … ${data.ranks.length - MOST_RANKS} more ranks`] : []),
      ...data.warnings.slice(0, 3).map((warning) => `warning: ${warning}`),
    ].join('\n');
  },
  next: (_data, { profile }) => [
    { verb: 'profile_profile_diff', input: { baseline: profile, candidate: '<capture>' }, with: 'another capture' },
  ],
});
