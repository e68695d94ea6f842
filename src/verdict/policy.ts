// Decides how each metric is judged: direction, tolerance, headline, gating. Rules come in layers; within a layer the first
// rule that matches wins, and what it leaves open is looked up in the next layer. Never looks at values.
import { EXACT_COUNTS, SHARES } from '../metrics/catalogue.ts';
import type { NameFacts } from '../metrics/name-facts.ts';
import { factsOfPath, withUnit } from '../metrics/path-facts.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import type { Direction } from '../stats/direction.ts';
import { sameUnit } from '../metrics/units.ts';
import { type GlobMatch, compileGlobs } from '../text/glob-set.ts';
import { type Quantity, quantityOf } from './plausibility.ts';
import { DEFAULT_TOLERANCE, type Tolerance } from './tolerance.ts';

/** From the strongest to the weakest. */
const LAYERS = ['flag', 'policy_file', 'document', 'metrics.yaml'] as const;
export type PolicyLayer = (typeof LAYERS)[number];

/**
 * `entry`: the recorded entry says; `reader`: the format of the file says; `catalogue`: the metric's name or unit says;
 * `default`: nobody says, so both ways count.
 */
export type DirectionSource = PolicyLayer | 'entry' | 'reader' | 'catalogue' | 'default';

/** `named`: the caller asked for it; `policy`: a policy file or the document says so; `class`: a rate of work done. */
export type HeadlineRank = 'named' | 'policy' | 'class';

export interface MetricPolicy {
  readonly direction: Direction;
  readonly direction_source: DirectionSource;
  readonly tolerance: Tolerance;
  readonly tolerance_source: PolicyLayer | 'umbrella';
  readonly headline: HeadlineRank | null;
  /** Null where no rule says: headlines gate. */
  readonly gating: boolean | null;
  readonly ignore: boolean;
  /** A count that the same program always reproduces: compared exactly, one value suffices. */
  readonly counter: boolean;
  /** A share of the requests that were attempted, or of those that were answered: judged by the counts behind it. */
  readonly share: 'attempted' | 'answered' | null;
  /** What values of this unit can be. */
  readonly quantity: Quantity;
}

export interface PolicySources {
  /** Rules given with the call, one per metric or glob. */
  readonly flags?: readonly PolicyRule[];
  readonly file?: readonly PolicyRule[];
  /** Rules of a document of known format. */
  readonly document?: readonly PolicyRule[];
  /** Rules of `configs/metrics.yaml`. */
  readonly defaults: readonly PolicyRule[];
  /** For metrics on which no rule has a tolerance. */
  readonly umbrella?: Tolerance;
  /** Direction that the baseline's entry was recorded with. */
  readonly entryDirection?: Direction | null;
  /** Keys or globs that name the headline. */
  readonly headline?: readonly string[];
}

export interface PolicySubject {
  readonly name: string;
  /** `name` with its labels. */
  readonly key: string;
  readonly unit: string | null;
  /** What the reader of the file says. */
  readonly direction: Direction | null;
}

export type PolicyFor = (metric: PolicySubject) => MetricPolicy;

type Glob =
  | { readonly match: string; readonly use: PolicyLayer; readonly rule: PolicyRule }
  | { readonly match: string; readonly use: 'named' | 'counter' | 'attempted' | 'answered' };

/** A glob with its rank: the strongest layer first, within a layer the first rule first. */
type Pattern = Glob & { readonly rank: number };

const patternsOf = (sources: PolicySources): Pattern[] => {
  const rules: Readonly<Record<PolicyLayer, readonly PolicyRule[]>> = {
    flag: sources.flags ?? [],
    policy_file: sources.file ?? [],
    document: sources.document ?? [],
    'metrics.yaml': sources.defaults,
  };
  const globs: Glob[] = [
    ...LAYERS.flatMap((use) => rules[use].map((rule) => ({ match: rule.match, use, rule }))),
    ...(sources.headline ?? []).map((match) => ({ match, use: 'named' as const })),
    ...EXACT_COUNTS.map((part) => ({ match: `*${part}*`, use: 'counter' as const })),
    ...[...SHARES].map(([ending, use]) => ({ match: `*${ending}`, use })),
  ];
  return globs.map((glob, rank) => ({ ...glob, rank }));
};

type LayerRule = readonly [PolicyLayer, PolicyRule];

/** The rule that each layer has for a metric of this unit, strongest layer first. */
const rulesByLayer = (patterns: readonly Pattern[], unit: string | null): LayerRule[] =>
  LAYERS.flatMap((layer) => {
    const fits = ({ unit: wanted }: PolicyRule): boolean =>
      wanted === undefined || (unit !== null && sameUnit(wanted, unit));
    const found = patterns.find((pattern) => pattern.use === layer && 'rule' in pattern && fits(pattern.rule));
    return found !== undefined && 'rule' in found ? [[layer, found.rule] as const] : [];
  });

const toleranceOf = (rule: PolicyRule): Tolerance | undefined => {
  if (rule.tolerance_absolute !== undefined) return { absolute: rule.tolerance_absolute };
  return rule.tolerance_percent === undefined ? undefined : { percent: rule.tolerance_percent };
};

/** The first layer whose rule says something, and what it says. */
const firstSaying = <T>(
  rules: readonly LayerRule[],
  say: (rule: PolicyRule) => T | undefined,
): readonly [PolicyLayer, T] | undefined => {
  for (const [layer, rule] of rules) {
    const said = say(rule);
    if (said !== undefined) return [layer, said];
  }
  return undefined;
};

/** What name and unit of a metric say where no rule does. */
interface Named {
  readonly direction: Direction | null;
  /** A rate of work done. */
  readonly headline: boolean;
  /** An identity, a moment or a spread: no result. */
  readonly ignore: boolean;
}

const NO_RESULTS: readonly string[] = ['identity', 'spread'];

/** Names an identity, a moment or a spread, which are compared only where a rule or a reader says so. */
export const namesNoResult = (name: string): boolean => NO_RESULTS.includes(factsOfPath(name).kind);

const namedFacts = (facts: NameFacts, { unit, direction }: PolicySubject): Named => ({
  direction: direction === null ? withUnit(facts, unit).direction : null,
  headline: facts.headline,
  ignore: direction === null && NO_RESULTS.includes(facts.kind),
});

/**
 * The entry's direction counts most. `two-sided` on an entry whose document has rules of its own only says that no one
 * direction fits all of its metrics, so there the document's rule counts.
 */
const directionOf = (
  rules: readonly LayerRule[],
  entry: Direction | null,
  reader: Direction | null,
  named: Direction | null,
): readonly [DirectionSource, Direction] => {
  const ruled = firstSaying(rules, (rule) => rule.direction);
  const yields = entry === 'two-sided' && rules.some(([layer, rule]) => layer === 'document' && rule.direction);
  if (entry !== null && !(yields && ruled !== undefined)) return ['entry', entry];
  if (ruled !== undefined) return ruled;
  if (reader !== null) return ['reader', reader];
  return named === null ? ['default', 'two-sided'] : ['catalogue', named];
};

const headlineOf = (
  patterns: readonly Pattern[],
  rules: readonly LayerRule[],
  isNamed: boolean,
  isRateOfWork: boolean,
): HeadlineRank | null => {
  if (isNamed) return patterns.some(({ use }) => use === 'named') ? 'named' : null;
  const ruled = firstSaying(rules, (rule) => rule.headline);
  if (ruled === undefined) return isRateOfWork ? 'class' : null;
  if (!ruled[1]) return null;
  return ruled[0] === 'metrics.yaml' ? 'class' : 'policy';
};

const resolve = (
  patterns: readonly Pattern[],
  { unit, direction: reader }: PolicySubject,
  named: Named,
  sources: PolicySources,
): MetricPolicy => {
  const rules = rulesByLayer(patterns, unit);
  const [direction_source, direction] = directionOf(rules, sources.entryDirection ?? null, reader, named.direction);
  const tolerance = firstSaying(rules, toleranceOf);
  return Object.freeze({
    direction,
    direction_source,
    tolerance: tolerance?.[1] ?? sources.umbrella ?? DEFAULT_TOLERANCE,
    tolerance_source: tolerance?.[0] ?? 'umbrella',
    headline: headlineOf(patterns, rules, (sources.headline ?? []).length > 0, named.headline),
    gating: firstSaying(rules, (rule) => rule.gating)?.[1] ?? null,
    ignore: firstSaying(rules, (rule) => rule.ignore)?.[1] ?? named.ignore,
    counter: patterns.some(({ use }) => use === 'counter'),
    share: (['attempted', 'answered'] as const).find((each) => patterns.some(({ use }) => use === each)) ?? null,
    quantity: quantityOf(unit),
  });
};

const DIRECTION_IDS: Readonly<Record<Direction, number>> = {
  'lower-is-better': 1,
  'higher-is-better': 2,
  'two-sided': 3,
};

const directionId = (direction: Direction | null): number => (direction === null ? 0 : DIRECTION_IDS[direction]);

/** A small number for each answer of the two directions and the two flags. */
const factsId = (reader: number, { direction, headline, ignore }: Named): number =>
  (reader * 4 + directionId(direction)) * 4 + (headline ? 2 : 0) + (ignore ? 1 : 0);

/** More different sets of rules than names of metrics ever match. */
const MOST_MATCHES = 2 ** 20;
const MOST_FACTS = 64;

/** Globs with `[` are matched against the whole key, the others against the name, so that they hold at every point. */
const isAboutKey = ({ match }: Pattern): boolean => match.includes('[');

/** A document of a million metrics has few units; one that has many makes the memory of policies begin anew. */
const MOST_UNITS = 1000;

type NumberedFacts = Named & { readonly id: number };

const numbered = (reader: number, named: Named): NumberedFacts => ({ ...named, id: factsId(reader, named) });

/** What was found for the metrics of one unit. */
interface Shelf {
  readonly policies: Map<number, MetricPolicy>;
  readonly namedBy: (facts: NameFacts, metric: PolicySubject) => NumberedFacts;
}

/** Names of one shape share their facts, so what they say in one unit is worked out once. */
const rememberNamed = (): Shelf['namedBy'] => {
  const byReader = [0, 1, 2, 3].map(() => new WeakMap<NameFacts, NumberedFacts>());
  let [recentFacts, recentReader, recent]: [NameFacts?, number?, NumberedFacts?] = [];
  return (facts, metric) => {
    const reader = directionId(metric.direction);
    if (recent !== undefined && facts === recentFacts && reader === recentReader) return recent;
    const known = byReader[reader]?.get(facts) ?? numbered(reader, namedFacts(facts, metric));
    byReader[reader]?.set(facts, known);
    [recentFacts, recentReader, recent] = [facts, reader, known];
    return known;
  };
};

/** Policies by the defaults alone, which most comparisons are judged by: kept as long as the rules are. */
const byDefaults = new WeakMap<readonly PolicyRule[], Map<string, PolicyFor>>();
const MOST_KEPT = 16;

const hasDefaultsOnly = ({ flags = [], file = [], document = [], headline = [] }: PolicySources): boolean =>
  flags.length + file.length + document.length + headline.length === 0;

/**
 * The policy of each metric. Precedence: rule for that metric > policy file > known document > `metrics.yaml` > umbrella
 * tolerance. Metrics that match the same rules with the same unit share one frozen policy, so asking for a million is cheap.
 */
export const createPolicy = (sources: PolicySources): PolicyFor => {
  if (!hasDefaultsOnly(sources)) return buildPolicy(sources);
  const { defaults, umbrella = DEFAULT_TOLERANCE, entryDirection = null } = sources;
  const id = JSON.stringify([umbrella, entryDirection]);
  const kept = byDefaults.get(defaults) ?? new Map<string, PolicyFor>();
  if (kept.size >= MOST_KEPT) kept.clear();
  const policyFor = kept.get(id) ?? buildPolicy(sources);
  byDefaults.set(defaults, kept.set(id, policyFor));
  return policyFor;
};

const buildPolicy = (sources: PolicySources): PolicyFor => {
  const patterns = patternsOf(sources);
  const [keyPatterns, namePatterns] = [patterns.filter(isAboutKey), patterns.filter((each) => !isAboutKey(each))];
  const byName = compileGlobs(namePatterns.map(({ match }) => match));
  const byKey = keyPatterns.length === 0 ? undefined : compileGlobs(keyPatterns.map(({ match }) => match));
  const chosen = (from: readonly Pattern[], match: GlobMatch | undefined): Pattern[] =>
    (match?.matched ?? []).flatMap((index) => from[index] ?? []);

  const shelves = new Map<string | null, Shelf>();
  const shelfOf = (unit: string | null): Shelf => {
    const shelf: Shelf = { policies: new Map(), namedBy: rememberNamed() };
    if (shelves.size >= MOST_UNITS) shelves.clear();
    shelves.set(unit, shelf);
    return shelf;
  };
  return (metric) => {
    const name = byName(metric.name);
    const key = byKey?.(metric.key);
    const shelf = shelves.get(metric.unit) ?? shelfOf(metric.unit);
    const facts = factsOfPath(metric.name);
    const named = shelf.namedBy(facts, metric);
    const id = ((key?.id ?? 0) * MOST_MATCHES + name.id) * MOST_FACTS + named.id;
    const known = shelf.policies.get(id);
    if (known !== undefined) return known;
    const matching = [...chosen(keyPatterns, key), ...chosen(namePatterns, name)].sort((a, b) => a.rank - b.rank);
    const policy = resolve(matching, metric, named, sources);
    shelf.policies.set(id, policy);
    return policy;
  };
};
