// The space that is searched: parameters with their values, and the combinations of them. Names of combinations are safe in paths.

export type Setting = string | number | boolean;

/** A value for every parameter. */
export type Combination = Readonly<Record<string, Setting>>;

export interface Parameter {
  readonly name: string;
  readonly values: readonly Setting[];
}

export interface ParameterSpace {
  readonly parameters: readonly Parameter[];
  /** The settings in use today. */
  readonly baseline: Combination;
  /** Combinations that must not be built: those that agree with any of these in all its settings. */
  readonly exclude: readonly Combination[];
}

/** Name of a combination, safe in a path: `BLOCK_M-128_NUM_STAGES-2`. */
export const combinationKey = (parameters: readonly Parameter[], combination: Combination): string =>
  parameters.map(({ name }) => `${name}-${String(combination[name])}`).join('_');

const matches = (combination: Combination, partial: Combination): boolean =>
  Object.entries(partial).every(([name, value]) => combination[name] === value);

const distance = (a: Combination, b: Combination): number =>
  Object.keys(a).filter((name) => a[name] !== b[name]).length;

/**
 * Every combination that may be built: the baseline first, then those that differ from it in one setting, in two, and so on; of
 * equals in product order. The near ones first, so that a search that runs out of time has seen what each parameter does.
 */
export const combinations = ({ parameters, baseline, exclude }: ParameterSpace): Combination[] => {
  const all = parameters.reduce<Combination[]>(
    (partial, { name, values }) =>
      partial.flatMap((settings) => values.map((value) => ({ ...settings, [name]: value }))),
    [{}],
  );
  const allowed = all.filter((combination) => !exclude.some((partial) => matches(combination, partial)));
  const others = allowed.filter((combination) => distance(combination, baseline) > 0);
  return [baseline, ...others.sort((a, b) => distance(a, baseline) - distance(b, baseline))];
};
