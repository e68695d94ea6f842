// Runs a comparison on files: reads the matrix, collects, compares, and writes the report with its plots and all samples. Results that
// it reads are never changed.
import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runner } from '../exec/run-process.ts';
import { replaceFile } from '../fs/atomic-file.ts';
import { onFile } from '../fs/io-fault.ts';
import { inputFault } from '../text/fault.ts';
import { jsonFile, parseJson, type JsonValue } from '../text/json.ts';
import { parseYaml } from '../text/yaml.ts';
import { collectSamples } from './collect-samples.ts';
import { compareImplementations, type ComparisonResult } from './compare-implementations.ts';
import { renderComparison, type PlotNames } from './comparison-report.ts';
import { parseComparison, type Comparison } from './comparison-spec.ts';
import { renderRatios, renderTrials } from './plots.ts';

export interface CompareOptions {
  /** YAML or JSON. */
  readonly specPath: string;
  readonly outputFolder: string;
  /** Working folder of the commands, and the one that result paths start from. */
  readonly cwd: string;
  readonly run: Runner;
  /** Present time, ISO 8601 UTC. */
  readonly now: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (message: string) => void;
}

export const REPORT_NAME = 'BENCHMARKS_SOTA_COMPARISON.md';

/** The documents at a path: of a file, or of all `.json` files of a folder by name. Throws a Fault when there are none. */
const readResults = async (path: string): Promise<JsonValue[]> => {
  const isFolder = (await onFile(path, () => stat(path))).isDirectory();
  const names = isFolder ? (await readdir(path)).filter((name) => name.endsWith('.json')).sort() : [];
  const files = isFolder ? names.map((name) => join(path, name)) : [path];
  if (files.length === 0)
    throw inputFault('no_results', `${path} holds no .json file`, { path, fix: 'put one result per trial there' });
  return Promise.all(files.map(async (file) => parseJson(await onFile(file, () => readFile(file, 'utf8')), file)));
};

/** The plots by file name, and the names for the report. */
const drawn = (comparison: Comparison, result: ComparisonResult): { files: Map<string, string>; names: PlotNames } => {
  const files = new Map<string, string>();
  const ratios = renderRatios(comparison.reference, result);
  if (ratios !== null) files.set('ratios.svg', ratios);
  const trials: Record<string, string> = {};
  for (const scenario of comparison.scenarios) {
    const plot = renderTrials(scenario, result.cells, comparison.reference);
    if (plot === null) continue;
    trials[scenario.name] = `trials-${scenario.name}.svg`;
    files.set(`trials-${scenario.name}.svg`, plot);
  }
  return { files, names: { ratios: ratios === null ? null : 'ratios.svg', trials } };
};

/** Compares, and writes the report, `comparison.json` and the plots. Throws the Faults of the matrix and of the collection. */
export const compareFiles = async (options: CompareOptions): Promise<ComparisonResult> => {
  const { specPath, outputFolder, cwd, run, now, signal, onProgress } = options;
  const text = await onFile(specPath, () => readFile(specPath, 'utf8'));
  const comparison = parseComparison(await parseYaml(text, specPath), specPath);
  const sources = { run, cwd, read: readResults, signal, onProgress: onProgress ?? (() => undefined) };
  const { cells, versions } = await collectSamples(comparison, sources);
  const result = compareImplementations(comparison, cells);
  const { files, names } = drawn(comparison, result);
  const scenarios = comparison.scenarios.map(({ name, unit, direction }) => ({ name, unit, direction }));
  const head = { schema_version: 1, generated_at: now, reference: comparison.reference, versions, scenarios };
  files.set('comparison.json', jsonFile({ ...head, ...result }));
  files.set(REPORT_NAME, renderComparison(comparison, result, versions, names, now));
  await mkdir(outputFolder, { recursive: true });
  for (const [name, content] of files) await replaceFile(join(outputFolder, name), content);
  return result;
};
