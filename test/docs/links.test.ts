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

const commandLines = PAGES.flatMap((page) =>
  blocksOf(page).flatMap(({ line, text }) =>
    [...text.replaceAll(/\\\n\s*/g, '').matchAll(/\b(profile-and-optimize|bench) ([a-z_]+) (.*)$/gm)].map(
      ([whole, program, word = '', rest = '']) => ({
        at: `${page}:${line}: ${whole}`,
        verb: program === 'bench' ? `bench_${word}` : word,
        flags: [...rest.matchAll(/(?:^|\s)--([a-z][a-z_-]*)/g)].map(([, flag = '']) => flag.replaceAll('_', '-')),
      }),
    ),
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
