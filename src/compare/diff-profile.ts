// Compares a recorded profile with a new one: the profile diff does the work, its verdict and rows are put into the fields of
// perf_baseline_diff, and the bundle is the same as for any other measurement.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishDerived } from '../fs/publish-folder.ts';
import { artifactsFolder } from '../fs/root.ts';
import { safeSegment } from '../fs/safe-path.ts';
import { diffProfiles } from '../profile/diff-profiles.ts';
import { profileDiffMarkdown } from '../profile/text/diff-document.ts';
import { renderProfileDiffText } from '../profile/text/diff-text.ts';
import type { ProfileDiff } from '../profile/diff/profile-diff-schema.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { jsonFile } from '../text/json.ts';
import { environmentSecrets, redacted, redactValue } from '../text/redact.ts';
import { timeSlug } from '../text/time.ts';
import { dataWithGivenNames, withGivenNames } from '../verb/spooled-pipes.ts';
import type { VerbContext } from '../verb/context.ts';
import type { BaselineSide } from '../registry/entry-side.ts';
import { readCaptures } from '../source/captures.ts';
import { baselineRef, jointHash, keepSource } from './diff-bundle.ts';
import { candidateHead, diffHead } from './diff-head.ts';
import type { DiffRequest } from './diff-request.ts';
import type { DiffSource } from './diff-schema.ts';
import { comparisonExitCode, type Strictness } from '../verdict/exit-code.ts';
import { captureCounts, profileDeltas, profileFields } from './profile-rows.ts';

interface Written {
  readonly folder: string;
  readonly candidateSha256: string;
}

const diffFile = (diff: ProfileDiff, request: DiffRequest, baseline: BaselineSide, sources: readonly DiffSource[]) => {
  const deltas = profileDeltas(diff);
  const { verdict, decision, tier, tier_missing, direction } = profileFields(diff, deltas);
  return {
    ...diffHead(baseline, request),
    ...candidateHead(jointHash(sources), sources),
    verdict,
    decision,
    tier,
    tier_missing,
    direction,
    recommendation: diff.first_line,
    warnings: [...baseline.warnings, ...diff.warnings],
    deltas_count: deltas.length,
    deltas_top20: deltas.slice(0, 20),
    profile: diff,
    deltas,
  };
};

const writeProfileBundle = async (
  diff: ProfileDiff,
  request: DiffRequest,
  baseline: BaselineSide,
  context: VerbContext,
): Promise<Written> => {
  const { family, measurement } = baseline.entry;
  const diffs = join(artifactsFolder(context.root), 'perf-baseline-diffs');
  const place = join(diffs, safeSegment(family, 'family'), safeSegment(measurement, 'measurement'));
  const folder = join(place, timeSlug(context.now()));
  const sources: DiffSource[] = [];
  const secrets = environmentSecrets(context.env);
  await publishDerived(join(diffs, '.staging'), folder, async (staged) => {
    const options = { copy: request.copy ?? false, signal: context.signal, secrets, pipes: context.pipes };
    for (const [index, path] of request.paths.entries())
      sources.push(
        await keepSource(staged, index === 0 ? 'current-snapshot' : `current-snapshot-${index}`, path, options),
      );
    const file = redactValue(dataWithGivenNames(diffFile(diff, request, baseline, sources), context.pipes), secrets);
    const shown = redacted(diff, secrets);
    const page = withGivenNames(profileDiffMarkdown(shown), context.pipes);
    await writeFile(join(staged, 'diff.json'), jsonFile(file));
    await writeFile(join(staged, 'diff.md'), page);
    const { profileDiffSvg } = await import('../profile/text/profile-diff-svg.ts');
    await writeFile(join(staged, 'profile-diff.svg'), profileDiffSvg(shown));
    await writeFile(join(staged, 'baseline-ref.txt'), baselineRef(baseline.entries.map((entry) => entry.folder)));
  });
  return { folder, candidateSha256: jointHash(sources) };
};

/** What sets how measurements are judged; kernels have rules of their own. */
const RULES = ['tolerance_percent', 'tolerance_absolute', 'tolerances', 'policy', 'headline', 'claim'] as const;

/** Throws a Fault `invalid_input` for a rule that would be left unused: nobody gets another verdict than they asked for. */
const refuseRules = (request: DiffRequest, { entry: { family, measurement } }: BaselineSide): void => {
  const given = request.one_of_many === true ? [] : RULES.filter((rule) => request[rule] !== undefined);
  if (given.length === 0) return;
  const names = given.join(', ');
  throw new Fault('usage', 'invalid_input', `${names} cannot be kept: ${family}/${measurement} is a profile, and its kernels are judged by the rules of profile_profile_diff`, {
    fix: `leave ${names} out`,
  });
}; // prettier-ignore

/** The comparison of a recorded profile with new ones. Throws a Fault `invalid_input`, or one of the profile readers. */
export const diffProfileBaseline = async (
  request: DiffRequest,
  baseline: BaselineSide,
  strictness: Strictness,
  context: VerbContext,
) => {
  const { entry } = baseline;
  refuseRules(request, baseline);
  if (request.paths.length === 0)
    throw inputFault('shape_mismatch', `${entry.family}/${entry.measurement} is a profile; current must be one too`, {
      fix: 'give the new profile as current',
    });
  const [before, after] = await Promise.all([
    readCaptures(
      baseline.entries.map(({ snapshot }) => snapshot.path),
      context,
    ),
    readCaptures(request.paths, context),
  ]);
  const label = `${entry.family}/${entry.measurement}@${entry.slug}`;
  const diff = diffProfiles(before, after, { baselineLabel: label });
  const written = context.dryRun ? null : await writeProfileBundle(diff, request, baseline, context);
  const fields = profileFields(diff, profileDeltas(diff));
  return {
    ...fields,
    diff_dir: written?.folder ?? null,
    shape: baseline.shape,
    tolerance_percent: request.tolerance_percent ?? 5,
    tolerance_absolute: null,
    baseline_dir: entry.folder,
    baseline_sha256: entry.baseline.source_sha256,
    current_sha256: written?.candidateSha256 ?? null,
    recommendation: diff.first_line,
    next_verb: diff.verdict === 'GREEN' ? null : 'profile_profile_diff',
    next_lever: diff.next_lever,
    warnings: [...baseline.warnings, ...diff.warnings],
    // A kernel that is no longer launched is no lost measurement.
    exit_code: comparisonExitCode({ ...fields, trials: captureCounts(diff), vanished: [] }, strictness),
    summary: renderProfileDiffText(diff),
  };
};
