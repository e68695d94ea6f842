// Picks which metrics are the headline: those the caller named, else those a policy names, else every rate of work done; a
// metric that stands alone is its own headline. Never lets a headline that was asked for be silently absent.
import { Fault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import { compileGlobs } from '../text/glob-set.ts';
import { headlineWithoutNames, type HeadlineRule } from './headline-rank.ts';
import type { MetricPolicy } from './policy.ts';
import { splitKey } from '../metrics/metric.ts';

/** Policies of the baseline's metrics beside their keys; ignored metrics count for nothing. */
export interface Candidates {
  readonly keys: readonly string[];
  readonly policies: readonly MetricPolicy[];
}

const SHOWN = 6;

const unknown = (glob: string, keys: readonly string[]): Fault => {
  const nearest = nearestName(glob, keys.slice(0, 1000));
  const some = `name one of ${keys.slice(0, SHOWN).join(', ')}${keys.length > SHOWN ? ', …' : ''}, or a glob`;
  return new Fault('usage', 'headline_unknown', `no metric of the baseline matches headline ${glob}`, {
    fix: nearest === undefined ? some : `did you mean ${nearest}?`,
  });
};

/** The one of `named` that matches none of the keys: a glob with `[` is about whole keys, any other about names too. */
const unmatched = (named: readonly string[], keys: readonly string[]): string | undefined =>
  named.find((glob) => {
    const matches = compileGlobs([glob]);
    const names = (key: string): string[] => (glob.includes('[') ? [key] : [key, splitKey(key).name]);
    return !keys.some((key) => names(key).some((text) => matches(text).matched.length > 0));
  });

/** Throws a Fault `headline_unknown` when one of `named` matches no metric of the baseline. */
export const headlineRule = ({ keys, policies }: Candidates, named: readonly string[]): HeadlineRule => {
  if (named.length === 0) return headlineWithoutNames(policies);
  const has = policies.some(({ ignore, headline }) => !ignore && headline === 'named');
  const odd = unmatched(named, keys) ?? (has ? undefined : named.join(', '));
  if (odd === undefined) return 'named';
  throw unknown(odd, keys);
};
