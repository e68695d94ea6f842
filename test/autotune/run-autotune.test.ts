import { describe, expect, test } from 'vitest';
import { combinationKey, type Combination } from '../../src/autotune/parameter-space.ts';
import { runAutotune } from '../../src/autotune/run-autotune.ts';
import { renderSuggestions } from '../../src/autotune/suggestions.ts';
import type { LogRecord } from '../../src/autotune/tuning-log.ts';
import type { Attempt } from '../../src/drivers/bench-command.ts';
import type { TrialRunner } from '../../src/autotune/tuning-search.ts';
import { parseTuningSpec } from '../../src/autotune/tuning-spec.ts';
import { seededRandom } from '../../src/stats/random.ts';
import type { JsonValue } from '../../src/text/json.ts';

const MINUTE = 60_000;

const space = (parameters: Readonly<Record<string, JsonValue>>, more: Readonly<Record<string, JsonValue>> = {}) =>
  parseTuningSpec(
    {
      config: 'training_512',
      parameters,
      baseline: Object.fromEntries(
        Object.entries(parameters).map(([name, values]) => [name, Array.isArray(values) ? (values[0] ?? null) : null]),
      ),
      build: {
        command: ['nvcc', '-O3', '{defines}', '-o', '{artifact}', 'flash_attention.cu'],
        artifact: 'build/{key}/k',
      },
      bench: { command: ['{artifact}'], value: 'performance.median_ms' },
      ...more,
    },
    'tune.yaml',
  );
const spec = space({ BLOCK_M: [64, 128], BLOCK_N: [64, 128], NUM_STAGES: [1, 2] });

interface Machine {
  /** True time in ms. */
  readonly time: (combination: Combination) => number;
  readonly cv?: number;
  readonly seed?: number;
  readonly buildSeconds?: number;
  readonly trialSeconds?: number;
  /** What the program consists of; by default every combination is another one. */
  readonly program?: (combination: Combination, builds: number) => string;
  readonly breaks?: (combination: Combination) => string | null;
  /** One artifact for all combinations: only the last one built is there. */
  readonly shared?: boolean;
}

/** A machine with a clock of its own, on which building and measuring take simulated time. */
const machine = ({
  time,
  cv = 0.01,
  seed = 1,
  buildSeconds = 1,
  trialSeconds = 1,
  program,
  breaks,
  shared,
}: Machine) => {
  const random = seededRandom(seed);
  const log: LogRecord[] = [];
  const there = new Map<string, string>();
  const visited: string[] = [];
  let [clock, builds] = [0, 0];
  const nameOf = (combination: Combination): string => combinationKey(spec.parameters, combination);
  const slot = (combination: Combination): string => (shared === true ? 'one' : JSON.stringify(combination));
  const trialRunner: TrialRunner = {
    build: (combination): Promise<Attempt<string>> => {
      clock += 1000 * buildSeconds;
      builds += 1;
      const failed = breaks?.(combination) ?? null;
      if (failed !== null) return Promise.resolve({ failed });
      const fingerprint = program?.(combination, builds) ?? JSON.stringify(combination);
      there.set(slot(combination), fingerprint);
      return Promise.resolve({ ok: fingerprint });
    },
    present: (combination) => Promise.resolve(there.get(slot(combination)) ?? null),
    measure: (combination) => {
      clock += 1000 * trialSeconds;
      visited.push(nameOf(combination));
      return Promise.resolve({ ok: time(combination) * Math.exp(cv * random.normal()) });
    },
    now: () => clock,
    append: (record) => Promise.resolve(void log.push(record)),
    onProgress: () => undefined,
  };
  return { trialRunner, log, visited, builds: () => builds };
};

const better = ({ BLOCK_M, BLOCK_N, NUM_STAGES }: Combination): number =>
  0.053 * (BLOCK_M === 128 ? 0.9 : 1) * (BLOCK_N === 128 ? 0.95 : 1) * (NUM_STAGES === 2 ? 0.95 : 1);
const bestKey = 'BLOCK_M-128_BLOCK_N-128_NUM_STAGES-2';

describe('a space that fits the time', () => {
  test('is searched whole, and the best is confirmed on fresh pairs', async () => {
    const { trialRunner, log } = machine({ time: better });
    const outcome = await runAutotune(spec, trialRunner, 20 * MINUTE, []);
    expect(outcome).toMatchObject({
      status: 'improved',
      strategy: 'exhaustive',
      winner: { key: bestKey },
      out_of_time: false,
    });
    expect(outcome.confirmation?.speedup).toBeCloseTo(1 / (0.9 * 0.95 * 0.95), 1);
    expect(outcome.rows.every(({ trials }) => trials >= 3)).toBe(true);
    const confirming = log.filter((record) => record.kind === 'trial' && record.phase === 'confirm');
    expect(confirming.map((record) => (record.kind === 'trial' && record.key === bestKey ? 'B' : 'A')).join('')).toBe(
      'ABBAABBAABBA',
    );
  });

  test('a best baseline is said so and nothing is confirmed', async () => {
    const outcome = await runAutotune(spec, machine({ time: (c) => 1 / better(c) }).trialRunner, 20 * MINUTE, []);
    expect(outcome).toMatchObject({ status: 'baseline_is_best', confirmation: null });
  });

  test('a rate is maximised', async () => {
    const rate = space(
      { BLOCK_M: [64, 128] },
      {
        bench: { command: ['{artifact}'], value: 'tok_s', unit: 'tok/s', direction: 'higher-is-better' },
      },
    );
    const { trialRunner } = machine({ time: ({ BLOCK_M }) => (BLOCK_M === 128 ? 120 : 100) });
    const outcome = await runAutotune(rate, trialRunner, 20 * MINUTE, []);
    expect(outcome).toMatchObject({ status: 'improved', winner: { key: 'BLOCK_M-128' } });
    expect(outcome.confirmation?.speedup).toBeCloseTo(1.2, 1);
    expect(renderSuggestions(outcome, rate)).toContain('**Value**: 1');
  });
});

describe("the winner's curse", () => {
  test('of 100 searches over equal variants at most 6 claim a gain', async () => {
    let claimed = 0;
    for (let seed = 0; seed < 100; seed += 1) {
      const { trialRunner } = machine({ time: () => 1, cv: 0.03, seed });
      if ((await runAutotune(spec, trialRunner, 20 * MINUTE, [])).status === 'improved') claimed += 1;
    }
    expect(claimed).toBeLessThanOrEqual(6);
  });
});

describe('a space that does not fit', () => {
  const large = space({ A: [1, 2, 3, 4, 5, 6, 7, 8], B: [1, 2, 3, 4, 5, 6] }, { trials: { screen: 8 } });
  const bowl = ({ A, B }: Combination): number => 1 + 0.1 * (Math.abs(Number(A) - 5) + Math.abs(Number(B) - 4));

  test('gives up what is shown to be worse and spends the time on the rest', async () => {
    const { trialRunner } = machine({ time: bowl, buildSeconds: 2 });
    const outcome = await runAutotune(large, trialRunner, 5 * MINUTE, []);
    expect(outcome).toMatchObject({
      strategy: 'successive_elimination',
      status: 'improved',
      winner: { key: 'A-5_B-4' },
    });
    expect(outcome.rows.filter(({ standing }) => standing === 'eliminated').length).toBeGreaterThan(20);
    expect(outcome.minutes_used).toBeLessThanOrEqual(5);
  });

  test('never uses more than its time, and says what was not measured', async () => {
    const { trialRunner } = machine({ time: bowl, buildSeconds: 20, trialSeconds: 5 });
    const outcome = await runAutotune(large, trialRunner, 6 * MINUTE, []);
    expect(outcome.minutes_used).toBeLessThanOrEqual(6);
    expect(outcome.out_of_time).toBe(true);
    expect(outcome.rows.filter(({ standing }) => standing === 'not_measured').length).toBeGreaterThan(30);
    expect(outcome.confirmation?.decision.n).toEqual([6, 6]);
  });

  test('ties stay together and are named', async () => {
    const flat = ({ A }: Combination): number => (Number(A) <= 3 ? 1 : 2);
    const { trialRunner } = machine({ time: flat });
    const outcome = await runAutotune(large, trialRunner, 6 * MINUTE, []);
    expect(outcome.ties.length).toBeGreaterThan(0);
    expect([outcome.winner.key, ...outcome.ties].every((key) => /^A-[123]_/.test(key))).toBe(true);
  });
});

describe('knobs', () => {
  test('one that changes no program is found, and equal programs are measured once', async () => {
    const { trialRunner, visited } = machine({
      time: better,
      program: ({ BLOCK_M, BLOCK_N }) => `${String(BLOCK_M)} ${String(BLOCK_N)}`,
    });
    const outcome = await runAutotune(spec, trialRunner, 20 * MINUTE, []);
    expect(outcome.knobs).toEqual({ BLOCK_M: 'connected', BLOCK_N: 'connected', NUM_STAGES: 'not_connected' });
    expect(outcome.rows.filter(({ standing }) => standing === 'same_program')).toHaveLength(4);
    expect(visited.some((key) => key.endsWith('NUM_STAGES-2'))).toBe(false);
    expect(renderSuggestions(outcome, spec)).toContain('`NUM_STAGES` is not connected');
  });

  test('a build that rebuilds nothing leaves all of them unconnected and only the baseline to measure', async () => {
    const { trialRunner, visited } = machine({ time: better, program: () => 'stale' });
    const outcome = await runAutotune(spec, trialRunner, 20 * MINUTE, []);
    expect(Object.values(outcome.knobs)).toEqual(['not_connected', 'not_connected', 'not_connected']);
    expect(outcome.status).toBe('baseline_is_best');
    expect(new Set(visited).size).toBe(1);
  });

  test('where builds are not reproducible nothing is claimed about them', async () => {
    const { trialRunner } = machine({
      time: better,
      program: (combination, builds) => `${JSON.stringify(combination)} ${builds}`,
    });
    const outcome = await runAutotune(spec, trialRunner, 20 * MINUTE, []);
    expect(outcome).toMatchObject({ builds_reproducible: false, status: 'improved', winner: { key: bestKey } });
    expect(Object.values(outcome.knobs)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  test('a shared artifact is built again before another combination is measured', async () => {
    const one = space(
      { BLOCK_M: [64, 128] },
      {
        build: { command: ['make', '{defines}'], artifact: 'build/k' },
      },
    );
    const { trialRunner, builds } = machine({ time: better, shared: true });
    const outcome = await runAutotune(one, trialRunner, 20 * MINUTE, []);
    expect(outcome.winner.key).toBe('BLOCK_M-128');
    expect(builds()).toBeGreaterThanOrEqual(2 + 6);
  });
});

describe('failures', () => {
  test('a combination that does not build is named with its reason and never wins', async () => {
    const { trialRunner } = machine({
      time: better,
      breaks: ({ BLOCK_N }) => (BLOCK_N === 128 ? 'exit code 1: too much shared memory' : null),
    });
    const outcome = await runAutotune(spec, trialRunner, 20 * MINUTE, []);
    expect(outcome.winner.key).toBe('BLOCK_M-128_BLOCK_N-64_NUM_STAGES-2');
    expect(outcome.rows.filter(({ standing }) => standing === 'failed')).toHaveLength(4);
    expect(renderSuggestions(outcome, spec)).toContain('failed: exit code 1: too much shared memory');
  });

  test('a baseline that cannot be built ends the run', async () => {
    const { trialRunner } = machine({ time: better, breaks: () => 'exit code 2: no such file' });
    await expect(runAutotune(spec, trialRunner, MINUTE, [])).rejects.toMatchObject({
      code: 'baseline_failed',
      message: expect.stringContaining('no such file'),
    });
  });

  test.each([0, -1, Number.NaN])('a budget of %d ms is refused', async (budget) => {
    await expect(runAutotune(spec, machine({ time: better }).trialRunner, budget, [])).rejects.toMatchObject({
      code: 'time_budget',
    });
  });
});

describe('resuming', () => {
  test('a run cut short anywhere goes on from its log without repeating a build or a trial', async () => {
    const whole = machine({ time: better });
    await runAutotune(spec, whole.trialRunner, 20 * MINUTE, []);
    for (const cut of [1, 3, 9, 20, whole.log.length - 2]) {
      const rest = machine({ time: better });
      const early = whole.log.slice(0, cut);
      const outcome = await runAutotune(spec, rest.trialRunner, 20 * MINUTE, early);
      expect(outcome.winner.key).toBe(bestKey);
      const trials = [...early, ...rest.log].filter(({ kind }) => kind === 'trial');
      expect(trials).toHaveLength(whole.log.filter(({ kind }) => kind === 'trial').length);
    }
  });

  test('more time continues what an earlier run had to leave', async () => {
    const first = machine({ time: better, buildSeconds: 5, trialSeconds: 1 });
    const short = await runAutotune(spec, first.trialRunner, 45_000, []);
    expect(short.out_of_time).toBe(true);
    const second = machine({ time: better });
    const outcome = await runAutotune(spec, second.trialRunner, 20 * MINUTE, first.log);
    expect(outcome).toMatchObject({ out_of_time: false, status: 'improved', winner: { key: bestKey } });
  });
});

describe('the suggestions', () => {
  test('have the sections people know, with the compiler line filled in', async () => {
    const { trialRunner } = machine({ time: better, cv: 0.001 });
    const text = renderSuggestions(await runAutotune(spec, trialRunner, 20 * MINUTE, []), spec);
    expect(text).toContain(
      '# Autotune Report: training_512\n\n## Best Configuration Found\n**Speedup**: 1.23× (interval 1.2',
    );
    expect(text).toMatch(/\*\*Latency\*\*: 0\.043\d ms \(baseline: 0\.05[23]\d ms\)/);
    expect(text).toContain('**Parameters**:\n- `BLOCK_M = 128`\n- `BLOCK_N = 128`\n- `NUM_STAGES = 2`\n');
    expect(text).toContain(
      '## How to Apply\n### nvcc flags\n```bash\nnvcc -DBLOCK_M=128 -DBLOCK_N=128 -DNUM_STAGES=2 flash_attention.cu\n```',
    );
    expect(text).toContain('## All Results');
    expect(text).toContain('(baseline)');
  });

  test.each<[string, string[], string]>([
    ['make', ['make', '-j', 'BM={split_k}', 'OUT={artifact}'], 'make -j BM=4 OUT=build/k'],
    [
      'cmake',
      ['cmake', '-S', '.', '-B', 'build/{key}', '-DCMAKE_BUILD_TYPE=Release', '{defines}'],
      'cmake -S . -B build/{key} -DCMAKE_BUILD_TYPE=Release -Dsplit_k=4',
    ],
    ['the environment', ['env', 'SPLIT_K={split_k}', './build.sh'], 'env SPLIT_K=4 ./build.sh'],
    [
      'a Python configuration',
      ['python3', 'build.py', '--set', 'split_k={split_k}'],
      'python3 build.py --set split_k=4',
    ],
    ['words with blanks', ['sh', '-c', 'make K={split_k} all'], "sh -c 'make K=4 all'"],
  ])('a build by %s is applied by its own command', async (_, command, line) => {
    const built = space(
      { split_k: [1, 4] },
      {
        build: { command, artifact: 'build/k', timeout_s: 300 },
        bench: { command: ['./bench', '{config}'], value: 'ms' },
      },
    );
    const { trialRunner } = machine({ time: ({ split_k }) => 1 / Number(split_k) });
    const text = renderSuggestions(await runAutotune(built, trialRunner, 20 * MINUTE, []), built);
    expect(text).toContain(`## How to Apply\n### build command\n\`\`\`bash\n${line}\n\`\`\`\n`);
    expect(text).not.toContain('nvcc');
  });

  test('parameters of the benchmark are given as its arguments', async () => {
    const runtime = space(
      { split_k: [1, 4] },
      { build: null, bench: { command: ['./bench', '--split-k={split_k}', '{config}'], value: 'ms' } },
    );
    const { trialRunner } = machine({ time: ({ split_k }) => 1 / Number(split_k) });
    const outcome = await runAutotune(runtime, trialRunner, 20 * MINUTE, []);
    expect(renderSuggestions(outcome, runtime)).toContain('### arguments\n```bash\n--split-k=4\n```');
    expect(outcome.knobs).toEqual({ split_k: 'connected' });
  });
});
