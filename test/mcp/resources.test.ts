// The list of resources over a registry of more families than one page holds.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listResources } from '../../src/mcp/resources.ts';
import { scratchFolder } from '../fs/scratch.ts';

it('comes in pages that together name every family once, and the fixed pages first', async () => {
  const root = scratchFolder('resources');
  const families = Array.from({ length: 450 }, (_, index) => `f${String(index).padStart(3, '0')}`);
  for (const family of families)
    mkdirSync(join(root, 'experiments/artifacts/perf-baselines', family, 'm'), { recursive: true });
  const place = { resolveRoot: () => ({ root, source: 'test' }), productFolder: '.' };
  const uris: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listResources(place, cursor);
    uris.push(...page.resources.map(({ uri }) => uri));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(uris[0]).toBe('perf://baselines');
  expect(uris.filter((uri) => uri.startsWith('perf://baselines/'))).toEqual(
    families.map((family) => `perf://baselines/${family}`),
  );
  expect(new Set(uris).size).toBe(uris.length);
});
