// Every link of a page leads somewhere, and what pages say of names is true.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { TERMINAL_FLAGS } from '../../src/cli/terminal-flags.ts';
import { FAMILIES } from '../../src/verb/vocabulary.ts';
import { anchorsOf, blocksOf, PAGES, proseOf } from './pages.ts';

const linksOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, target = '']) => target);

describe.each(PAGES)('%s', (page) => {
  it('leads only to files and headings that are there', () => {
    const broken = linksOf(page).filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : normalize(join(dirname(page), path));
      return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('calls only verbs that exist', () => {
    const called = blocksOf(page).flatMap(({ text }) =>
      [...text.matchAll(/^profile-and-optimize ([a-z]+_[a-z_]+)/gm)].map(([, name = '']) => name),
    );
    const verbs = MANIFEST.map(({ name }) => name);
    expect(called.filter((name) => !verbs.includes(name))).toEqual([]);
  });
});

const TERMINAL = TERMINAL_FLAGS.map(({ flag }) => flag.slice(2));

/** Fields of a verb by every spelling that the command line takes. */
const flagsOf = (verb: string): string[] => {
  const entry = MANIFEST.find(({ name }) => name === verb);
  if (entry === undefined) return [];
  const { input_schema: schema, aliases, keyed_flags: keyed } = entry;
  const names = [...Object.keys(schema.properties), ...Object.keys(aliases), 'json', 'help', ...TERMINAL];
  return [...names.flatMap((name) => [name, `no-${name}`]), ...Object.keys(keyed)].map((name) =>
    name.replaceAll('_', '-'),
  );
};

/** What stands before the name of a verb that a program knows by a shorter one. */
const PREFIXES: Readonly<Record<string, string>> = { bench: 'bench_', perftunereport: 'perf_tune_report_' };

const commandLines = PAGES.flatMap((page) =>
  blocksOf(page).flatMap(({ line, text }) =>
    [
      ...text.replaceAll(/\\\n\s*/g, '').matchAll(/\b(profile-and-optimize|perftunereport|bench) ([a-z_]+) (.*)$/gm),
    ].map(([whole, program = '', word = '', rest = '']) => ({
      at: `${page}:${line}: ${whole}`,
      verb: `${PREFIXES[program] ?? ''}${word}`,
      flags: [...rest.matchAll(/(?:^|\s)--([a-z][a-z_-]*)/g)].map(([, flag = '']) => flag.replaceAll('_', '-')),
    })),
  ),
);

it('every flag of every command in the pages is a field of its verb', () => {
  const known = commandLines.filter(({ verb }) => MANIFEST.some(({ name }) => name === verb));
  expect(known.length).toBeGreaterThan(30);
  const wrong = known.flatMap(({ at, verb, flags }) =>
    flags.filter((flag) => !flagsOf(verb).includes(flag)).map((flag) => `${at}: --${flag}`),
  );
  expect(wrong).toEqual([]);
});

it('the page of toolsets has every family that has verbs, and links to its verbs', () => {
  const text = readFileSync('docs/toolsets.md', 'utf8');
  const used = FAMILIES.filter((family) => MANIFEST.some((entry) => entry.family === family));
  for (const family of used) expect(text).toContain(`| \`${family}\``);
  for (const family of used) expect(text).toContain(`(verbs.md#${family})`);
});

const sourcesOf = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(?:ts|mjs)$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));

it('the page of environment variables has each one that the code reads, and no other', () => {
  const code = ['src', 'tools', 'scripts', 'bench'].flatMap(sourcesOf).join('\n');
  const read = [...code.matchAll(/\benv(?:\.|\[')([A-Z][A-Z0-9_]+)/g)].map(([, name = '']) => name);
  const rows = [...readFileSync('docs/environment.md', 'utf8').matchAll(/^\| ((?:`[A-Z][A-Z0-9_]+`(?:, )?)+)/gm)];
  const listed = rows.flatMap(([, cell = '']) => [...cell.matchAll(/`([A-Z0-9_]+)`/g)].map(([, name = '']) => name));
  expect([...new Set(listed)].sort()).toEqual([...new Set(read)].sort());
});

/** Sources in which a name that a page mentions must stand. */
const SOURCES = ['src', 'tools', 'schemas', 'configs', 'scripts', 'bench', 'test', '.github'];
/** Flags of other programs that the pages speak of. */
const FOREIGN_FLAGS = ['--save-detailed', '--export', '--user', '--scope'];

describe('what the pages name', () => {
  const everything = SOURCES.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.parentPath !== join('test', 'docs'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  ).join('\n');
  const named = (page: string, pattern: RegExp): string[] =>
    [...readFileSync(page, 'utf8').matchAll(/`([^`\n]+)`/g)].flatMap(([, span = '']) => span.match(pattern) ?? []);
  // The changelog also names what is gone; the names of metrics are put together from the catalogue, of which their page is made.
  const pages = PAGES.filter((page) => !['CHANGELOG.md', 'docs/metrics.md'].includes(page));

  it.each(pages)('%s: every name with an underscore is one of the code', (page) => {
    const names = named(page, /(?<![\w.-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?!\w)/g);
    expect([...new Set(names)].filter((name) => !everything.includes(name))).toEqual([]);
  });

  it.each(pages)('%s: every flag is one of the code', (page) => {
    const flags = named(page, /(?<![\w-])--[a-z][a-z_-]+/g).filter((flag) => !FOREIGN_FLAGS.includes(flag));
    const isKnown = (flag: string): boolean =>
      everything.includes(flag) || everything.includes(flag.slice(2).replaceAll('-', '_'));
    expect([...new Set(flags)].filter((flag) => !isKnown(flag))).toEqual([]);
  });

  it.each(pages)('%s: every file of the project is there', (page) => {
    const paths = named(page, /(?<![\w/.-])(?:src|test|tools|scripts|bench|docs|schemas|examples)\/[\w./-]+\.[a-z]+/g);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});

it('the page of retention has every folder of artifacts that the code writes', () => {
  const text = readFileSync('docs/retention.md', 'utf8');
  const code = ['src', 'tools'].flatMap(sourcesOf).join('\n');
  const folders = [...code.matchAll(/artifactsFolder\([\w.]+\), '([a-z-]+)'|kind: '(bench-[a-z]+)'/g)];
  const names = [...new Set(folders.map(([, first, second]) => first ?? second ?? ''))];
  expect(names.length).toBeGreaterThan(8);
  expect(names.filter((name) => !text.includes(`${name}/`))).toEqual([]);
});

it('the page of benchmarks names each that `npm run bench` knows', () => {
  const known = /const BENCHMARKS[^{]*\{([^}]*)\}/.exec(readFileSync('bench/main.ts', 'utf8'))?.[1] ?? '';
  const names = [...known.matchAll(/^ {2}'?([a-z-]+)'?:/gm)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(5);
  const text = readFileSync('docs/benchmarks.md', 'utf8');
  expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});
