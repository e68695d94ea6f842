// Runs or reads every implementation in every scenario, interleaved trial by trial, and records which version each really was. A cell
// that fails says why; it never becomes a number.
import { join } from 'node:path';
import { printedResults, runCommand, valueAt, type CommandPlace } from '../drivers/bench-command.ts';
import { Fault } from '../text/fault.ts';
import { canonicalJson, type JsonValue } from '../text/json.ts';
import { takesPart, type Comparison, type Implementation, type Scenario } from './comparison-spec.ts';
import { resultValues } from './result-values.ts';

/** What one implementation gave in one scenario. */
export interface Cell {
  readonly scenario: string;
  readonly implementation: string;
  /** One value a trial, in the unit of the scenario. */
  readonly samples: readonly number[];
  /** Why there are none, or not all; null when every trial gave a value. */
  readonly problem: string | null;
  /** The facts that must agree (`gpu`, …), as the results state them. */
  readonly facts: Readonly<Record<string, JsonValue>>;
}

export interface Collected {
  readonly cells: readonly Cell[];
  /** Version of each implementation as it was found. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The outside world of a comparison. */
export interface Sources extends CommandPlace {
  /** The results at a path: one document a file. Throws a Fault when there are none. */
  readonly read: (path: string) => Promise<JsonValue[]>;
  readonly onProgress: (message: string) => void;
}

/** Fills `{scenario}`, `{parameters}` (all of them as JSON) and the single parameters; others stay as they are. */
const fill = (template: string, { name, parameters }: Scenario): string => {
  const known: Readonly<Record<string, string | number | boolean>> = {
    ...parameters,
    scenario: name,
    parameters: canonicalJson(parameters),
  };
  return template.replace(/\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, key: string) => String(known[key] ?? whole));
};

/** The exact argument list of an implementation in a scenario; null where its results are read. */
export const commandFor = ({ command }: Implementation, scenario: Scenario): readonly string[] | null =>
  command === undefined ? null : command.map((word) => fill(word, scenario));

/** Path of the results of an implementation in a scenario; null where it is run. */
export const resultsFor = ({ results }: Implementation, scenario: Scenario, cwd: string): string | null =>
  results === undefined ? null : join(cwd, fill(results, scenario));

/** Documents or reasons that one cell gathered so far. */
interface Gathered {
  readonly scenario: Scenario;
  readonly implementation: Implementation;
  readonly documents: JsonValue[];
  problem: string | null;
}

/** One trial by command. After a failure the cell is left alone. */
const runTrial = async (cell: Gathered, sources: Sources): Promise<void> => {
  const { timeout_s: limit, name } = cell.implementation;
  const argv = commandFor(cell.implementation, cell.scenario);
  if (argv === null || cell.problem !== null) return;
  sources.onProgress(`${cell.scenario.name}: ${name}`);
  const ran = await runCommand(argv, 1000 * limit, sources);
  const [printed] = 'ok' in ran ? printedResults(ran.ok).objects : [];
  if (printed !== undefined) cell.documents.push(printed);
  else cell.problem = 'failed' in ran ? ran.failed : 'it printed no JSON object';
};

const readResults = async (cell: Gathered, sources: Sources): Promise<void> => {
  const path = resultsFor(cell.implementation, cell.scenario, sources.cwd);
  if (path === null) return;
  try {
    cell.documents.push(...(await sources.read(path)));
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'input') throw error;
    cell.problem = error.message;
  }
};

const finish = async (
  { scenario, implementation, documents, problem }: Gathered,
  same: readonly string[],
): Promise<Cell> => {
  const source = `a result of ${implementation.name} in ${scenario.name}`;
  const read = await Promise.all(documents.map((document) => resultValues(document, scenario, source)));
  const unread = read.flatMap((entry) => ('failed' in entry ? [entry.failed] : []))[0];
  const facts = same.map((path) => {
    const stated = documents.map((document) => valueAt(document, path) ?? null);
    const first = stated[0] ?? null;
    const agree = stated.every((value) => canonicalJson(value) === canonicalJson(first));
    return [path, agree ? first : 'several'] as const;
  });
  return {
    scenario: scenario.name,
    implementation: implementation.name,
    samples: read.flatMap((entry) => ('ok' in entry ? entry.ok : [])),
    problem: problem ?? unread ?? null,
    facts: Object.fromEntries(facts),
  };
};

/** The version as found. Throws a Fault `version_differs` when it is not the pinned one. */
const recordVersion = async (
  implementation: Implementation,
  cells: readonly Gathered[],
  sources: Sources,
): Promise<string> => {
  const { name, pinned, version } = implementation;
  const found =
    'command' in version ? await printedVersion(version.command, sources) : storedVersion(version.field, cells);
  if (found === pinned || found.split(/[\s=,()]+/).includes(pinned)) return found;
  throw new Fault(
    'refused',
    'version_differs',
    `${name} is pinned to ${pinned}, but ${JSON.stringify(found)} was found`,
    {
      fix: 'install the pinned version, or pin the one that is there',
    },
  );
};

const printedVersion = async (command: readonly string[], sources: Sources): Promise<string> => {
  const ran = await runCommand(command, 60_000, sources);
  return 'ok' in ran ? (ran.ok.trim().split('\n').at(-1) ?? '') : ran.failed;
};

const storedVersion = (field: string, cells: readonly Gathered[]): string => {
  const stated = cells.flatMap(({ documents }) => documents.map((document) => valueAt(document, field)));
  const versions = new Set(stated.map((value) => (typeof value === 'string' ? value : 'none')));
  return versions.size === 1 ? ([...versions][0] ?? 'none') : [...versions].sort().join(' and ');
};

/** The cells in an order that starts with another implementation each time. */
const rotated = <T>(items: readonly T[], by: number): T[] => {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
};

/**
 * Collects all cells. Versions of commands are checked before anything is measured. Throws a Fault `version_differs`, and what the
 * runner throws for a missing tool or a cancel.
 */
export const collectSamples = async (comparison: Comparison, sources: Sources): Promise<Collected> => {
  const { scenarios, implementations, trials, same } = comparison;
  const rows = scenarios.map((scenario) =>
    implementations
      .filter((implementation) => takesPart(implementation, scenario))
      .map((implementation): Gathered => ({ scenario, implementation, documents: [], problem: null })),
  );
  const all = rows.flat();
  const versions: Record<string, string> = {};
  const byField = implementations.filter(({ version }) => 'field' in version);
  for (const implementation of implementations)
    if (!byField.includes(implementation))
      versions[implementation.name] = await recordVersion(implementation, [], sources);
  for (const cell of all) await readResults(cell, sources);
  for (let trial = 0; trial < trials; trial += 1)
    for (const row of rows) for (const cell of rotated(row, trial)) await runTrial(cell, sources);
  for (const implementation of byField) {
    const own = all.filter((cell) => cell.implementation === implementation && cell.documents.length > 0);
    if (own.length > 0) versions[implementation.name] = await recordVersion(implementation, own, sources);
  }
  return { cells: await Promise.all(all.map((cell) => finish(cell, same))), versions };
};
