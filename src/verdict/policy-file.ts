// Reads rules for judging metrics: policy files (YAML or JSON, a list of rules) and tolerances given with a call. Never
// touches the file system and never guesses a rule that is not written.
import { z } from 'zod';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import { Fault } from '../text/fault.ts';
import { parseYaml } from '../text/yaml.ts';
import { checkAgainst } from '../text/schema-fault.ts';

const ruleSchema = z.strictObject({
  match: z.string().min(1),
  unit: z.string().min(1).optional(),
  direction: z.enum(['lower-is-better', 'higher-is-better', 'two-sided']).optional(),
  tolerance_percent: z.number().nonnegative().optional(),
  tolerance_absolute: z.number().nonnegative().optional(),
  headline: z.boolean().optional(),
  gating: z.boolean().optional(),
  ignore: z.boolean().optional(),
});

/** A policy file, and the table of metrics of a root. */
export const policyFileSchema = z.array(ruleSchema);

/** Rules from a parsed file, in its order. Throws a Fault `policy_invalid` with the place. */
export const checkPolicy = (value: unknown, path: string): readonly PolicyRule[] =>
  checkAgainst(policyFileSchema, value, {
    path,
    code: 'policy_invalid',
    keys: Object.keys(ruleSchema.shape),
    shape: 'policy',
  });

/** Rules in the order of the file. Throws a Fault `yaml_syntax` or `policy_invalid` with the place. */
export const parsePolicy = async (text: string, path: string): Promise<readonly PolicyRule[]> =>
  checkPolicy(await parseYaml(text, path), path);

/** Tolerance of one metric or glob as a caller gives it: percent of the baseline, or absolute in the metric's unit. */
export interface GivenTolerance {
  readonly percent?: number | undefined;
  readonly absolute?: number | undefined;
}

/** Turns `{ "<glob>": { percent | absolute } }` into rules. Throws a Fault `tolerance_invalid` unless exactly one is given. */
export const tolerancesToRules = (tolerances: Readonly<Record<string, GivenTolerance>>): readonly PolicyRule[] =>
  Object.entries(tolerances).map(([match, { percent, absolute }]) => {
    const given = percent ?? absolute;
    const both = percent !== undefined && absolute !== undefined;
    if (given === undefined || both || !Number.isFinite(given) || given < 0)
      throw new Fault(
        'usage',
        'tolerance_invalid',
        `tolerance of ${match} is ${JSON.stringify({ percent, absolute })}`,
        {
          fix: 'give either percent or absolute, a finite number that is not negative',
        },
      );
    return percent === undefined ? { match, tolerance_absolute: given } : { match, tolerance_percent: given };
  });
