// The tier of a real bench run: five trials a side with telemetry, against a server that streams and an nvidia-smi that prints what the
// real one prints, recorded and compared through the built program. The same facts typed by a person stay a DRAFT.
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

/** The three queries of the product, answered for one idle H100 in the format `csv,noheader,nounits`. */
const NVIDIA_SMI = `#!/bin/sh
UUID=GPU-5c3d9a52-1f4e-4c1b-9a55-0f6f0d1c7e21
case "$1" in
  *compute-apps*) echo "$UUID, 4711" ;;
  *power.draw*) echo "$UUID, 312.40, 1980, 0x0000000000000000, 0" ;;
  *) echo "0, NVIDIA H100 80GB HBM3, $UUID, 590.48.01, 81559, 700.00, 1980" ;;
esac
`;

let root: string;
let server: StandIn;
const at = (...names: string[]): string => join(root, ...names);
const env = (): Record<string, string> => ({ PATH: `${at('bin')}:${process.env['PATH'] ?? ''}` });
const cli = (...words: string[]): Promise<Finished> => runCli(words, { root, env: env() });

const LOAD = ['--concurrency', '2', '--duration-s', '2', '--trials', '5', '--warm-up-s', '0', '--restart-cmd', 'true'];
const FACTS = [
  '--engine',
  'vllm',
  '--quant',
  'fp16',
  '--n-gpus',
  '1',
  '--context',
  '{"production_representative": true}',
];

interface Trial {
  metrics: Record<string, number>;
  readonly replicate_level: string;
  validity: string[];
  readonly gpu_uuids: readonly string[] | null;
}
interface Envelope {
  metrics: Record<string, number>;
  trials: Trial[];
  readonly context: Record<string, unknown>;
}

/** The envelope that a bench run writes. */
const measure = async (): Promise<Envelope> => {
  const words = ['run', 'llm.inference.chatbot-short', '--base-url', server.baseUrl, '--output', 'measured'];
  const program = resolve('dist/bench.mjs');
  const done = await runCli([...words, ...LOAD, ...FACTS], { root, env: env(), program });
  expect(done, done.stderr).toMatchObject({ code: 0 });
  const [name = ''] = readdirSync(at('measured')).filter((each) => each.endsWith('.json'));
  return JSON.parse(readFileSync(at('measured', name), 'utf8'));
};

/** What a busy test machine adds to a trial, and no GPU does. */
const OF_THIS_MACHINE = ['not_steady', 'client_lag'];

/** The envelope with figures that do not depend on the speed of this machine; everything recorded beside them stays. */
const steady = (measured: Envelope, tpot: number): Envelope => ({
  ...measured,
  metrics: { tpot_p50_ms: tpot },
  trials: measured.trials.map((trial, index) => ({
    ...trial,
    metrics: { tpot_p50_ms: tpot * (1 + 0.001 * (index - 2)) },
    validity: trial.validity.filter((code) => !OF_THIS_MACHINE.includes(code)),
  })),
});

const put = (name: string, content: unknown): string => {
  writeFileSync(at(name), JSON.stringify(content));
  return name;
};

beforeAll(async () => {
  root = freshRoot();
  mkdirSync(at('bin'));
  writeFileSync(at('bin/nvidia-smi'), NVIDIA_SMI);
  chmodSync(at('bin/nvidia-smi'), 0o755);
  server = await startStandIn();
});
afterAll(async () => {
  await server.close();
  removeRoot(root);
});

test('a bench run with telemetry reaches VERDICT by what was recorded, and the same facts typed do not', async () => {
  const measured = await measure();
  expect(measured.trials).toHaveLength(5);
  for (const { validity, replicate_level, gpu_uuids } of measured.trials) {
    expect(validity.filter((code) => !OF_THIS_MACHINE.includes(code))).toEqual([]);
    expect(replicate_level).toBe('process');
    expect(gpu_uuids).toEqual(['GPU-5c3d9a52-1f4e-4c1b-9a55-0f6f0d1c7e21']);
  }
  put('before.json', steady(measured, 10));
  put('after.json', steady(measured, 10.02));
  const record = await cli('perf_baseline_record', 'before.json', '--family', 'serving', '--measurement', 'chat');
  expect(record, record.stderr).toMatchObject({ code: 0 });
  const recorded = jsonOf(await cli('perf_baseline_diff', 'serving/chat@latest', 'after.json', '--json'));
  expect({ missing: recorded['tier_missing'], tier: recorded['tier'] }).toEqual({ missing: [], tier: 'VERDICT' });

  const { metrics, trials, context } = steady(measured, 10);
  put('typed.json', metrics);
  put('typed-after.json', { tpot_p50_ms: 10.02 });
  const typed = trials.map(({ metrics: values, replicate_level, validity, gpu_uuids }) => ({
    values,
    replicate_level,
    validity,
    gpu_uuids,
  }));
  const given = ['--trials', JSON.stringify(typed), '--context', JSON.stringify(context)];
  const byHand = await cli(
    'perf_baseline_record',
    'typed.json',
    '--family',
    'serving',
    '--measurement',
    'typed',
    ...given,
  );
  expect(byHand, byHand.stderr).toMatchObject({ code: 0 });
  const drafted = jsonOf(await cli('perf_baseline_diff', 'serving/typed@latest', 'typed-after.json', '--json'));
  expect(drafted['tier']).toBe('DRAFT');
  expect(drafted['tier_missing']).toEqual(
    expect.arrayContaining(
      ['cache_state', 'n_gpus', 'placement', 'replicate_level', 'validity'].map((fact) => `attested:${fact}`),
    ),
  );
  const said = await cli('perf_baseline_diff', 'serving/typed@latest', 'typed-after.json');
  expect(said.stdout).toContain('recorded GPUs (they were typed; a bench run records their UUIDs)');
});
