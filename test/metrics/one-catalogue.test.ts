import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { CATALOGUE, LATENCIES, latencyName } from '../../src/metrics/catalogue.ts';

/** Names that only the catalogue should spell: those with a unit or a statistic in them, which are no words of their own. */
const NAMES = new Set(
  [
    ...Object.values(CATALOGUE).map(({ name }) => name),
    ...Object.keys(LATENCIES).flatMap((latency) =>
      ['mean', 'p50', 'p90', 'p95', 'p99'].map((statistic) =>
        latencyName(latency as keyof typeof LATENCIES, statistic),
      ),
    ),
  ].filter((name) => name.includes('_')),
);

/** Files that spell the fields of a format that has names in common with the catalogue, and which format that is. */
const FORMATS: Readonly<Record<string, string>> = {
  'src/campaign/bundles/bundle-facts.ts': 'side files of bundles',
  'src/campaign/bundles/lws-summary.ts': 'summary.json of variants',
  'src/campaign/reconcile/energy.ts': 'counters of a cell',
  'src/campaign/reconcile/own-figures.ts': 'rows of an atlas',
  'src/capacity/candidate.ts': 'rows of an atlas',
  'src/champion/focus.ts': 'rows of an atlas',
  'src/champion/derive-again.ts': 'rows of an atlas',
  'src/importers/atlas-row-age.ts': 'rows of an atlas',
  'src/importers/atlas-samples.ts': 'rows of an atlas',
  'src/importers/atlas.ts': 'rows of an atlas',
  'src/importers/json-document.ts': 'counts of documents of unknown format',
  'src/importers/perfbench.ts': 'inference_perfbench_v1',
  'src/importers/ratchet-result.ts': 'results of the ratchet',
  'src/ratchet/result-file.ts': 'results of the ratchet',
  'src/report/heatmap-layout.ts': 'rows of an atlas',
  'src/report/html/explorer-data.ts': 'rows of an atlas',
  'src/report/html/explorer-section.ts': 'rows of an atlas',
  'src/report/pages/heatmap.ts': 'rows of an atlas',
  'src/report/pages/scatter.ts': 'rows of an atlas',
  'src/report/scatter-panels.ts': 'rows of an atlas',
  'src/roofline/row-bound.ts': 'rows of an atlas',
  'tools/analysis/roofline-estimate.ts': 'fields of the call',
  'src/verdict/context-match.ts': 'fields of the context',
};

const literalsIn = (file: string): string[] => {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && NAMES.has(node.text)) found.push(node.text);
    node.forEachChild(visit);
  };
  visit(source);
  return found;
};

test('a metric is spelled in the catalogue, and elsewhere only as a field of a format', () => {
  const files = ['src', 'tools'].flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.generated.ts'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !file.startsWith('src/metrics/')),
  );
  const spelled = Object.fromEntries(
    files.map((file) => [file, [...new Set(literalsIn(file))].sort()]).filter(([, names]) => names?.length !== 0),
  );
  expect(Object.keys(spelled).filter((file) => FORMATS[file] === undefined)).toEqual([]);
  expect(Object.keys(FORMATS).filter((file) => spelled[file] === undefined)).toEqual([]);
});
