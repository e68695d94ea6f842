import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const rules = readFileSync('scripts/layers.ts', 'utf8');
const page = readFileSync('docs/architecture.md', 'utf8');

/** The tiers of a rule by name, each a list of room names. */
const tiersOf = (block: string): string[][] =>
  [...block.matchAll(/\[([^[\]]*)\]/g)].map(([, names = '']) =>
    [...names.matchAll(/'(?:src\/)?([^']+)'/g)].map(([, name = '']) => name),
  );

const between = (text: string, start: string, end: string): string => {
  const from = text.indexOf(start) + start.length;
  return text.slice(from, text.indexOf(end, from));
};

describe('the page of the architecture', () => {
  it('draws the tiers that the check enforces, in their order', () => {
    const drawn = [...page.matchAll(/^\| *\d+ *\| ([^|]+)\|/gm)].map(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    );
    expect(drawn).toEqual(tiersOf(between(rules, 'const TIERS: readonly (readonly string[])[] = [', '\n];')));
  });

  it('names the rooms of profiles in their order', () => {
    const [, line = ''] = /^`profile` has rooms[^:]*: (.*) < its root\.$/m.exec(page) ?? [];
    const drawn = line.split(' < ').map((tier) => [...tier.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
    const [, block = ''] = /'src\/profile': \[(.*)\],\n/.exec(rules) ?? [];
    expect([...drawn, ['.']]).toEqual(tiersOf(block));
  });

  it('names files that exist', () => {
    for (const [, path = ''] of page.matchAll(/`((?:src|test|scripts|configs|tools)\/[A-Za-z0-9/._-]+\.(?:ts|yaml))`/g))
      expect(() => readFileSync(path), path).not.toThrow();
  });
});
