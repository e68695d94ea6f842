// Names every export of src/ and tools/ that the programs never use: code that only tests call, or nobody. Goes by names and
// files alone, so that the check takes a second: an export counts as used where a file outside test/ imports it from there, or
// where its own file uses it.
import { readFileSync, readdirSync } from 'node:fs';
import { join, normalize } from 'node:path';
import ts from 'typescript';

const CHECKED = ['src', 'tools'];
const USERS = ['src', 'tools', 'scripts', 'bench'];

/** Exports that something outside the sources reads by name: the build, and whoever loads a verb. */
const isEntry = (file: string, name: string): boolean =>
  file.startsWith('tools/') ||
  file.startsWith('src/cli/bin/') ||
  (file === 'src/jobs/job-module.ts' && name === 'body');

/** Kept for the part that is to use it. Nothing else belongs here. */
const WAITING: Readonly<Record<string, string>> = {
  'src/metrics/metric-class.ts#isThroughputClass': 'tiers and advice ask one table which metrics are rates',
  'src/metrics/metric-class.ts#isDecodeMetric': 'tiers and advice ask one table which metrics are rates',
  'src/fs/named-text.ts#CONFIGURATION_BYTES': 'configurations read with a limit of their own',
  'src/verdict/tolerance.ts#percentTolerance': 'one grammar of tolerances for every verb',
  'src/fs/root.ts#campaignsFolder': 'campaigns',
  'src/hardware/ceilings.ts#hardwareKey': 'roofline',
  'src/importers/json-path.ts#renderPath': 'the writing half of one grammar, whose law is tested',
  'src/metrics/catalogue.ts#METRIC_IDS': 'readers take their names from the catalogue',
  'src/metrics/catalogue.ts#LATENCY_NAMES': 'readers take their names from the catalogue',
  'src/metrics/catalogue.ts#latencyNamed': 'readers take their names from the catalogue',
  'src/metrics/catalogue.ts#writtenBy': 'readers take their names from the catalogue',
  'src/metrics/catalogue.ts#latenciesWrittenBy': 'readers take their names from the catalogue',
  'src/metrics/catalogue.ts#nameOf': 'readers take their names from the catalogue',
  'src/metrics/catalogue.ts#latencyName': 'readers take their names from the catalogue',
};

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(?:ts|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));

const parse = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true);

const isExported = (node: ts.Statement): boolean =>
  ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;

/** Names that a binding introduces; more than one where it takes a value apart. */
const boundNames = (name: ts.BindingName): string[] =>
  ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundNames(element.name)));

const exportsOf = (source: ts.SourceFile): string[] =>
  source.statements.flatMap((node) => {
    if (!isExported(node)) return [];
    if (ts.isVariableStatement(node)) return node.declarationList.declarations.flatMap(({ name }) => boundNames(name));
    const named = ts.isFunctionDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
    return (named || ts.isClassDeclaration(node)) && node.name !== undefined ? [node.name.text] : [];
  });

/** `file#name` of everything that a file takes from others; `file#*` where it takes the whole file. */
const usesOf = (source: ts.SourceFile): string[] => {
  const uses: string[] = [];
  const target = (node: ts.Node | undefined): string | undefined =>
    node !== undefined && ts.isStringLiteral(node) && node.text.startsWith('.')
      ? normalize(join(source.fileName, '..', node.text))
      : undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const file = target(node.moduleSpecifier);
      const bindings = ts.isImportDeclaration(node) ? node.importClause?.namedBindings : node.exportClause;
      if (file !== undefined && bindings !== undefined && (ts.isNamedImports(bindings) || ts.isNamedExports(bindings)))
        uses.push(...bindings.elements.map(({ name, propertyName }) => `${file}#${(propertyName ?? name).text}`));
      else if (file !== undefined) uses.push(`${file}#*`);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const file = target(node.arguments[0]);
      if (file !== undefined) uses.push(`${file}#*`);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const file = target(node.argument.literal);
      if (file !== undefined) uses.push(`${file}#*`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return uses;
};

/** How often each identifier stands in a file. */
const countsOf = (source: ts.SourceFile): Map<string, number> => {
  const counts = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) counts.set(node.text, (counts.get(node.text) ?? 0) + 1);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return counts;
};

const sources = new Map(USERS.flatMap(filesUnder).map((file) => [file, parse(file)] as const));
const used = new Set([...sources.values()].flatMap(usesOf));
/** Files that the build or another program names by their path. */
const named = [...sources.values()].map(({ text }) => text).join('\n');

const unused = [...sources]
  .filter(([file]) => CHECKED.some((folder) => file.startsWith(`${folder}/`)))
  .flatMap(([file, source]) => {
    const counts = countsOf(source);
    const isUsed = (name: string): boolean =>
      used.has(`${file}#${name}`) ||
      used.has(`${file}#*`) ||
      (counts.get(name) ?? 0) > 1 ||
      `${file}#${name}` in WAITING ||
      isEntry(file, name);
    const names = exportsOf(source).filter((name) => !isUsed(name));
    return names.map((name) => `${file}: nothing but tests uses ${name}: remove it, or move it to test/`);
  });

const fileOf = (use: string): string => use.slice(0, use.indexOf('#'));
const imported = new Set([...used, ...Object.keys(WAITING)].map(fileOf));
const unreached = [...sources.keys()].filter(
  (file) => file.startsWith('src/') && !imported.has(file) && !file.startsWith('src/cli/bin/') && !named.includes(file),
);

for (const problem of unused) console.error(problem);
for (const file of unreached) console.error(`${file}: no program imports it`);
if (unused.length + unreached.length > 0) process.exit(1);
