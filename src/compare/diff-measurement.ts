// Compares a new measurement with a baseline of the registry: reads both sides, judges, writes the bundle. Never writes
// to the registry.
import { namesNoResult } from '../verdict/policy.ts';
import { tolerancesToRules } from '../verdict/policy-file.ts';
import { judge } from './judge.ts';
import { trialsRecord } from './delta-record.ts';
import type { Judgement } from './judgement.ts';
import { requireTolerancesMatch } from './named-tolerances.ts';
import type { NextLever } from '../verdict/answer-schema.ts';
import { advisedLever, inferenceAdvice, withAdvice } from './inference-advice.ts';
import { nextLever } from './next-lever.ts';
import { recommend, type Recommendation } from './recommend.ts';
import { summariseDiff, type DiffReport } from './summarise.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import { environmentSecrets } from '../text/redact.ts';
import type { VerbContext } from '../verb/context.ts';
import type { BaselineSide } from '../registry/entry-side.ts';
import { registryFolder } from '../registry/layout.ts';
import { readCandidateSide } from '../source/candidate-side.ts';
import type { MeasuredSide } from '../source/side.ts';
import { writeBundle, type Bundle } from './diff-bundle.ts';
import { type SinceEra, sinceEra } from './since-era.ts';
import { diffHead } from './diff-head.ts';
import type { DiffRequest } from './diff-request.ts';
import { requireSameContext } from '../verdict/exit-code.ts';
import { defaultRules, policyFile } from '../verdict/judging-rules.ts';

export interface MeasurementDiff {
  readonly judgement: Judgement;
  readonly recommendation: Recommendation;
  readonly lever: NextLever;
  readonly since: SinceEra;
  readonly text: string;
  readonly warnings: readonly string[];
  /** Null for a dry run. */
  readonly bundle: Bundle | null;
}

/** Rules of both documents. What either did not measure is held against neither, so its rules come first. */
const documentRules = (baseline: MeasuredSide, candidate: MeasuredSide): PolicyRule[] => {
  const rules = [...baseline.policy, ...candidate.policy];
  return [...rules.filter(({ ignore }) => ignore === true), ...rules.filter(({ ignore }) => ignore !== true)];
};

/** A number that was recorded by itself is a result, whatever it is called (`seed`). */
const loneNumberRules = ({ shape, metrics }: MeasuredSide): PolicyRule[] =>
  shape === 'scalar'
    ? metrics.filter(({ name }) => namesNoResult(name)).map(({ name }) => ({ match: name, ignore: false }))
    : [];

const judgeSides = async (
  request: DiffRequest,
  baseline: BaselineSide,
  candidate: MeasuredSide,
  context: VerbContext,
): Promise<Judgement> => {
  const { tolerance_percent: percent = 5, tolerance_absolute: absolute } = request;
  const headline = request.headline ?? baseline.entry.baseline.headline ?? [];
  requireTolerancesMatch(Object.keys(request.tolerances ?? {}), [...baseline.metrics, ...candidate.metrics]);
  return judge(baseline, candidate, {
    policy: {
      flags: tolerancesToRules(request.tolerances ?? {}),
      file: request.policy === undefined ? [] : await policyFile(request.policy),
      document: [...documentRules(baseline, candidate), ...loneNumberRules(baseline)],
      defaults: await defaultRules(context),
      umbrella: absolute === undefined ? { percent } : { absolute },
      entryDirection: baseline.direction,
      ...(headline.length > 0 ? { headline } : {}),
    },
    axis: request.axis ?? [],
    strictContext: request.strict_context ?? false,
    acceptImplausible: request.accept_implausible ?? false,
    namedBaseline: true,
    ...(request.claim === undefined ? {} : { claim: request.claim }),
  });
};

const fieldsOf = (request: DiffRequest, baseline: BaselineSide, diff: Omit<MeasurementDiff, 'text' | 'bundle'>) => {
  const { judgement, recommendation, lever, warnings, since } = diff;
  return {
    ...diffHead(baseline, request),
    direction: judgement.direction,
    verdict: judgement.verdict,
    decision: judgement.decision,
    corrected: judgement.family,
    tier: judgement.tier,
    tier_missing: judgement.tier_missing,
    improved_beyond_tolerance: judgement.improved_beyond_tolerance,
    trending_away_from_peak: judgement.trending_away_from_peak,
    headline: judgement.headline.slice(0, 1000),
    vanished: judgement.vanished,
    added: judgement.added,
    sol: judgement.sol,
    context: judgement.context,
    trials: trialsRecord(judgement.trials),
    recommendation: recommendation.text,
    next_lever: lever,
    ...since,
    warnings,
  };
};

/**
 * The whole comparison. Throws a Fault of the registry, of the readers, of judging, or `context_mismatch` (exit 4) with
 * `strict_context`.
 */
export const diffMeasurement = async (
  request: DiffRequest,
  baseline: BaselineSide,
  context: VerbContext,
): Promise<MeasurementDiff> => {
  const candidate = await readCandidateSide(request, baseline);
  const judgement = await judgeSides(request, baseline, candidate, context);
  requireSameContext(judgement, request.strict_context ?? false);
  const sides = { format: baseline.format, baseline: baseline.metrics, candidate: candidate.metrics };
  const advice = inferenceAdvice(judgement, sides);
  const recommendation = withAdvice(recommend(judgement, baseline.shape), advice);
  const lever = advisedLever(nextLever(judgement), advice);
  const { family, measurement } = baseline.entry;
  const since = await sinceEra(registryFolder(context.root), baseline, judgement, context.cwd);
  const report: DiffReport = { judgement, family, measurement, shape: baseline.shape, recommendation, lever, since };
  const warnings = [...new Set([...baseline.warnings, ...candidate.warnings])];
  const bundle = context.dryRun
    ? null
    : await writeBundle({
        root: context.root,
        moment: context.now(),
        report,
        baselineFolders: baseline.entries.map(({ folder }) => folder),
        candidate: request.paths,
        candidateValues: request.values,
        copy: request.copy ?? false,
        pipes: context.pipes,
        secrets: environmentSecrets(context.env),
        fields: fieldsOf(request, baseline, { judgement, recommendation, lever, warnings, since }),
        signal: context.signal,
      });
  return { judgement, recommendation, lever, since, warnings, bundle, text: summariseDiff(report) };
};
