// Checks the folder rules of the project: imports go from right to left over the tiers below, no cycles, every heavy
// library is imported in the one place named for it, no catch-all file names. Type-only imports count too.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import ts from 'typescript';

/** Tiers from left to right. A folder imports from tiers to its left, never from a neighbour of its own tier. */
const TIERS: readonly (readonly string[])[] = [
  ['src/text', 'src/stats', 'src/fs'],
  ['src/render'],
  ['src/exec'],
  ['src/drivers'],
  ['src/metrics', 'src/hardware'],
  ['src/verb'],
  ['src/verdict', 'src/importers', 'src/sqlite'],
  ['src/profile', 'src/roofline', 'src/load', 'src/cluster'],
  ['src/source', 'src/telemetry'],
  ['src/registry'],
  ['src/compare'],
  ['src/jobs'],
  [
    'src/envelope',
    'src/campaign',
    'src/evidence',
    'src/capture',
    'src/ratchet',
    'src/autotune',
    'src/sota',
    'src/trend',
  ],
  ['src/capacity'],
  ['src/champion', 'src/lake'],
  ['src/report'],
  ['src/site'],
  ['tools'],
  ['src/catalog'],
  ['src/mcp', 'src/cli'],
];

/** Tiers of the rooms inside a folder, by the same rule; `.` stands for the files in its root. */
const ROOMS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'src/profile': [['model'], ['kernels', 'collectives'], ['nsys', 'inputs', 'diff'], ['read', 'text'], ['.']],
};

/** Neighbours of one tier that may meet all the same: [imported, importing]. */
const NEIGHBOURS: readonly (readonly [string, string])[] = [
  ['src/text', 'src/fs'],
  ['src/text', 'src/stats'],
  ['src/metrics', 'src/hardware'],
  ['src/mcp', 'src/cli'],
];

/** Package name (or prefix ending in `/`) to the only folder or file that may import it. */
const HOMES: Readonly<Record<string, string>> = {
  '@modelcontextprotocol/': 'src/mcp',
  execa: 'src/exec',
  child_process: 'src/exec',
  pino: 'src/verb/pino-package.ts',
  commander: 'src/verb/flags.ts',
  ajv: 'src/text/ajv-package.ts',
  'ajv-formats': 'src/text/ajv-package.ts',
  yaml: 'src/text/yaml-package.ts',
  'csv-parse': 'src/text/csv.ts',
  'node-sqlite3-wasm': 'src/sqlite',
  hyparquet: 'src/profile/inputs',
  'simple-statistics': 'src/stats',
  'd3-array': 'src/render',
  'd3-scale': 'src/render',
  'd3-shape': 'src/render',
  'string-width': 'src/render/cell-width.ts',
  '@resvg/resvg-js': 'src/render/resvg-package.ts',
  unpdf: 'src/render/pdf-reader-package.ts',
  '@myriaddreamin/typst-ts-node-compiler': 'src/render/typst-package.ts',
};

const FORBIDDEN_NAMES = /(^|[/-])(utils?|helpers?|common|misc)(\.ts$|\/)/;

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));

const folderOf = (file: string): string | undefined => TIERS.flat().find((folder) => file.startsWith(`${folder}/`));
const tierOf = (folder: string): number => TIERS.findIndex((tier) => tier.includes(folder));

const roomOf = (folder: string, file: string): string => dirname(relative(folder, file)).split('/')[0] ?? '.';

const roomProblem = (folder: string, from: string, to: string): string | undefined => {
  const tiers = ROOMS[folder];
  const [fromRoom, toRoom] = [roomOf(folder, from), roomOf(folder, to)];
  if (tiers === undefined || fromRoom === toRoom) return undefined;
  const [fromTier, toTier] = [fromRoom, toRoom].map((room) => tiers.findIndex((tier) => tier.includes(room)));
  if (fromTier === undefined || fromTier < 0) return `${from}: its room has no tier in scripts/layers.ts`;
  if (toTier !== undefined && toTier < fromTier) return undefined;
  return `${from} imports ${to}: in ${folder}, ${fromRoom} may only import from rooms to its left`;
};

const edgeProblem = (from: string, to: string): string | undefined => {
  const [fromFolder, toFolder] = [folderOf(from), folderOf(to)];
  if (fromFolder === undefined || toFolder === undefined) return undefined;
  if (fromFolder === toFolder) return roomProblem(fromFolder, from, to);
  if (tierOf(toFolder) < tierOf(fromFolder)) return undefined;
  if (NEIGHBOURS.some(([imported, importing]) => imported === toFolder && importing === fromFolder)) return undefined;
  return `${from} imports ${to}: ${fromFolder} may only import from tiers to its left`;
};

const packageProblem = (from: string, specifier: string): string | undefined => {
  const name = specifier.replace(/^node:/, '');
  const rule = Object.keys(HOMES).find((key) => name === key || name.startsWith(key.endsWith('/') ? key : `${key}/`));
  const home = rule === undefined ? undefined : HOMES[rule];
  if (home === undefined || from === home || from.startsWith(`${home}/`)) return undefined;
  return `${from} imports ${specifier}: only ${home} may`;
};

const problems: string[] = [];
const graph = new Map<string, string[]>();
for (const file of [...sources('src'), ...sources('tools')]) {
  if (folderOf(file) === undefined) problems.push(`${file}: its folder has no tier in scripts/layers.ts`);
  if (FORBIDDEN_NAMES.test(file)) problems.push(`${file}: name it after what it does`);
  const specifiers = ts
    .preProcessFile(readFileSync(file, 'utf8'), true, true)
    .importedFiles.map((found) => found.fileName);
  const local = specifiers.filter((name) => name.startsWith('.')).map((name) => normalize(join(file, '..', name)));
  const found = [
    ...local.map((to) => edgeProblem(file, to)),
    ...specifiers.filter((name) => !name.startsWith('.')).map((name) => packageProblem(file, name)),
  ];
  problems.push(...found.filter((problem) => problem !== undefined));
  graph.set(file, local);
}

const state = new Map<string, 'open' | 'done'>();
const visit = (file: string, path: readonly string[]): void => {
  if (state.get(file) === 'done') return;
  if (state.get(file) === 'open') {
    problems.push(`cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
    return;
  }
  state.set(file, 'open');
  for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
  state.set(file, 'done');
};
for (const file of graph.keys()) visit(file, []);

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
