// Measurements as tools write them, those of this repository and real ones beside it: recorded as they are, the same again is
// GREEN, one headline value 25 percent worse is RED and named. The worse value is always written into the text of the file.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MEASURED, REFUSED, SAMPLE_FOLDERS } from '../../importers/samples-table.ts';
import { changeInText } from './changed-text.ts';
import { openWorkbench, type Answer } from './workbench.ts';

const bench = openWorkbench('samples');

interface Worse {
  readonly key: string;
  readonly text: string;
}

/** The first headline of a comparison that one number of the text carries, and the text with it 25 percent worse. */
const makeWorse = async (source: string, { diff_dir: folder }: Answer): Promise<Worse> => {
  const text = readFileSync(source, 'utf8');
  const rows: Answer[] = JSON.parse(readFileSync(`${folder}/diff.json`, 'utf8')).deltas;
  const headline = rows.filter((row) => row['headline'] === true);
  for (const { key, baseline: value, direction } of headline) {
    const changed = await changeInText(source, text, { key, value }, direction === 'lower-is-better' ? 1.25 : 0.75);
    if (changed !== undefined) return { key, text: changed };
  }
  throw new Error(`${source}: no number of the text carries one of the ${headline.length} headlines`);
};

let count = 0;
const expectJudged = async (source: string): Promise<void> => {
  const name = `m${(count += 1)}`;
  await bench.record(name, source);
  const same = await bench.diff(name, source);
  expect(same).toMatchObject({ verdict: 'GREEN', adverse: [], improved: [], vanished: [], added: [] });
  const { key, text } = await makeWorse(source, same);
  const worse = await bench.diff(name, bench.file(`${name}/${basename(source)}`, text));
  expect(worse['verdict']).toBe('RED');
  const named = worse['adverse'].find((row: Answer) => row['key'] === key);
  expect(Math.abs(named?.delta_pct)).toBeCloseTo(25, 4);
};

/** Nothing was measured; every metric is the median of several runs, so that no single number moves it. */
const LEFT_OUT = ['README.md', 'nccl-failed.txt', 'vllm-sweep-summary.json'];

describe('measurements of this repository', () => {
  const files = ['examples/measurements', 'test/fixtures/measurements'].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => !LEFT_OUT.includes(name))
      .map((name) => `${folder}/${name}`),
  );
  test.each(files)('%s', (file) => expectJudged(resolve(file)));

  test('a summary of repeated runs, slower in every run, is RED', async () => {
    const source = resolve('test/fixtures/measurements/vllm-sweep-summary.json');
    await bench.record('sweep', source);
    expect(await bench.diff('sweep', source)).toMatchObject({ verdict: 'GREEN', adverse: [] });
    const slower = (_: string, name: string, value: string): string => `${name}${Number(value) * 0.75}`;
    const text = readFileSync(source, 'utf8').replace(/("output_throughput": )([\d.]+)/g, slower);
    const worse = await bench.diff('sweep', bench.file('sweep/summary.json', text));
    expect(worse['verdict']).toBe('RED');
    expect(worse['adverse'][0]).toMatchObject({ key: expect.stringMatching(/^throughput_tok_per_s/) });
  });
});

const samples = new URL('../../../../shared/samples', import.meta.url).pathname;
const absent = !existsSync(samples);
if (absent) console.log(`skipped: the sample outputs of real tools are not at ${samples}`);

describe.skipIf(absent)('outputs of real tools', () => {
  test.each(SAMPLE_FOLDERS)('of %s', async (folder) => {
    for (const { file } of MEASURED) if (file.startsWith(`${folder}/`)) await expectJudged(`${samples}/${file}`);
  });

  test('that hold no measurement are not recorded', async () => {
    for (const { file, code } of REFUSED) {
      const input = { family: 'f', measurement: 'refused', source: `${samples}/${file}` };
      expect(await bench.refusal('record', input)).toMatchObject({ code, exit: 2 });
    }
  });
});
