// One table of cases through every verb that compares: the same values get the same decision and the same exit code whoever asks.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli } from './run-cli.ts';

/** Times in ms, lower is better, at a tolerance of 5 percent; one value is one run. */
interface Case {
  readonly name: string;
  readonly rule: string;
  readonly baseline: readonly number[];
  readonly candidate: readonly number[];
  readonly status: 'PASS' | 'FAIL' | 'INCONCLUSIVE';
  readonly exit: 0 | 1 | 3;
  readonly colour: 'GREEN' | 'YELLOW' | 'RED';
}

const CALM = [100, 100.4, 99.7, 100.2, 99.9];
const times = (factor: number, n = 5): number[] => CALM.slice(0, n).map((value) => value * factor);

const CASES: readonly Case[] = [
  { name: 'one value, unchanged', rule: 'V1', baseline: [100], candidate: [100], status: 'INCONCLUSIVE', exit: 0, colour: 'GREEN' },
  { name: 'one value, exactly the tolerance', rule: 'V1', baseline: [0.3], candidate: [0.315], status: 'INCONCLUSIVE', exit: 0, colour: 'GREEN' },
  { name: 'one value, a hair beyond it', rule: 'V1', baseline: [100], candidate: [105.001], status: 'INCONCLUSIVE', exit: 1, colour: 'RED' },
  { name: 'one value, half the time', rule: 'V1', baseline: [100], candidate: [50], status: 'INCONCLUSIVE', exit: 0, colour: 'GREEN' },
  { name: 'one value, a thousand times better', rule: 'V10', baseline: [100], candidate: [0.1], status: 'INCONCLUSIVE', exit: 3, colour: 'YELLOW' },
  { name: 'two a side, three times worse', rule: 'V6', baseline: times(1, 2), candidate: times(3, 2), status: 'FAIL', exit: 1, colour: 'RED' },
  { name: 'two a side that scatter', rule: 'V7', baseline: [100, 108], candidate: [101, 107], status: 'INCONCLUSIVE', exit: 3, colour: 'GREEN' },
  { name: 'three a side, unchanged', rule: 'V8', baseline: times(1, 3), candidate: times(1.001, 3), status: 'PASS', exit: 0, colour: 'GREEN' },
  { name: 'three a side, ten times worse', rule: 'V6', baseline: times(1, 3), candidate: times(10, 3), status: 'FAIL', exit: 1, colour: 'RED' },
  { name: 'five a side, unchanged', rule: 'V8', baseline: times(1), candidate: times(1.001), status: 'PASS', exit: 0, colour: 'GREEN' },
  { name: 'five a side, just within', rule: 'V7', baseline: times(1), candidate: times(1.0485), status: 'INCONCLUSIVE', exit: 3, colour: 'GREEN' },
  { name: 'five a side, 25 percent worse', rule: 'V6', baseline: times(1), candidate: times(1.25), status: 'FAIL', exit: 1, colour: 'RED' },
  { name: 'five a side, 25 percent better', rule: 'V8', baseline: times(1), candidate: times(0.75), status: 'PASS', exit: 0, colour: 'GREEN' },
  { name: 'five a side, a thousand times better', rule: 'V10', baseline: times(1), candidate: times(0.001), status: 'INCONCLUSIVE', exit: 3, colour: 'YELLOW' },
]; // prettier-ignore

const root = freshRoot();
afterAll(() => removeRoot(root));

/** A kernel benchmark's result, which every comparing verb reads. */
const write = (path: string, values: readonly number[]): string => {
  const config = values.length === 1 ? { name: 'k', median_ms: values[0] } : { name: 'k', samples_ms: values };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify({ configs: [config] }));
  return path;
};

interface Answer {
  readonly exit: number | null;
  readonly status: unknown;
  readonly rule: unknown;
  readonly colour: unknown;
}

const ask = async (...args: string[]): Promise<Answer> => {
  const finished = await runCli([...args, '--json'], { root });
  const { decision, verdict } = jsonOf(finished);
  const { status, rule } = Object(decision);
  return { exit: finished.code, status, rule, colour: verdict };
};

const VERBS: Readonly<Record<string, (place: string, before: string, after: string) => Promise<Answer>>> = {
  perf_baseline_diff: async (place, before, after) => {
    await runCli(['perf_baseline_record', '--family', 'cases', '--measurement', place, before], { root });
    return ask('perf_baseline_diff', `cases/${place}`, after, '--tolerance-percent', '5', '--strict');
  },
  perf_baseline_sweep: async (place, before, after) => {
    await runCli(['perf_baseline_record', '--family', `sweep-${place}`, '--measurement', 'k', before], { root });
    const folder = join(root, `sweep-of-${place}`);
    const { configs } = JSON.parse(await import('node:fs').then((fs) => fs.readFileSync(after, 'utf8')));
    mkdirSync(join(folder, `sweep-${place}`), { recursive: true });
    writeFileSync(join(folder, `sweep-${place}`, 'k.json'), JSON.stringify({ configs }));
    const finished = await runCli(['perf_baseline_sweep', folder, '--tolerance-percent', '5', '--strict', '--json'], { root });
    const { items, verdict } = jsonOf(finished);
    const { status, rule } = Object(Object(Array.isArray(items) ? items[0] : null).decision);
    return { exit: finished.code, status, rule, colour: verdict };
  },
  bench_diff: (_, before, after) => ask('bench_diff', before, after, '--tolerance', '5%', '--strict'),
  ratchet_check: async (place, before, after) => {
    const baseline = join(root, `${place}-ratchet.json`);
    await runCli(['ratchet_check', '--current', before, '--baseline', baseline], { root });
    return ask('ratchet_check', '--current', after, '--baseline', baseline, '--no-write', '--strict', '--regression-threshold', '-5');
  },
}; // prettier-ignore

describe.each(Object.entries(VERBS))('%s --strict', (verb, compare) => {
  it.each(CASES)('$name: $status by $rule, exit $exit', async ({ name, baseline, candidate, status, rule, exit, colour }) => {
    const place = `${verb}-${CASES.findIndex((each) => each.name === name)}`.replaceAll('_', '-');
    const before = write(join(root, `${place}-before.json`), baseline);
    const after = write(join(root, `${place}-after.json`), candidate);
    const doubtful = status === 'INCONCLUSIVE' && exit === 3 && colour === 'GREEN';
    // The ratchet colours an undecided configuration YELLOW: its baseline is kept, and the report says so.
    const expected = verb === 'ratchet_check' && doubtful ? 'YELLOW' : colour;
    expect(await compare(place, before, after)).toEqual({ exit, status, rule, colour: expected });
  }); // prettier-ignore
});
