// atlas_aggregate is killed at moments spread over its run: the atlas that readers see is always a whole one, and the next aggregate
// goes on as if nothing had happened.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CELL } from '../campaign/bundles.ts';
import { freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

const CELLS = 120;
const KILLS = 5;

const { concurrencies: _asked, ...IDENTITY } = CELL;

let root: string;
let campaign: string;

const put = (cell: number, ttft: number): void => {
  const folder = join(campaign, 'cells', `c${String(cell).padStart(3, '0')}`);
  mkdirSync(folder, { recursive: true });
  const rows = [1, 8, 32].map((concurrency) => ({
    ...IDENTITY,
    cell_id: `c${String(cell).padStart(3, '0')}`,
    concurrency,
    status: 'full',
    ttft_avg_ms: ttft,
    request_throughput_avg: 2,
  }));
  writeFileSync(join(folder, 'normalized.json'), JSON.stringify(rows));
};

const aggregate = (onStart?: (pid: number) => void): Promise<Finished> =>
  runCli(['atlas_aggregate', campaign, '--json'], { root, program: resolve('dist/perftunereport.mjs'), ...(onStart === undefined ? {} : { onStart }) }); // prettier-ignore

const atlas = (): string => readFileSync(join(campaign, 'atlas.jsonl'), 'utf8');

/** The figure of every cell, by the lines of the atlas. */
const figures = (): number[] => atlas().trimEnd().split('\n').map((line) => JSON.parse(line).ttft_avg_ms); // prettier-ignore

beforeAll(() => {
  root = freshRoot();
  campaign = join(root, 'campaigns', '20261128T010203Z-kills');
  for (let cell = 0; cell < CELLS; cell += 1) put(cell, 1);
});
afterAll(() => removeRoot(root));

test('an aggregate that is killed leaves the old atlas or the new one, whole', async () => {
  const started = performance.now();
  jsonOf(await aggregate());
  const whole = performance.now() - started;
  let killed = 0;
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const before = atlas();
    for (let cell = 0; cell < CELLS; cell += 1) put(cell, kill + 1);
    const { signal } = await aggregate((pid) => {
      setTimeout(
        () => {
          try {
            process.kill(pid, 'SIGKILL');
          } catch {
            // It has ended by itself: the kill came too late.
          }
        },
        whole * (0.3 + (0.8 * kill) / KILLS),
      );
    });
    killed += signal === 'SIGKILL' ? 1 : 0;
    const seen = new Set(figures());
    expect(figures()).toHaveLength(3 * CELLS);
    expect(seen.size).toBe(1);
    if (!seen.has(kill + 1)) expect(atlas()).toBe(before);
  }
  expect(killed).toBeGreaterThan(0);
  jsonOf(await aggregate());
  expect(new Set(figures())).toEqual(new Set([KILLS + 1]));
  expect(readdirSync(join(campaign, '.staging'))).toEqual([]);
  const after = atlas();
  rmSync(join(campaign, '.aggregate.json'));
  jsonOf(await aggregate());
  expect(atlas()).toBe(after);
}, 120_000);
