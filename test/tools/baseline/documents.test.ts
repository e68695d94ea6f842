// Every document that recording and comparing write fits the schema that is published for it.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { makeExport } from '../../profile/make-export.ts';
import { openWorkbench } from './workbench.ts';

const bench = openWorkbench('documents');
const artifacts = join(bench.root, 'experiments', 'artifacts');
const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');
const place = join(artifacts, 'perf-baselines', 'f');

const problems = (schema: string, documents: readonly unknown[]): unknown[] => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  const validate = ajv.compile(JSON.parse(read('schemas', `${schema}.json`)));
  return documents.flatMap((document) => (validate(document) ? [] : (validate.errors ?? [])));
};

const objectLines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const examples = ['vllm-serve-baseline.json', 'nccl-all-reduce.txt', 'inference-perfbench.json'];

describe('written documents', () => {
  it('fit their schemas', async () => {
    const scalar = { unit: 'GB/s', sol_ceiling_key: ['b200_sm100.nvlink5_tbps'] };
    const number = bench.file('310.txt', '310');
    await bench.record('busbw', number, { ...scalar, values: [310, 309.2, 311], context: { n_gpus: 8, node: 'n1' } });
    await bench.record('busbw', number, {
      ...scalar,
      trials: [{ values: { busbw: 310 }, validity: ['throttle'] }, { values: { busbw: 309 } }],
    });
    await bench.diff('busbw', [], { current_value: [295, 290, 300], context: { n_gpus: 4 }, axis: ['driver'] });
    await bench.diff('busbw', number);
    for (const name of examples) {
      const source = join('examples/measurements', name);
      await bench.record(basename(name).replace('.', '_'), join(process.cwd(), source), { notes: 'x'.repeat(100) });
      await bench.diff(basename(name).replace('.', '_'), join(process.cwd(), source));
    }
    const folder = join(bench.file('folder/a.json', { x_ms: 1 }), '..');
    await bench.record('folder', folder);
    await bench.diff('folder', folder);
    makeExport(join(bench.root, 'a.sqlite'), { kernels: [{ name: 'gemm', ns: 5000 }] });
    makeExport(join(bench.root, 'b.sqlite'), {
      kernels: [
        { name: 'gemm', ns: 9000 },
        { name: 'extra', ns: 100 },
      ],
    });
    await bench.record('profile', join(bench.root, 'a.sqlite'));
    const profile = await bench.diff('profile', join(bench.root, 'b.sqlite'));
    await bench.answer('tag', { entry: 'f/busbw', tag: 'golden', note: 'why' });
    await bench.answer('tag', { entry: 'f/busbw', tag: 'golden', remove: true });

    const measurements = readdirSync(place);
    expect(measurements).toHaveLength(6);
    for (const name of measurements) {
      const entries = readdirSync(join(place, name)).filter((slug) => /^\d{8}T/.test(slug));
      const baselines = entries.map((slug) => JSON.parse(read(place, name, slug, 'baseline.json')));
      expect(problems('baseline.v1', baselines), name).toEqual([]);
      expect(
        problems(
          'context.v1',
          baselines.map(({ context }) => context),
        ),
      ).toEqual([]);
      expect(problems('index-row.v1', objectLines(read(place, name, 'index.jsonl')))).toEqual([]);
      expect(problems('chain-link.v1', objectLines(read(place, name, 'chain.jsonl')))).toEqual([]);
      const diffs = join(artifacts, 'perf-baseline-diffs', 'f', name);
      const written = readdirSync(diffs).map((slug) => JSON.parse(read(diffs, slug, 'diff.json')));
      expect(written.length).toBeGreaterThan(0);
      expect(problems('diff.v1', written), name).toEqual([]);
    }
    expect(problems('tag-line.v1', objectLines(read(place, 'busbw', 'tags.jsonl')))).toEqual([]);
    expect(problems('profile-diff.v1', [JSON.parse(read(profile['diff_dir'], 'diff.json')).profile])).toEqual([]);
  });

  it.each([
    ['baseline.v1', { schema_version: 1 }],
    ['diff.v1', { shape: 'scalar' }],
    ['chain-link.v1', { seq: -1 }],
    ['index-row.v1', {}],
    ['tag-line.v1', { tag: 1 }],
    ['job-state.v1', {}],
  ])('%s refuses what it does not describe', (schema, document) => {
    expect(problems(schema, [document])).not.toEqual([]);
  });
});
