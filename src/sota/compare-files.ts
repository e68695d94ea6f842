// Runs a comparison on files: reads the matrix, collects, compares, and writes the report with its plots and all samples. Results that
// it reads are never changed.
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CONFIGURATION_BYTES, readNamedText } from '../fs/named-text.ts';
import type { Runner } from '../exec/run-process.ts';
import { replaceFile } from '../fs/atomic-file.ts';
import { onFile } from '../fs/io-fault.ts';
import { documentHtml } from '../render/html.ts';
import { documentMarkdown } from '../render/markdown.ts';
import { inputFault } from '../text/fault.ts';
import { jsonFile, parseJson, type JsonValue } from '../text/json.ts';
import { redacted } from '../text/redact.ts';
import { parseYaml } from '../text/yaml.ts';
import { collectSamples } from './collect-samples.ts';
import { compareImplementations, type ComparisonResult } from './compare-implementations.ts';
import { comparisonDocument, type Plot, type Plots } from './comparison-report.ts';
import { parseComparison, type Comparison } from './comparison-spec.ts';

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
/** The same report as one file that holds its pictures. */
export const PAGE_NAME = 'BENCHMARKS_SOTA_COMPARISON.html';

/** The documents at a path: of a file, or of all `.json` files of a folder by name. Throws a Fault when there are none. */
export const readResults = async (path: string): Promise<JsonValue[]> => {
  const isFolder = (await onFile(path, () => stat(path))).isDirectory();
  const names = isFolder ? (await readdir(path)).filter((name) => name.endsWith('.json')).sort() : [];
  const files = isFolder ? names.map((name) => join(path, name)) : [path];
  if (files.length === 0)
    throw inputFault('no_results', `${path} holds no .json file`, { path, fix: 'put one result per trial there' });
  return Promise.all(files.map(async (file) => parseJson(await onFile(file, () => readNamedText(file)), file)));
};

const drawn = async (comparison: Comparison, result: ComparisonResult): Promise<Plots> => {
  const { renderRatios, renderTrials } = await import('./plots.ts');
  const ratios = renderRatios(comparison.reference, result);
  const trials: Record<string, Plot> = {};
  for (const scenario of comparison.scenarios) {
    const svg = renderTrials(scenario, result.cells, comparison.reference);
    if (svg !== null) trials[scenario.name] = { file: `trials-${scenario.name}.svg`, svg };
  }
  return { ratios: ratios === null ? null : { file: 'ratios.svg', svg: ratios }, trials };
};

/** The files of the report by name. */
const reportFiles = async (
  comparison: Comparison,
  result: ComparisonResult,
  versions: Readonly<Record<string, string>>,
  now: string,
): Promise<ReadonlyMap<string, string>> => {
  const plots = await drawn(comparison, result);
  const scenarios = comparison.scenarios.map(({ name, unit, direction }) => ({ name, unit, direction }));
  const head = { schema_version: 1, generated_at: now, reference: comparison.reference, versions, scenarios };
  const document = comparisonDocument(comparison, result, versions, plots, now);
  const pictures = [...(plots.ratios === null ? [] : [plots.ratios]), ...Object.values(plots.trials)];
  return new Map([
    ...pictures.map(({ file, svg }) => [file, svg] as const),
    ['comparison.json', jsonFile({ ...head, ...result })],
    [PAGE_NAME, documentHtml(document)],
    [REPORT_NAME, documentMarkdown(document)],
  ]);
};

/** Compares, and writes the report, `comparison.json` and the plots. Throws the Faults of the matrix and of the collection. */
export const compareFiles = async (options: CompareOptions): Promise<ComparisonResult> => {
  const { specPath, outputFolder, cwd, run, now, signal, onProgress } = options;
  const text = await onFile(specPath, () => readNamedText(specPath, { limit: CONFIGURATION_BYTES }));
  const comparison = parseComparison(await parseYaml(text, specPath), specPath);
  const sources = { run, cwd, read: readResults, signal, onProgress: onProgress ?? (() => undefined) };
  const { cells, versions } = await collectSamples(comparison, sources);
  const result = redacted(compareImplementations(comparison, cells));
  const files = await reportFiles(comparison, result, versions, now);
  await mkdir(outputFolder, { recursive: true });
  for (const [name, content] of files) await replaceFile(join(outputFolder, name), content);
  return result;
};
