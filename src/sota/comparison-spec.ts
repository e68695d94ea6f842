// The matrix of a comparison: scenarios, implementations with pinned versions, and how each is run or where its results lie. Nothing
// runs before the whole matrix is sound.
import { z } from 'zod';
import { inputFault } from '../text/fault.ts';
import { shapeHint } from '../text/file-shape.ts';
import type { JsonValue } from '../text/json.ts';

/** Safe in a path and a command. */
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'use letters, digits and . _ -');
const text = z.string().min(1);
const command = z.array(z.string()).min(1);
const setting = z.union([z.string(), z.number(), z.boolean()]);

const scenarioSchema = z.strictObject({
  name,
  /** Shape, type, load: each fills `{its_name}` in commands and paths, `{parameters}` is all of them as JSON. */
  parameters: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), setting),
  /**
   * Path of the measured value in a result, such as `performance.median_ms`; a list (`trials.*.metrics.x`) is one value a trial. Or a
   * metric of a known format, such as `ttft_p50_ms[concurrency=16]`: one value a valid trial, in the unit of the scenario.
   */
  value: text,
  unit: text,
  direction: z.enum(['lower-is-better', 'higher-is-better']),
});

const implementationSchema = z.strictObject({
  name,
  /** The version that the comparison is about; what ran must say the same. */
  pinned: text,
  /** Where that is read: a command that prints it, or a path inside each result. */
  version: z.union([z.strictObject({ command }), z.strictObject({ field: text })]),
  /** Prints one JSON object per run, which is one trial. */
  command: command.optional(),
  /** A file, or a folder whose JSON files are one trial each. */
  results: text.optional(),
  timeout_s: z.number().positive().default(600),
  /** Scenarios it takes part in; all by default. */
  scenarios: z.array(name).min(1).optional(),
});

export const comparisonSchema = z.strictObject({
  title: text,
  /** The implementation that all others are compared with. */
  reference: name,
  trials: z.number().int().min(3).max(100).default(10),
  /** Paths that must hold the same in all results of a scenario, such as `gpu`. */
  same: z.array(text).default([]),
  scenarios: z.array(scenarioSchema).min(1),
  implementations: z.array(implementationSchema).min(2),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Implementation = z.infer<typeof implementationSchema>;
export type Comparison = z.infer<typeof comparisonSchema>;

const fault = (path: string, at: string, message: string, fix: string) =>
  inputFault('comparison_spec', `${path}: ${at} ${message}`, { path, at, fix });

const refuseRepeats = (kind: string, names: readonly string[], path: string): void => {
  const repeated = names.find((entry, index) => names.indexOf(entry) < index);
  if (repeated !== undefined) throw fault(path, kind, `holds ${repeated} twice`, 'name each once');
};

const checkImplementation = (implementation: Implementation, scenarios: readonly string[], path: string): void => {
  const at = `implementations.${implementation.name}`;
  const { command: run, results, version } = implementation;
  if ((run === undefined) === (results === undefined))
    throw fault(path, at, 'needs either a command or results', 'give exactly one of the two');
  if (results !== undefined && 'command' in version)
    throw fault(
      path,
      at,
      'takes its version from a command, which says nothing about existing results',
      'name a field of the results',
    );
  const unknown = implementation.scenarios?.find((scenario) => !scenarios.includes(scenario));
  if (unknown !== undefined)
    throw fault(path, at, `names the unknown scenario ${unknown}`, `use ${scenarios.join(', ')}`);
};

/** Parses a comparison. Throws a Fault `comparison_spec` that names the field. */
export const parseComparison = (document: JsonValue, path: string): Comparison => {
  const parsed = comparisonSchema.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const at = issue === undefined || issue.path.length === 0 ? 'the file' : issue.path.join('.');
    throw fault(path, at, issue?.message ?? 'is wrong', `correct that field; ${shapeHint('comparison')}`);
  }
  const { scenarios, implementations, reference } = parsed.data;
  const names = implementations.map((implementation) => implementation.name);
  const scenarioNames = scenarios.map((scenario) => scenario.name);
  refuseRepeats('scenarios', scenarioNames, path);
  refuseRepeats('implementations', names, path);
  for (const implementation of implementations) checkImplementation(implementation, scenarioNames, path);
  if (!names.includes(reference)) throw fault(path, 'reference', `is ${reference}`, `use one of ${names.join(', ')}`);
  return parsed.data;
};

/** True when the implementation takes part in the scenario. */
export const takesPart = ({ scenarios }: Implementation, scenario: Scenario): boolean =>
  scenarios === undefined || scenarios.includes(scenario.name);
