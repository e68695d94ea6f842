import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ceilings, defaultRules, policyFile } from '../../src/verdict/judging-rules.ts';

const folder = mkdtempSync(join(tmpdir(), 'judging-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const METRICS = 'metrics.yaml';
const CEILINGS = 'sol-ceilings.yaml';

const rulesFor = (match: string): string => `- match: ${match}\n  direction: lower-is-better\n  tolerance_percent: 7\n`;
const ceilingOf = (value: number): string =>
  `h200:\n  names: [H200]\n  hbm: { value: ${value}, unit: GB/s, kind: datasheet, source: a data sheet, date: 2026-01-01 }\n`;

let made = 0;
/** A root, or the product's folder, with these files in `configs`. */
const withConfigs = (files: Readonly<Record<string, string>>): string => {
  const place = join(folder, String((made += 1)));
  mkdirSync(join(place, 'configs'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, 'configs', name), text);
  return place;
};

const product = withConfigs({ [METRICS]: rulesFor('shipped_*'), [CEILINGS]: ceilingOf(4800) });
const places = (root: string, env: Readonly<Record<string, string>> = {}) => ({ root, env, productFolder: product });
const matchesOf = async (root: string): Promise<string[]> =>
  (await defaultRules(places(root))).map(({ match }) => match);

describe('the rules for metrics', () => {
  test('are those of the product, with those of the root before them', async () => {
    expect(await matchesOf(withConfigs({}))).toEqual(['shipped_*']);
    expect(await matchesOf(product)).toEqual(['shipped_*']);
    expect(await matchesOf(withConfigs({ [METRICS]: rulesFor('own_*') }))).toEqual(['own_*', 'shipped_*']);
  });

  test('are one list until a file changes, so that what is judged by it can be remembered by it', async () => {
    const root = withConfigs({ [METRICS]: rulesFor('own_*') });
    const first = await defaultRules(places(root));
    expect(await defaultRules(places(root))).toBe(first);
    writeFileSync(join(root, 'configs', METRICS), rulesFor('changed_ones_*'));
    expect(await matchesOf(root)).toEqual(['changed_ones_*', 'shipped_*']);
  });

  test('of a file that somebody named stand alone, and a wrong file is read anew', async () => {
    const root = withConfigs({ 'mine.yaml': '- match: 5\n' });
    const path = join(root, 'configs', 'mine.yaml');
    await expect(policyFile(path)).rejects.toThrow(/match/);
    await expect(policyFile(path)).rejects.toThrow(/match/);
    writeFileSync(path, rulesFor('mine'));
    expect((await policyFile(path)).map(({ match }) => match)).toEqual(['mine']);
  });
});

describe('the ceilings', () => {
  const hbm = async (root: string, env?: Readonly<Record<string, string>>): Promise<number[]> =>
    [...(await ceilings(places(root, env))).byKey.values()].map(({ value }) => value);

  test('are the first of: what the environment names, the root’s, the product’s', async () => {
    const root = withConfigs({ [CEILINGS]: ceilingOf(4000) });
    const elsewhere = join(withConfigs({ 'other.yaml': ceilingOf(3000) }), 'configs', 'other.yaml');
    expect(await hbm(withConfigs({}))).toEqual([4800]);
    expect(await hbm(root)).toEqual([4000]);
    expect(await hbm(root, { SOL_CEILINGS_YAML: elsewhere })).toEqual([3000]);
    expect(await hbm(root, { SOL_CEILINGS_YAML: 'disable' })).toEqual([]);
  });

  test('of a campaign are the nearest above its folder, before those of the root', async () => {
    const root = withConfigs({ [CEILINGS]: ceilingOf(4000) });
    const outer = withConfigs({ [CEILINGS]: ceilingOf(2000) });
    const campaign = join(outer, 'campaigns', 'one');
    const of = async (env?: Readonly<Record<string, string>>) =>
      [...(await ceilings(places(root, env), campaign)).byKey.values()].map(({ value }) => value);
    expect(await of()).toEqual([2000]);
    writeFileSync(join(outer, 'other.yaml'), ceilingOf(1500));
    expect(await of({ SOL_CEILINGS_YAML: join(outer, 'other.yaml') })).toEqual([1500]);
    expect((await ceilings(places(root), withConfigs({}))).byKey.size).toBe(1);
  });
});
