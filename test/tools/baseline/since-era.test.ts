// Steps that each lie within the tolerance add up; the comparison with the newest entry names what they come to.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWorkbench, type Answer } from './workbench.ts';

const bench = openWorkbench('since-era');

const document = (milliseconds: number, throughput = 1000) => ({ itl_p50_ms: milliseconds, req_per_s: throughput });

/** Ten entries, each 2 percent slower than the one before. */
const boil = async (name: string): Promise<string[]> => {
  const slugs: string[] = [];
  for (let step = 0; step < 10; step += 1) {
    const source = bench.file(`${name}-${step}.json`, document(10 * 1.02 ** step, 1000 / 1.02 ** step));
    slugs.push((await bench.record(name, source))['slug']);
  }
  return slugs;
};
const next = (name: string): string => bench.file(`${name}-next.json`, document(10 * 1.02 ** 10, 1000 / 1.02 ** 10));

describe('a slow worsening inside the tolerance', () => {
  it('is named by the diff, outside its colour', async () => {
    const slugs = await boil('frog');
    const answer: Answer = await bench.diff('frog', next('frog'), { strict: true });
    expect(answer).toMatchObject({ verdict: 'GREEN', exit: 0, since_oldest: { slug: slugs[0] } });
    expect(answer['since_oldest'].rows).toMatchObject([{ key: 'req_per_s', beyond: true }]);
    expect(answer['since_oldest'].rows[0].delta_pct).toBeCloseTo(100 * (1 / 1.02 ** 10 - 1), 6);
    expect(answer['text']).toContain(
      `warning: since the oldest entry of this era (${slugs[0] ?? ''}): req_per_s -18.0%`,
    );
    expect(answer).not.toHaveProperty('since_golden');
    const file: Answer = JSON.parse(readFileSync(join(answer['diff_dir'], 'diff.json'), 'utf8'));
    expect(file['since_oldest']).toEqual(answer['since_oldest']);
  });

  it('is named against the golden entry too', async () => {
    const slugs = await boil('gold');
    await bench.answer('tag', { entry: `f/gold@${slugs[4] ?? ''}`, tag: 'golden' });
    const answer = await bench.diff('gold', next('gold'));
    expect(answer).toMatchObject({ since_golden: { slug: slugs[4], rows: [{ key: 'req_per_s', beyond: true }] } });
    expect(answer['text']).toMatch(/warning: since @golden \(\w+\): req_per_s -11\.2%/);
  });

  it('reads the oldest entry and the baseline only, whatever lies between', async () => {
    const slugs = await boil('lean');
    for (const slug of slugs.slice(1, -1))
      rmSync(join(bench.root, 'experiments/artifacts/perf-baselines/f/lean', slug, 'baseline.json'));
    expect(await bench.diff('lean', next('lean'))).toMatchObject({ since_oldest: { slug: slugs[0] } });
  });

  it('is passed over where the oldest entry cannot be read', async () => {
    const [oldest = ''] = await boil('torn');
    rmSync(join(bench.root, 'experiments/artifacts/perf-baselines/f/torn', oldest, 'baseline.json'));
    const answer = await bench.diff('torn', next('torn'));
    expect(answer).toMatchObject({ verdict: 'GREEN' });
    expect(answer).not.toHaveProperty('since_oldest');
  });

  it('is found in an index of an older version, whose rows do not say where their era began', async () => {
    const slugs = await boil('old-index');
    const rows = join(bench.root, 'experiments/artifacts/perf-baselines/f/old-index/index.jsonl');
    writeFileSync(rows, readFileSync(rows, 'utf8').replaceAll(/"era":"\w+",/g, ''));
    expect(await bench.diff('old-index', next('old-index'))).toMatchObject({ since_oldest: { slug: slugs[0] } });
  });

  it('begins anew where the context changed', async () => {
    const slugs: string[] = [];
    for (const [step, tp] of [1, 2, 2].entries()) {
      const source = bench.file(`era-${step}.json`, document(10 + step / 10));
      slugs.push((await bench.record('era', source, { context: { tp } }))['slug']);
    }
    const answer = await bench.diff('era', next('era'), { context: { tp: 2 } });
    expect(answer).toMatchObject({ since_oldest: { slug: slugs[1] } });
  });

  it('says nothing where the baseline is the oldest entry', async () => {
    await bench.record('first', bench.file('first.json', document(10)));
    const answer = await bench.diff('first', next('first'));
    expect(answer).not.toHaveProperty('since_oldest');
    expect(answer['text']).not.toContain('since');
  });

  it('is a plain line where the metric is within its tolerance', async () => {
    await bench.record('calm', bench.file('calm-0.json', document(10)));
    await bench.record('calm', bench.file('calm-1.json', document(10)));
    const { text } = await bench.diff('calm', bench.file('calm-2.json', document(10, 990)));
    expect(text).toMatch(/\nsince the oldest entry of this era \(\w+\): req_per_s -1\.0%/);
  });
});

const GATES = join('..', 'shared', 'cases', 'gates');

describe.skipIf(!existsSync(GATES))('the shared series from frog0 to frog11', () => {
  it('is named with its whole length', async () => {
    const read = (file: string): string => readFileSync(join(GATES, file), 'utf8');
    await bench.record('shared', bench.file('frog0.json', read('frog0.json')));
    for (let step = 1; step < 11; step += 1) {
      const between = read('frog0.json').replace(/"median_ms": [\d.]+/, `"median_ms": ${10 * 1.02 ** step}`);
      await bench.record('shared', bench.file(`between-${step}.json`, between));
    }
    const answer = await bench.diff('shared', bench.file('frog11.json', read('frog11.json')));
    expect(answer).toMatchObject({ verdict: 'GREEN' });
    expect(answer['text']).toMatch(/warning: since the oldest entry of this era \(\w+\): .* \+24\.3%/);
  });
});
