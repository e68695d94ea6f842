// What the search of an autotune run costs beside its trials: processor time over spaces of growing size, against the time that
// growth in proportion would give. Builds and benchmarks are made up, so that nothing but the search is measured.
import { runAutotune } from '../src/autotune/run-autotune.ts';
import { parseTuningSpec } from '../src/autotune/tuning-spec.ts';
import type { TrialRunner } from '../src/autotune/tuning-search.ts';
import { seededRandom } from '../src/stats/random.ts';
import { table } from './figures.ts';

/** The search runs over the first so many of these parameters. */
const PARAMETERS: readonly (readonly [name: string, values: readonly number[]])[] = [
  ['BLOCK_M', [64, 128, 256]],
  ['BLOCK_N', [64, 128, 256]],
  ['STAGES', [2, 3, 4]],
  ['UNROLL', [1, 2, 4]],
  ['BLOCK_K', [32, 64]],
  ['VECTOR', [1, 2, 4]],
  ['NUM_WARPS', [4, 8]],
  ['SWIZZLE', [0, 1]],
  ['CP_ASYNC', [0, 1]],
];

const specOf = (count: number) => {
  const used = PARAMETERS.slice(0, count);
  return parseTuningSpec(
    {
      config: 'space',
      parameters: Object.fromEntries(used.map(([name, values]) => [name, [...values]])),
      baseline: Object.fromEntries(used.map(([name, values]) => [name, values[0] ?? 0])),
      bench: { command: ['bench', ...used.map(([name]) => `{${name}}`)], value: 'ms', unit: 'ms' },
    },
    'space.yaml',
  );
};

/** Trials of one millisecond each on a clock of their own, with a noise of one percent. */
const madeUp = (): { readonly trialRunner: TrialRunner; readonly trials: () => number } => {
  const random = seededRandom(1);
  let trials = 0;
  const trialRunner: TrialRunner = {
    build: async (combination) => ({ ok: JSON.stringify(combination) }),
    present: async (combination) => JSON.stringify(combination),
    measure: async () => ({ ok: 1 + 0.01 * random.uniform() + 0 * (trials += 1) }),
    now: () => trials,
    append: async () => undefined,
    onProgress: () => undefined,
  };
  return { trialRunner, trials: () => trials };
};

const measure = async (count: number) => {
  const spec = specOf(count);
  const { trialRunner, trials } = madeUp();
  const before = process.cpuUsage();
  const { rows } = await runAutotune(spec, trialRunner, 1e9, []);
  const { user, system } = process.cpuUsage(before);
  return { combinations: rows.length, trials: trials(), ms: (user + system) / 1000 };
};

/** CPU time of the search by size of the space. */
export const benchAutotuneSearch = async (): Promise<void> => {
  await measure(4);
  const measured = [];
  for (const count of [5, 6, 7, 9]) measured.push(await measure(count));
  const [first] = measured;
  table(
    'Autotune: the search without its trials',
    ['combinations', 'trials', 'CPU ms', 'CPU us per trial', 'CPU ms in proportion to the first'],
    measured.map(({ combinations, trials, ms }) => [
      String(combinations),
      String(trials),
      ms.toFixed(0),
      ((1000 * ms) / trials).toFixed(0),
      (((first?.ms ?? 0) * trials) / (first?.trials ?? 1)).toFixed(0),
    ]),
  );
};
