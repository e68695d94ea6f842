// The gate of answers: what changes them needs an evaluation, held against a floor or against the baseline's.
import type { AtlasRow } from '../campaign/row.ts';
import { plural } from '../render/numbers.ts';
import {
  attested,
  bothRows,
  deliveryOf,
  distinct,
  missing,
  recorded,
  rowsPath,
  type Gate,
  type GateFacts,
} from './gate.ts';
import type { Contender } from './ranked-variants.ts';
import { isOfVariant, settingOf, type Setting } from './variant-settings.ts';

/** What of a variant can change its answers. */
const OF_ANSWERS = [
  'quant',
  'kv_cache_dtype',
  'num_speculative_tokens',
  'engine',
] as const satisfies readonly Setting[];

/** Settings of answers that differ. */
const changedSettings = ({ baseline, variant }: GateFacts): Setting[] =>
  OF_ANSWERS.filter((setting) => settingOf(baseline.row, setting) !== settingOf(variant.row, setting));

const ANSWER_WORDS = {
  quant: 'quantisation',
  kv_cache_dtype: 'KV type',
  num_speculative_tokens: 'speculation',
  engine: 'engine',
} as const;

/** What of the variant's answers is not the baseline's, in words. */
const changedAnswers = (facts: GateFacts): string[] => {
  const { baseline, variant, campaignDelivery } = facts;
  const words = OF_ANSWERS.flatMap((setting) =>
    changedSettings(facts).includes(setting) ? [ANSWER_WORDS[setting]] : [],
  );
  const speculates = baseline.row.mtp === variant.row.mtp ? [] : ['speculation'];
  const delivered =
    deliveryOf(baseline.row, campaignDelivery) === deliveryOf(variant.row, campaignDelivery) ? [] : ['delivery'];
  return distinct([...words, ...speculates, ...delivered]);
};

type Scores = Readonly<Record<string, number>>;

const scoresOf = ({ extra }: AtlasRow): Scores => {
  const { quality_metrics: metrics } = extra;
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics)) return {};
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
  );
};

const EVAL_SETTINGS = [
  'quant',
  'kv_cache_dtype',
  'num_speculative_tokens',
  'engine',
  'image',
] as const satisfies readonly Setting[];

const evaluationsOf = (facts: GateFacts, { row }: Contender, stated: readonly Setting[]): AtlasRow[] =>
  facts.rows.evaluations.filter(
    (each) =>
      isOfVariant(row, each, EVAL_SETTINGS, stated) &&
      deliveryOf(each, facts.campaignDelivery) === deliveryOf(row, facts.campaignDelivery) &&
      Object.keys(scoresOf(each)).length > 0,
  );

/** Points of a score between 0 and 1 that a variant may lose. */
const SCORE_MARGIN = 0.01;

const percent = (score: number): string => `${Math.round(score * 1000) / 10} %`;

/** The scores against a floor, else against the baseline's; null where there is nothing to hold them against. */
const heldScores = (facts: GateFacts, own: readonly AtlasRow[]): { readonly passes: boolean; readonly says: string } | null => {
  const scores = own.flatMap((row) => Object.entries(scoresOf(row)));
  const { accuracyFloor: floor } = facts;
  if (floor !== null) {
    const [worst = ['', 0]] = scores.toSorted(([, a], [, b]) => a - b);
    return { passes: worst[1] >= floor, says: `lowest score ${percent(worst[1])} of ${worst[0]}, the floor is ${percent(floor)}` };
  }
  const before = new Map(evaluationsOf(facts, facts.baseline, []).flatMap((row) => Object.entries(scoresOf(row))));
  const shared = scores.flatMap(([name, score]) => {
    const other = before.get(name);
    return other === undefined ? [] : [{ name, lost: other - score }];
  });
  const [worst] = shared.toSorted((a, b) => b.lost - a.lost);
  if (worst === undefined) return null;
  const points = Math.round(1000 * worst.lost) / 10;
  return {
    passes: worst.lost <= SCORE_MARGIN + 1e-12,
    says: worst.lost > 0 ? `loses ${points} points of ${worst.name} at most; 1 is allowed` : `no score below the baseline's (${plural(shared.length, 'score')})`,
  };
}; // prettier-ignore

/** What an evaluation must state itself where it changed: tools of evaluations say nothing of the engine, nor how many tokens are drafted. */
const MUST_STATE: readonly Setting[] = ['quant', 'kv_cache_dtype'];

export const accuracyGate = (facts: GateFacts): Gate => {
  const { variant, attested: { accuracy } } = facts; // prettier-ignore
  const changed = changedAnswers(facts);
  const why = `${changed.join(', ')} ${changed.length === 1 ? 'is' : 'are'} not the baseline's`;
  const needs = `an evaluation of ${variant.name} and of the baseline (import_model_eval with the same quant, kv_cache_dtype and mtp)`;
  if (accuracy === 'fail') return attested('accuracy', false, 'the call says it failed', needs);
  const own = evaluationsOf(
    facts,
    variant,
    changedSettings(facts).filter((setting) => MUST_STATE.includes(setting)),
  );
  const held = own.length === 0 ? null : heldScores(facts, own);
  const evidence = own.map(rowsPath);
  if (held !== null) return recorded('accuracy', held.passes, held.says, evidence);
  if (changed.length === 0) return recorded('accuracy', true, 'quantisation, KV type, speculation, engine and delivery are the baseline\'s', bothRows(facts)); // prettier-ignore
  if (accuracy === 'pass') return attested('accuracy', true, `the call says it passed; ${why}`, needs);
  if (own.length > 0) return missing('accuracy', `an evaluation is there, but no floor and none of the baseline to hold it against`, 'accuracy_floor, or an evaluation of the baseline (import_model_eval)', evidence); // prettier-ignore
  return missing('accuracy', `${why}, and no evaluation of it is there`, needs);
};
