import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  configCommand,
  counterTable,
  DECODE_CONCURRENCIES,
  pointCommand,
  PREFILL_LENGTHS,
  resultName,
  sweepPoints,
  type SweepPoint,
  type SweepTarget,
} from '../../../src/campaign/sweeps/sweep-commands.ts';
import { countersOf } from '../../../src/campaign/sweeps/sweep-counters.ts';
import { openPoints, SWEEP_FILES, sweepPlan, type SweepWork } from '../../../src/campaign/sweeps/run-sweep.ts';
import { writeTree } from '../bundles.ts';

const PRODUCT = new URL('../../../', import.meta.url).pathname;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sweep-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const target = (more: Partial<SweepTarget> = {}): SweepTarget => ({
  server: 'http://127.0.0.1:8000',
  model: 'org/model',
  servedModel: undefined,
  tokenizer: 'org/model',
  raw: folder,
  withCounters: true,
  ...more,
});
const POINT: SweepPoint = { tag: 'decode-c8', phase: 'decode', c: 8, isl: 256, osl: 512, num_prompts: 48, seed: 4 };

describe('the points of a sweep', () => {
  test('are decode by concurrency, then prefill by length, each with a seed of its own and enough prompts', () => {
    const points = sweepPoints({ concurrencies: DECODE_CONCURRENCIES, isls: PREFILL_LENGTHS });
    expect(points.map(({ tag }) => tag)).toEqual([
      ...[1, 2, 4, 8, 16, 32, 64, 128, 192].map((c) => `decode-c${c}`),
      ...[512, 1024, 2048, 4096, 8192].map((isl) => `prefill-i${isl}`),
    ]);
    expect(new Set(points.map(({ seed }) => seed)).size).toBe(points.length);
    for (const { c, num_prompts: prompts } of points) expect(prompts).toBeGreaterThanOrEqual(5 * c);
    expect(points.at(-1)).toMatchObject({ phase: 'prefill', c: 1, isl: 8192, osl: 1 });
  });
});

describe("the command of a point, run by a real shell with dcgmi's table beside it", () => {
  const withTools = (name: string, dcgmi: string | null) => {
    const bin = join(folder, name);
    mkdirSync(bin, { recursive: true });
    const tool = (file: string, text: string): void => writeFileSync(join(bin, file), `#!/bin/sh\n${text}`, { mode: 0o755 });
    tool('vllm', `sleep 0.5; echo "$@" > ${folder}/asked; exit 7\n`);
    if (dcgmi !== null) tool('dcgmi', dcgmi);
    const argv = pointCommand(target(), POINT).argv;
    const [program = '', ...words] = argv;
    return spawnSync(program, words, { env: { PATH: `${bin}:/usr/bin:/bin` }, encoding: 'utf8' });
  }; // prettier-ignore

  test('fields that the GPU lacks are left out, the table is kept, and the exit code is that of the client', () => {
    const dcgmi = '[ "$1" = dmon ] || exit 1\ncase "$3" in 1008) echo refused; exit 1 ;; esac\ncase "$*" in *"-c 1"*) exit 0 ;; esac\necho "#Entity $3"; exec sleep 60\n';
    const { status } = withTools('with', dcgmi);
    expect(status).toBe(7);
    expect(readFileSync(join(folder, counterTable(POINT.tag)), 'utf8')).toBe('#Entity 1001,1002,1004,1005,1011,1012\n');
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toContain(`--result-filename ${resultName(POINT.tag)}`);
  }); // prettier-ignore

  test('without dcgmi the client runs alone', () => {
    rmSync(join(folder, counterTable(POINT.tag)), { force: true });
    expect(withTools('without', null).status).toBe(7);
    expect(() => readFileSync(join(folder, counterTable(POINT.tag)))).toThrow();
  });

  test("the model's config is that of its folder, else that of the hub's cache", () => {
    const model = writeTree(join(folder, 'weights'), { 'config.json': { hidden_size: 64 } });
    const home = writeTree(join(folder, 'home'), {
      '.cache/huggingface/hub/models--org--model/snapshots/abc/config.json': { hidden_size: 128 },
    });
    const copied = (name: string): unknown => {
      const [program = '', ...words] = configCommand(target({ model: name })).argv;
      execFileSync(program, words, { env: { HOME: home, PATH: '/usr/bin:/bin' } });
      return JSON.parse(readFileSync(join(folder, SWEEP_FILES.config), 'utf8'));
    };
    expect(copied(model)).toEqual({ hidden_size: 64 });
    expect(copied('org/model')).toEqual({ hidden_size: 128 });
  });
});

test("counters are those of the client's window without its ends, of the GPUs that serve", async () => {
  const row = (gpu: number, share: number): string => `GPU ${gpu}     ${share}   ${share}   ${share / 2}`;
  const seconds = Array.from({ length: 30 }, (_, at) => [row(0, at < 20 ? 0.1 : 0.8), row(1, 0)]).flat();
  writeTree(folder, { [counterTable('decode-c8')]: ['#Entity   GRACT  SMACT  DRAMA', 'ID', ...seconds].join('\n') });
  const found = await countersOf(folder, POINT, 10);
  expect(found).toMatchObject({ n_gpus: 1 });
  expect(found?.['sm_active_mean']).toBeCloseTo(0.8);
  expect(found?.['dram_active_mean']).toBeCloseTo(0.4);
  expect(await countersOf(join(folder, 'nowhere'), POINT, 10)).toBeNull();
});

describe('a sweep in a pod', () => {
  const work = (out: string): SweepWork => ({
    out,
    place: { on: 'pod', pod: { pod: 'serve-0', namespace: 'bench', container: 'engine', context: null, kubeconfig: null } },
    server: 'http://127.0.0.1:8000',
    model: 'org/model',
    tokenizer: 'org/model',
    concurrencies: [1, 8],
    isls: [512],
    stamp: '20261129T010203000000Z',
    raw: join(folder, 'raw-here'),
    productFolder: PRODUCT,
  }); // prettier-ignore

  test('is shown whole: kubectl exec in the container, one command a point and one for the config', async () => {
    const { commands, notes } = await sweepPlan(work(join(folder, 'out')), { root: folder, dryRun: false, env: {} });
    expect(commands).toHaveLength(4);
    for (const argv of commands) expect(argv.join(' ')).toMatch(/^kubectl .*serve-0 .*engine|^kubectl .*engine/);
    expect(commands.flat()).toContain('--max-concurrency');
    expect(notes.join('\n')).toContain('3 points');
    await expect(
      sweepPlan(
        {
          ...work(folder),
          place: {
            on: 'pod',
            pod: {
              pod: 'kimi-inference-0',
              namespace: 'bench',
              container: null,
              context: null,
              kubeconfig: null,
            },
          },
        },
        { root: folder, dryRun: false, env: {} },
      ),
    ).rejects.toMatchObject({ code: 'protected_name' });
  });

  test('goes on with the points that hold no figures', () => {
    const out = writeTree(join(folder, 'begun'), {
      'decode_sweep.jsonl': '{"tag":"decode-c1","c":1,"bench":{"duration":1}}\n{"tag":"decode-c8","c":8,"error":"x"}\n',
    });
    expect(openPoints(work(out)).map(({ tag }) => tag)).toEqual(['decode-c8', 'prefill-i512']);
  });
});
