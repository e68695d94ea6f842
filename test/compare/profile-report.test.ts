import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { writeProfileReport } from '../../src/compare/profile-report.ts';
import { diffProfiles } from '../../src/profile/diff-profiles.ts';
import { verbContext } from '../campaign/verb-context.ts';
import { scratchFolder } from '../fs/scratch.ts';
import { smallSide, times } from '../profile/small-side.ts';

const root = scratchFolder('profile-report');
const side = (ns: number, id: string) =>
  smallSide({ calls: [{ kernel: 'softmax', ns: times(10, ns) }], facts: { contentId: id } });
const diff = diffProfiles([side(1000, 'a')], [side(1300, 'b')]);

test('a report of profiles goes into a folder of its own, whole', async () => {
  const { markdown, json, svg } = await writeProfileReport(diff, verbContext(root), { limit: 10 });
  expect(dirname(markdown)).toMatch(/experiments\/artifacts\/profile-diffs\/[^/]+$/);
  expect(readdirSync(dirname(markdown)).sort()).toEqual(['profile-diff.json', 'profile-diff.md', 'profile-diff.svg']);
  expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual(JSON.parse(JSON.stringify(diff)));
  expect(readFileSync(svg, 'utf8')).toMatch(/^<svg/);
  expect(readFileSync(markdown, 'utf8')).toContain('softmax');
});

test.each([
  [{ out: 'a/report.md' }, ['a/report.md', 'a/report.json', 'a/report.svg']],
  [{ jsonOut: 'b/data.json' }, ['b/data.md', 'b/data.json', 'b/data.svg']],
  [{ out: 'c/report.txt', jsonOut: 'd/other' }, ['c/report.txt', 'd/other', 'c/report.svg']],
])('or beside the file that is named: %j', async (names, files) => {
  const placed = Object.fromEntries(Object.entries(names).map(([name, path]) => [name, join(root, path)]));
  const { markdown, json, svg } = await writeProfileReport(diff, verbContext(root), { ...placed, limit: 10 });
  expect([markdown, json, svg]).toEqual(files.map((path) => join(root, path)));
  expect([markdown, json, svg].every((path) => existsSync(path))).toBe(true);
  expect(readFileSync(json, 'utf8')).toMatch(/^\{/);
});
