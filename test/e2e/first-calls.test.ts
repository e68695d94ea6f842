// What an agent with nothing but the list of tools asks for, by its first call: each answer holds what was asked for and fits into what
// an agent reads. Then every example of every verb: what it links to can be read, and what it offers as the next call works.
import { chmodSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { makeSandbox } from '../docs/sandbox.ts';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { makeExport, type MadeKernel } from '../profile/make-export.ts';
import { connect, ERAS, EXAMPLES, freshRoot, removeRoot, type CallResult, type Connection } from './connect.ts';

type Input = Record<string, unknown>;

/** Longest text that an agent reads, in bytes. */
const LONGEST = 1500;
const ACK = { i_understand_this_submits_jobs: true };
const MODEL = 'meta-llama/Llama-3.1-8B-Instruct';

const server: { standIn?: StandIn } = {};
const root = realpathSync(freshRoot());
let client: Connection;

const at = (path: string): string => join(root, path);

const put = (path: string, content: unknown): string => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), typeof content === 'string' ? content : JSON.stringify(content));
  return at(path);
};

const BASE: Record<string, unknown> = JSON.parse(readFileSync(join(EXAMPLES, 'vllm-serve-baseline.json'), 'utf8'));

/** The example with all times longer by the factor, and rates lower by it. */
const slower = (factor: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(BASE).map(([key, value]) => {
      if (typeof value !== 'number') return [key, value];
      if (/_ms$|^duration$/.test(key)) return [key, Number((value * factor).toFixed(4))];
      return [key, /throughput/.test(key) ? Number((value / factor).toFixed(4)) : value];
    }),
  );

const GEMM: MadeKernel = { name: 'nvjet_tst_128x256_64x4_2x1_v_bz_TNT', ns: 400_000 };
const KERNELS: readonly MadeKernel[] = [
  { name: 'void vllm::rms_norm_kernel<c10::BFloat16>(c10::BFloat16*, int)', ns: 30_000 },
  GEMM,
  { name: 'ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<(unsigned long)4096>)', ns: 100_000 },
];

const makeProfiles = (): void => {
  const slowGemm = KERNELS.map((kernel) => (kernel === GEMM ? { ...GEMM, ns: 500_000 } : kernel));
  makeExport(at('before.sqlite'), { kernels: KERNELS, steps: 20 });
  makeExport(at('after.sqlite'), { kernels: slowGemm, steps: 20 });
  makeExport(at('slow.sqlite'), {
    kernels: KERNELS,
    steps: 10,
    ranks: 4,
    durationOf: ({ name, ns }, rank, step) =>
      Math.round(ns * (rank === 2 && name === GEMM.name ? 1.3 : 1) * (1 + 0.002 * ((step * 7 + rank) % 5))),
  });
};

const TUNING = `config: attn
parameters: { PASSES: [8, 1] }
baseline: { PASSES: 8 }
build:
  command: [sh, -c, 'mkdir -p $(dirname "$0") && echo x > "$0"', '{artifact}']
  artifact: build/{key}/work
bench: { command: [node, work.mjs, '{PASSES}'], value: ms, unit: ms, direction: lower-is-better }
trials: { screen: 3, confirm: 5 }
`;

const makeFiles = (): void => {
  put('results.json', BASE);
  put('new-results.json', slower(1.12));
  put('h200/results.json', BASE);
  [0, 0.004, -0.003, 0.006, -0.005].forEach((noise, index) => {
    put(`before/run${index + 1}.json`, slower(1 + noise));
    put(`after/run${index + 1}.json`, slower(1.12 + noise));
  });
  put('nightly/llama31_8b/vllm_serve.json', slower(1.12));
  put('sglang.jsonl', readFileSync('test/fixtures/measurements/sglang-serve.jsonl', 'utf8'));
  put('nccl.txt', readFileSync(join(EXAMPLES, 'nccl-all-reduce.txt'), 'utf8'));
  put('work.mjs', 'console.log(JSON.stringify({ ms: Number(process.argv[2]) * 10 }))');
  put('tuning/attn.yaml', TUNING);
  makeProfiles();
};

/** The programs of this machine but for the profilers. */
const toolbox = (): string => {
  const folder = at('.bin');
  mkdirSync(folder, { recursive: true });
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  for (const name of ['sh', 'mkdir', 'dirname', 'git', 'cat', 'env']) {
    const found = folders.map((each) => join(each, name)).find((path) => realpathOrNothing(path) !== undefined);
    if (found !== undefined) symlinkSync(found, join(folder, name));
  }
  symlinkSync(process.execPath, join(folder, 'node'));
  return folder;
};

const realpathOrNothing = (path: string): string | undefined => {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
};

const record = async (input: Input): Promise<void> => {
  const { isError, text } = await client.call('perf_baseline_record', input);
  if (isError) throw new Error(text);
};

beforeAll(async () => {
  makeFiles();
  server.standIn = await startStandIn({ models: [MODEL], chunks: 6 });
  client = await connect(ERAS[0], { root, cwd: root, env: { PATH: toolbox() } });
  await record({ family: 'llama31_8b', measurement: 'vllm_serve', source: 'results.json' });
  for (const run of Array.from({ length: 14 }, (_, index) => index)) {
    const source = put(`drift/${run}.json`, slower((run < 8 ? 1 : 1.1) + 0.002 * (run % 3)));
    await record({ family: 'drift', measurement: 'serve', source });
  }
  await record({ family: 'tampered', measurement: 'copy', value: 512.5, unit: 'GB/s' });
});

afterAll(async () => {
  await client.close();
  await server.standIn?.close();
  removeRoot(root);
});

interface Task {
  readonly verb: string;
  readonly input: Input | (() => Input);
  /** What the text must say. */
  readonly says: readonly (RegExp | string)[];
  /** The answer is an error that says what to do. */
  readonly refused?: true;
  /** What stands before the call. */
  readonly before?: () => Promise<void> | void;
}

const five = (folder: string): string[] => [1, 2, 3, 4, 5].map((run) => `${folder}/run${run}.json`);

/** Writes another number into an entry, as somebody who wants to look better would. */
const tamper = async (): Promise<void> => {
  const shown = await client.call('perf_baseline_show', { entry: 'tampered/copy' });
  const path = join(String(shown.structured['entry_dir']), 'baseline.json');
  chmodSync(path, 0o644);
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('512.5', '612.5'));
};

const base = (): string => server.standIn?.baseUrl ?? '';

/** Twenty things that people ask an agent for, each by one plausible call. */
const TASKS: Readonly<Record<string, Task>> = {
  'record a result': {
    verb: 'perf_baseline_record',
    input: { family: 'first', measurement: 'vllm_serve', source: 'results.json' },
    says: [
      'recorded first/vllm_serve@',
      'throughput_tok_per_s',
      'tier: DRAFT',
      'with a new result: perf_baseline_diff',
    ],
  },
  'compare honestly': {
    verb: 'perf_baseline_diff',
    input: { baseline: 'llama31_8b/vllm_serve@latest', current: 'new-results.json' },
    says: [/^RED/, '4976.64 -> 4443.43 tok/s', 'one value a side proves nothing'],
  },
  'five against five': {
    verb: 'bench_diff',
    input: { baseline: five('before'), candidate: five('after') },
    says: ['FAIL proven', /p50_ms \+12/],
  },
  'five files against a recorded folder': {
    verb: 'perf_baseline_diff',
    input: { baseline: 'llama31_8b/five', current: five('after') },
    before: () => record({ family: 'llama31_8b', measurement: 'five', source: 'before' }),
    says: [/^RED: llama31_8b\/five/, '22 metrics compared', 'FAIL proven', 'n 5 against 5'],
  },
  'two plain files as a baseline': {
    verb: 'perf_baseline_diff',
    input: { baseline: 'results.json', current: 'new-results.json' },
    refused: true,
    says: ['compare two files as they are with bench_diff', 'perf_baseline_record'],
  },
  'plan trials': {
    verb: 'plan_trials',
    input: { tolerance_percent: '5%', cv_percent: 3 },
    says: [/6 trials a side, 60 minutes/, 'ABBA'],
  },
  'two profiles': {
    verb: 'profile_profile_diff',
    input: { baseline: 'before.sqlite', candidate: 'after.sqlite' },
    says: ['nvjet_tst_128x256_64x4_2x1_v_bz_TNT takes 25', 'INCONCLUSIVE'],
  },
  'the slow rank': {
    verb: 'profile_summary',
    input: { profile: 'slow.sqlite' },
    says: [/rank 2 is slow: gemm \+30\.0% against the median of the other ranks/],
  },
  'summarise a profile': {
    verb: 'profile_summary',
    input: { profile: 'before.sqlite', limit: 5 },
    says: [/gemm: 7\d\.\d%/, 'fit to be compared', /rank 0: busy 9\d\.\d%/],
  },
  'list by hardware': {
    verb: 'perf_baseline_list',
    input: { hardware: 'B200' },
    before: () =>
      record({ family: 'list', measurement: 'copy', value: 6120.5, unit: 'GB/s', context: { hardware: 'B200' } }),
    says: [/copy/, /6,?120\.5/],
  },
  'tag, then compare with the tag': {
    verb: 'perf_baseline_diff',
    input: { baseline: 'llama31_8b/vllm_serve@golden', current: 'new-results.json' },
    before: async () => {
      await client.call('perf_baseline_tag', { entry: 'llama31_8b/vllm_serve', tag: 'golden' });
    },
    says: [/^RED: llama31_8b\/vllm_serve/],
  },
  'has it drifted': {
    verb: 'perf_baseline_trend',
    input: { measurement: 'drift/serve' },
    says: [/^RED: req_per_s/, /3\.23\d* -> 2\.94\d* req\/s/, 'others by metric: throughput_tok_per_s'],
  },
  'was anything tampered with': {
    verb: 'perf_baseline_verify',
    input: { entry: 'tampered/copy' },
    before: tamper,
    says: ['NOT AS RECORDED: 1 changed', 'advice: restore what changed'],
  },
  'compare a whole folder': {
    verb: 'perf_baseline_sweep',
    input: { current: 'nightly' },
    says: ['llama31_8b/vllm_serve', 'RED'],
  },
  'bench a server': {
    verb: 'bench_run',
    input: () => ({
      suite: 'chatbot-short',
      base_url: base(),
      output: 'bench-out',
      concurrency: [1, 2],
      requests: 4,
      warm_up_s: 0,
      wait_s: 120,
      ...ACK,
    }),
    says: [/c1: .* tok\/s, .* ms TTFT p50/, /c2: .* tok\/s/, 'next: bench_export'],
  },
  autotune: {
    verb: 'autotune_run',
    input: { config: 'attn', time_budget: 1, output: 'tuned', wait_s: 120, ...ACK },
    says: [/attn: improved, [78]\.\d\d×/, 'PASSES=1', 'Nothing was applied'],
  },
  'how is my job': { verb: 'job_status', input: {}, says: [/^autotune_run: /, /attn: improved/] },
  'gate a pull request': {
    verb: 'bench_diff',
    input: { baseline: 'before', candidate: 'after', strict: true, fail_on: 'fail' },
    says: ['FAIL proven', 'exit 1'],
  },
  'gate on a word that is none': {
    verb: 'bench_diff',
    input: { baseline: 'before', candidate: 'after', fail_on: 'regression' },
    refused: true,
    says: ['red, yellow, fail, inconclusive, vanished'],
  },
  'share of speed of light': {
    verb: 'perf_baseline_record',
    input: {
      family: 'b200',
      measurement: 'nccl_busbw',
      source: 'nccl.txt',
      sol_ceiling_key: 'b200_sm100.nvlink5_oneway_tbps',
    },
    says: [/7\d\.\d% of b200_sm100\.nvlink5_oneway_tbps/],
  },
  'capture where there is no nsys': {
    verb: 'profile_capture',
    input: { mode: 'launch', command: 'node work.mjs 1', wait_s: 60, ...ACK },
    refused: true,
    says: [/nsys/, 'fix: '],
  },
  'capture in a mode that is none': {
    verb: 'profile_capture',
    input: { mode: 'nsys', command: ['node', 'work.mjs'], ...ACK },
    refused: true,
    says: ['launch: a program', 'session: a server under nsys launch'],
  },
  'remember a number': {
    verb: 'perf_baseline_record',
    input: { family: 'llama31_8b', measurement: 'ttft_p50', value: '44.1 ms', direction: 'lower', notes: 'from chat' },
    says: ['ttft_p50: 44.1 ms', 'direction: lower-is-better'],
  },
  'remember a number that somebody said': {
    verb: 'perf_baseline_record',
    input: { family: 'llama31_8b', measurement: 'itl_p50', source: 'manual entry', value: 9.2, unit: 'ms' },
    says: ['itl_p50: 9.2 ms', 'direction: lower-is-better'],
  },
  'compare a number that somebody said, in another unit': {
    verb: 'perf_baseline_diff',
    before: async () => {
      await client.call('perf_baseline_record', { family: 'said', measurement: 'ttft_p50', value: 40, unit: 'ms' });
    },
    input: { baseline: 'said/ttft_p50', current_value: '0.05 s' },
    says: ['current:   50 ms', '+25'],
  },
  'vLLM against SGLang': {
    verb: 'bench_compare',
    input: { results: ['results.json', 'sglang.jsonl'] },
    says: ['results.json', 'sglang.jsonl', /the runs differ in/],
  },
  'which jobs have succeeded': {
    verb: 'job_list',
    input: { state: 'succeeded' },
    says: ['autotune_run: succeeded', 'bench_run: succeeded'],
  },
};

describe('by its first call an agent', () => {
  it.each(Object.entries(TASKS))('%s', async (_, { verb, input, says, refused = false, before }) => {
    await before?.();
    const { isError, text } = await client.call(verb, typeof input === 'function' ? input() : input, {
      timeout: 150_000,
    });
    expect(Buffer.byteLength(text), text).toBeLessThanOrEqual(LONGEST);
    for (const part of says) expect(text).toMatch(part);
    expect(isError, text).toBe(refused);
  });
});

describe('of every example of every verb', () => {
  const answers: (readonly [verb: string, answer: CallResult])[] = [];
  let other: Connection;

  /** Nothing is started, and the addresses and ids are those that exist here. */
  const harmless = (verb: string, input: Input, job: string): Input => {
    const { i_understand_this_submits_jobs: _ack, expect_head: _head, ...rest } = input;
    const safety = MANIFEST.find(({ name }) => name === verb)?.safety;
    return {
      ...rest,
      ...('job_id' in rest ? { job_id: job } : {}),
      ...('base_url' in rest ? { base_url: base() } : {}),
      ...(safety === 'submits_jobs' ? { dry_run: true } : {}),
    };
  };

  beforeAll(async () => {
    const { folder } = await makeSandbox();
    const bin = join(folder, '..', 'bin');
    other = await connect(ERAS[0], {
      root: folder,
      cwd: folder,
      env: { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` },
    });
    const tuned = await other.call(
      'autotune_run',
      { config: 'training_512', output: 'made', wait_s: 120, ...ACK },
      { timeout: 150_000 },
    );
    answers.push(['autotune_run', tuned]);
    rmSync(join(folder, 'build'), { recursive: true });
    const job = String(tuned.structured['job_id']);
    for (const { name, examples } of MANIFEST)
      for (const { input, needs } of examples)
        if (needs === undefined)
          answers.push([name, await other.call(name, harmless(name, input, job), { timeout: 60_000 })]);
  });
  afterAll(() => other.close());

  it('the answer is none that says the example is wrong', () => {
    expect(answers.filter(([, { isError }]) => isError).map(([verb, { text }]) => `${verb}: ${text}`)).toEqual([]);
  });

  it('every link can be read', async () => {
    const links = [...new Set(answers.flatMap(([, { links: own }]) => own))];
    expect(links.length).toBeGreaterThan(15);
    for (const uri of links) {
      const { contents } = await other.request('resources/read', { uri });
      const [first, ...rest] = Array.isArray(contents) ? contents : [];
      expect(first, uri).toMatchObject({ uri: expect.any(String) });
      // A long file comes in parts: the second says where the next one is read.
      for (const { uri: next } of rest) expect(next).toContain('?offset=');
    }
  });

  it('a dry run says that it was one, and nothing that it did', async () => {
    for (const { name, examples, safety } of MANIFEST)
      for (const { input, needs } of safety === 'read_only' || name === 'job_cancel' ? [] : examples) {
        if (needs !== undefined) continue;
        const { i_understand_this_submits_jobs: _ack, ...rest } = input;
        const { text } = await other.call(name, { ...rest, dry_run: true }, { timeout: 60_000 });
        expect(text, name).toMatch(/\ndry run: nothing was started or written\n/);
        expect(text, name).not.toMatch(/^(recorded|imported|wrote|campaign) /);
      }
  });

  it('every next call works', async () => {
    const calls = answers.flatMap(([, { structured }]) => {
      const next: readonly { verb: string; input: Input; with?: string }[] = Array.isArray(structured['next'])
        ? structured['next']
        : [];
      return next.filter((step) => step.with === undefined);
    });
    expect(calls.length).toBeGreaterThan(15);
    const failed: string[] = [];
    for (const { verb, input } of calls) {
      const safety = MANIFEST.find(({ name }) => name === verb)?.safety;
      const { i_understand_this_submits_jobs: _ack, ...rest } = input;
      const { isError, text } = await other.call(verb, safety === 'read_only' ? rest : { ...rest, dry_run: true });
      if (isError) failed.push(`${verb} ${JSON.stringify(rest)}: ${text}`);
    }
    expect(failed).toEqual([]);
  });
});
