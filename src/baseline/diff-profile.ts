// Compares a recorded profile with a new one: the profile diff does the work, its verdict and rows are put into the fields of
// perf_baseline_diff, and the bundle is the same as for any other measurement.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Verdict } from '../measurement/verdict.ts';
import { publishFolder } from '../fs/publish-folder.ts';
import { artifactsFolder } from '../fs/root.ts';
import { safeSegment } from '../fs/safe-path.ts';
import { diffProfiles } from '../profile/diff.ts';
import { renderProfileDiffMarkdown, renderProfileDiffText } from '../profile/diff-render.ts';
import type { ProfileDiff } from '../profile/diff-schema.ts';
import { profileDiffSvg } from '../profile/diff-svg.ts';
import { inputFault } from '../text/fault.ts';
import { jsonFile } from '../text/json.ts';
import { timeSlug } from '../text/time.ts';
import type { VerbContext } from '../verb/context.ts';
import type { BaselineSide } from './baseline-side.ts';
import { readCaptures } from './captures.ts';
import { keepSource, type CurrentSource } from './diff-bundle.ts';
import type { DiffRequest } from './diff-measurement.ts';
import { comparisonExitCode, type Strictness } from './exit-code.ts';

const DIRECTION = 'lower-is-better';

/** Adverse kernels as rows: mean time of a call in ns on both sides. */
const adverseRows = (diff: ProfileDiff) =>
  diff.kernels
    .filter(({ adverse }) => adverse)
    .map(({ short_name: key, baseline, candidate, per_call_pct: delta_pct, bucket }) => {
      const [before, after] = [baseline.mean_ns ?? 0, candidate.mean_ns ?? 0];
      const percent = diff.buckets.find((row) => row.bucket === bucket)?.threshold_pct ?? 5;
      return {
        key,
        baseline: before,
        current: after,
        delta: after - before,
        delta_pct,
        unit: 'ns',
        direction: DIRECTION,
        tolerance: { percent },
      };
    });

const lone = (diff: ProfileDiff, kind: 'new' | 'removed') =>
  diff.kernels
    .filter((row) => row.class === kind)
    .slice(0, 50)
    .map((row) => ({
      key: row.short_name,
      value: (kind === 'new' ? row.candidate : row.baseline).total_ns,
      unit: 'ns',
      headline: false,
    }));

const fieldsOf = (diff: ProfileDiff) => ({
  verdict: diff.verdict satisfies Verdict,
  decision: { ...diff.decision },
  tier: 'DRAFT' as const,
  tier_missing: [
    `decision_${diff.decision.status.toLowerCase()}`,
    ...(Math.min(diff.baseline.captures, diff.candidate.captures) < 2 ? ['one_capture_a_side'] : []),
    'context_missing',
  ],
  headline: [diff.headline.metric],
  improved_beyond_tolerance: diff.kernels.some(({ improved }) => improved) && diff.verdict === 'GREEN',
  trending_away_from_peak: [],
  deltas_count: diff.kernels.length,
  direction: DIRECTION,
  adverse_count: diff.adverse.length,
  adverse: adverseRows(diff).slice(0, 50),
  improved: [],
  vanished: lone(diff, 'removed'),
  added: lone(diff, 'new'),
  sol: [],
  context: {},
  trials: {
    baseline: { valid: diff.baseline.captures, invalid: 0 },
    current: { valid: diff.candidate.captures, invalid: 0 },
  },
});

interface Written {
  readonly folder: string;
  readonly sources: readonly CurrentSource[];
}

const writeProfileBundle = async (
  diff: ProfileDiff,
  request: DiffRequest,
  { entry }: BaselineSide,
  context: VerbContext,
): Promise<Written> => {
  const diffs = join(artifactsFolder(context.root), 'perf-baseline-diffs');
  const place = join(diffs, safeSegment(entry.family, 'family'), safeSegment(entry.measurement, 'measurement'));
  const folder = join(place, timeSlug(context.now()));
  const sources: CurrentSource[] = [];
  await publishFolder(join(diffs, '.staging'), folder, async (staged) => {
    const options = { copy: request.copy ?? false, signal: context.signal };
    for (const [index, path] of request.paths.entries())
      sources.push(
        await keepSource(staged, index === 0 ? 'current-snapshot' : `current-snapshot-${index}`, path, options),
      );
    const baseline = { baseline_dir: entry.folder, baseline_sha256: entry.baseline.source_sha256 };
    await writeFile(
      join(staged, 'diff.json'),
      jsonFile({ tool: 'perf_baseline_diff', shape: 'profile', ...baseline, current_sources: sources, ...diff }),
    );
    await writeFile(join(staged, 'diff.md'), renderProfileDiffMarkdown(diff));
    await writeFile(join(staged, 'profile-diff.svg'), profileDiffSvg(diff));
    await writeFile(join(staged, 'baseline-ref.txt'), `${entry.folder}\n`);
  });
  return { folder, sources };
};

/** The comparison of a recorded profile with the current ones. Throws a Fault of the profile readers. */
export const diffProfileBaseline = async (
  request: DiffRequest,
  baseline: BaselineSide,
  strictness: Strictness,
  context: VerbContext,
) => {
  const { entry } = baseline;
  if (request.paths.length === 0)
    throw inputFault('shape_mismatch', `${entry.family}/${entry.measurement} is a profile; current must be one too`, {
      fix: 'give the new profile as current',
    });
  const [before, after] = await Promise.all([
    readCaptures([entry.snapshot.path], context),
    readCaptures(request.paths, context),
  ]);
  const label = `${entry.family}/${entry.measurement}@${entry.slug}`;
  const diff = diffProfiles(before, after, { baselineLabel: label });
  const written = context.dryRun ? null : await writeProfileBundle(diff, request, baseline, context);
  const fields = fieldsOf(diff);
  const judged = { ...diff, ...fields, adverse: [], vanished: [] };
  const lever = diff.next_lever;
  return {
    ...fields,
    diff_dir: written?.folder ?? null,
    shape: baseline.shape,
    tolerance_percent: request.tolerance_percent ?? 5,
    tolerance_absolute: null,
    baseline_dir: entry.folder,
    baseline_sha256: entry.baseline.source_sha256,
    current_sha256: written?.sources[0]?.sha256 ?? null,
    recommendation: diff.first_line,
    next_verb: diff.verdict === 'GREEN' ? null : 'profile_profile_diff',
    next_lever: lever === null ? { lever: 'none found' } : { ...lever },
    warnings: [...baseline.warnings, ...diff.warnings],
    exit_code: comparisonExitCode(judged, strictness) || (strictness.strict === true && diff.verdict === 'RED' ? 1 : 0),
    summary: renderProfileDiffText(diff),
  };
};
