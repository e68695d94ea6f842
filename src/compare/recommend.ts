// What to do next, from the verdict and the shape of the measurement. A sentence for a person and the verb that does it; never
// a promise about the cause.
import { formatPercent, plural } from '../render/numbers.ts';
import type { Judgement } from './judgement.ts';
import { background, findSharedAxis } from './shared-axis.ts';
import { signed, titleOf } from '../verdict/wording.ts';

export type Shape = 'scalar' | 'structured' | 'folder' | 'profile';

export interface Recommendation {
  readonly text: string;
  /** The verb to call next, null when nothing is to be done. */
  readonly next_verb: string | null;
}

const NAMED = 3;

const names = (keys: readonly string[]): string => keys.slice(0, NAMED).map(titleOf).join(', ');

/** Says where the keys that got worse lie; empty when nothing sets them apart. */
const whereabouts = ({ adverse, rows }: Judgement): string => {
  const shared = findSharedAxis(
    adverse.map(({ key }) => key),
    background(rows).map(({ key }) => key),
  );
  if (shared === null) return '';
  const share = shared.covered === shared.of ? `all ${shared.of}` : `${shared.covered} of ${shared.of}`;
  return ` ${share} lie on ${shared.axis}: start there.`;
};

const lostText = ({ vanished }: Judgement): string =>
  vanished.length === 0
    ? ''
    : ` ${names(vanished.map(({ key }) => key))}${vanished.length > NAMED ? ` and ${vanished.length - NAMED} more` : ''} vanished: find out why the run no longer reports ${
        vanished.length === 1 ? 'it' : 'them'
      }.`;

/** A change of which nobody knows whether it is good is named apart. */
const regressedText = (adverse: Judgement['adverse']): string => {
  const isOpen = ({ direction_source }: Judgement['adverse'][number]): boolean => direction_source === 'default';
  const keysOf = (rows: Judgement['adverse']): string[] => rows.map(({ key }) => key);
  const [known, open] = [keysOf(adverse.filter((row) => !isOpen(row))), keysOf(adverse.filter(isOpen))];
  return [
    ...(known.length === 0 ? [] : [`${plural(known.length, 'key')} regressed, the largest ${names(known)}.`]),
    ...(open.length === 0
      ? []
      : [`${plural(open.length, 'key')} changed in no known direction, the largest ${names(open)}.`]),
  ].join(' ');
};

const red = (judgement: Judgement, shape: Shape, bucket: string | null): string => {
  const { adverse } = judgement;
  const [worst] = adverse;
  if (shape === 'profile' && bucket !== null) return `${bucket} regressed: look at its kernels first.`;
  if (worst === undefined) return lostText(judgement).trim();
  if (shape === 'scalar')
    return `${titleOf(worst.key)} is off by ${signed(worst.delta, worst.unit)} (${formatPercent(worst.delta_pct)}): bisect between the baseline and this run?`;
  return `${regressedText(adverse)}${whereabouts(judgement)}${lostText(judgement)}`;
};

const yellow = (judgement: Judgement): string => {
  const { adverse, implausible, trending_away_from_peak: trending } = judgement;
  const again = 're-run on the same cohort to rule out noise, then diff again';
  if (adverse.length === 0 && trending.length > 0)
    return `Within tolerance, but trending away from peak: ${again}; if it repeats, find the cause before it adds up.`;
  if (adverse.length === 0 && implausible.length > 0)
    return `Too good to be believed on ${plural(implausible.length, 'key')}: check the unit and that the run did its work, then diff a second run.${lostText(judgement)}`;
  const spot = adverse.length === 0 ? '' : `Spot regression on ${plural(adverse.length, 'key')}: ${again}.`;
  return `${spot}${lostText(judgement)}`.trim();
};

const green = ({ improved_beyond_tolerance, improved, decision }: Judgement): Recommendation => {
  if (improved_beyond_tolerance)
    return {
      text: `Better than the tolerance on ${plural(improved.length, 'key')}: check that the run did the same work, then record it anew.`,
      next_verb: 'perf_baseline_record',
    };
  const next_verb = decision.status === 'PASS' ? null : 'plan_trials';
  return { text: 'No regression detected. No action needed.', next_verb };
};

const byColour = (judgement: Judgement, shape: Shape, bucket: string | null): Recommendation => {
  if (judgement.verdict === 'RED') return { text: red(judgement, shape, bucket), next_verb: 'profile_profile_diff' };
  if (judgement.verdict === 'YELLOW') return { text: yellow(judgement), next_verb: 'perf_baseline_diff' };
  return green(judgement);
};

/** `bucket`: the kernel bucket that a profile diff names. */
export const recommend = (judgement: Judgement, shape: Shape, bucket: string | null = null): Recommendation => {
  const recommendation = byColour(judgement, shape, bucket);
  if (judgement.context.match) return recommendation;
  const first = 'Match the context, or declare what was changed on purpose as the axis, before acting on this.';
  return { text: `${first} ${recommendation.text}`, next_verb: 'perf_baseline_diff' };
};
