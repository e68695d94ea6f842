// Profiles as an agent and a person meet them: the built server with a real client, and the command line. Exports are
// generated; captures of real tools are used where they lie beside the checkout.
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profileDiffSchema } from '../../src/profile/diff/profile-diff-schema.ts';
import { findTool } from '../../src/exec/find-tool.ts';
import { makeExport } from '../profile/make-export.ts';
import type { MadeExport, MadeKernel } from '../profile/make-export.ts';
import { makeTrace } from '../profile/inputs/make-trace.ts';
import { hasSamples, sample } from '../profile/shared-samples.ts';
import { execute } from '../sqlite/make-database.ts';
import { connect, freshRoot, removeRoot } from './connect.ts';
import type { Connection } from './connect.ts';
import { jsonOf, runCli, STACK_LINE } from './run-cli.ts';
import type { Finished } from './run-cli.ts';

const GEMM = 'nvjet_tst_128x256_64x4_2x1_v_bz_TNT';
const NORM = 'void vllm::rms_norm_kernel<c10::BFloat16>(c10::BFloat16*, int)';
const REDUCE = 'ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<(unsigned long)4096>)';

const KERNELS: readonly MadeKernel[] = [
  { name: NORM, ns: 30_000 },
  { name: GEMM, ns: 400_000 },
  { name: REDUCE, ns: 100_000 },
];

const slower = (name: string, factor: number): MadeKernel[] =>
  KERNELS.map((kernel) => (kernel.name === name ? { ...kernel, ns: Math.round(kernel.ns * factor) } : kernel));

const root = freshRoot();
const at = (name: string): string => join(root, 'files', name);
const cli = (...args: string[]): Promise<Finished> => runCli(args, { root });
const diffJson = async (...args: string[]): Promise<Record<string, unknown>> =>
  jsonOf(await cli('profile_profile_diff', ...args, '--json'));

const made = (name: string, change: Partial<MadeExport> = {}): string => {
  const path = at(name);
  mkdirSync(join(path, '..'), { recursive: true });
  makeExport(path, { kernels: KERNELS, steps: 20, marker: 'iteration', ...change });
  return path;
};

let client: Connection;
let [before, after] = ['', ''];
beforeAll(async () => {
  before = made('before.sqlite');
  after = made('after.sqlite', { kernels: slower(GEMM, 1.25) });
  client = await connect('2.x client, 2026-07-28', { root });
});
afterAll(async () => {
  await client.close();
  removeRoot(root);
});

describe('a credential in a capture', () => {
  const SECRET = 'a1b2c3d4e5f6a7b8c9';
  const withSecrets = (name: string, ns: number): string => {
    const path = made(name, {
      kernels: [{ name: `void gemm_kernel<HF_TOKEN="${SECRET}">(int)`, ns }, ...KERNELS],
      marker: `step --api-key ${SECRET}`,
    });
    execute(path, [
      'CREATE TABLE TARGET_INFO_SYSTEM_ENV (globalVid INTEGER, devStateName TEXT, name TEXT, nameEnum INTEGER, value TEXT)',
      `INSERT INTO TARGET_INFO_SYSTEM_ENV VALUES (1, 'Env', 'WANDB_API_KEY', 2, '${SECRET}')`,
      'CREATE TABLE META_DATA_CAPTURE (name TEXT, value TEXT)',
      `INSERT INTO META_DATA_CAPTURE VALUES ('PROCESS_0:COMMAND', 'vllm serve m --api-key ${SECRET}')`,
    ]);
    return path;
  };

  it('is nowhere in what is shown or written', async () => {
    const [baseline, candidate] = [withSecrets('secret-a.sqlite', 400_000), withSecrets('secret-b.sqlite', 520_000)];
    const answers = [
      await client.call('profile_summary', { profile: baseline }),
      await client.call('profile_profile_diff', { baseline, candidate }),
      await client.call('profile_profile_diff', { baseline, candidate, out: at('secret-report.md') }),
    ];
    const written = answers.flatMap(({ links }) => links).map((uri) => readFileSync(fileURLToPath(uri), 'utf8'));
    expect(written.length).toBeGreaterThanOrEqual(6);
    expect(JSON.stringify([answers, written])).not.toContain(SECRET);
    expect(written.join()).toContain('[redacted]');
    for (const text of written.filter((each) => each.startsWith('{'))) expect(() => JSON.parse(text)).not.toThrow();
    expect(
      await client.call('perf_baseline_record', { family: 'f', measurement: 'm', source: baseline }),
    ).toMatchObject({
      structured: { error: { code: 'secret_in_source' } },
    });
  });
});

describe.skipIf(!hasSamples)('the real pair', () => {
  const pair = [sample('nsys/mfu_2gpu_before.sqlite'), sample('nsys/mfu_2gpu_after.sqlite')] as const;
  const FIRST =
    /^RED for communication: collective ncclDevKernel_SendRecv takes 41\.4% longer per call .* its time moved from rank 0 .* to rank 1 .*; 11% fewer kernel calls were done/;

  it('says through both doors that a collective got slower and moved', async () => {
    const byClient = await client.call('profile_profile_diff', { baseline: pair[0], candidate: pair[1] });
    expect(byClient.text).toMatch(FIRST);
    expect(byClient.text.split('\n').length).toBeGreaterThan(5);
    expect(Buffer.byteLength(byClient.text)).toBeLessThanOrEqual(1536);
    expect(byClient.text).not.toMatch(/faster|improv/i);
    expect(byClient.text).toContain('next lever: Find out why rank 0 comes late');
    expect(byClient.structured).toMatchObject({
      verdict: 'RED',
      totals: {
        baseline_ns: 535_200_650,
        candidate_ns: 488_835_406,
        count_effect_ns: -57_598_322,
        per_call_effect_ns: 11_233_078,
      },
    });
    expect(byClient.links).toHaveLength(3);
    const byShell = await cli('profile_profile_diff', ...pair);
    expect(byShell.stdout).toMatch(FIRST);
  });

  it.each([
    [[], 0],
    [['--strict'], 1],
    [['--fail-on', 'red'], 1],
    [['--fail-on', 'yellow'], 1],
    [['--fail-on', 'inconclusive'], 3],
    [['--strict-context'], 0],
  ])('ends with %j in exit code %i', async (flags, code) => {
    expect((await cli('profile_profile_diff', ...pair, ...flags)).code).toBe(code);
  });

  it('is summarised in 1.5 kB without the environment of the program', async () => {
    const { text, structured } = await client.call('profile_summary', { profile: pair[0] });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1536);
    expect(text).toMatch(/^4010 kernel calls of 27 kernels, 535\.201 ms of GPU time/);
    expect(JSON.stringify(structured)).not.toMatch(/PATH=|HOME=|LD_LIBRARY/);
  });
});

describe('the flags of a diff', () => {
  it('a window keeps the calls that start in it', async () => {
    const { totals } = await diffJson(before, after, '--window', '0:0.005');
    const all = await diffJson(before, after);
    const calls = (value: unknown): number => Number(Object(value).baseline_calls);
    expect(calls(totals)).toBeGreaterThan(0);
    expect(calls(totals)).toBeLessThan(calls(all['totals']));
  });

  it('a step marker makes the step the headline; one that matches nothing does not', async () => {
    expect((await diffJson(before, after, '--step-marker', 'iteration'))['headline']).toMatchObject({ basis: 'step' });
    expect((await diffJson(before, after, '--step-marker', 'nothing'))['headline']).toMatchObject({
      basis: 'dominant_kernel',
    });
  });

  it('a threshold of a bucket decides what is adverse in it', async () => {
    const longer = made('longer.sqlite', { kernels: slower(REDUCE, 1.3) });
    const names = async (...flags: string[]) =>
      Object(await diffJson(before, longer, ...flags)).adverse.map((row: { name: string }) => row.name);
    expect(await names()).toContain(REDUCE);
    expect(await names('--threshold.collective', '50')).not.toContain(REDUCE);
    const wrong = await cli('profile_profile_diff', before, longer, '--threshold.colective', '50');
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.stderr).toContain('bucket_unknown');
  });

  it('labels stand in the report, and out and json_out say where it goes', async () => {
    const [out, json] = [at('report/diff.md'), at('report/rows.json')];
    const labels = ['--baseline-label', 'build 41', '--candidate-label', 'build 42'];
    const said = await diffJson(before, after, ...labels, '--out', out, '--json-out', json);
    expect(said).toMatchObject({ markdown: out, json, svg: at('report/diff.svg') });
    expect(readdirSync(at('report')).sort()).toEqual(['diff.md', 'diff.svg', 'rows.json']);
    expect(readFileSync(out, 'utf8')).toContain('build 42');
    expect(readFileSync(at('report/diff.svg'), 'utf8')).toContain('build 41');
    const rows = profileDiffSchema.parse(JSON.parse(readFileSync(json, 'utf8')));
    expect(rows.kernels.map((row) => row.name)).toContain(GEMM);
  });

  it('a dry run compares and writes nothing', async () => {
    const clean = freshRoot();
    const said = jsonOf(await runCli(['profile_profile_diff', before, after, '--dry-run', '--json'], { root: clean }));
    expect(said).toMatchObject({ verdict: 'RED', markdown: null, json: null, svg: null });
    expect(existsSync(join(clean, 'experiments'))).toBe(false);
    removeRoot(clean);
  });
});

describe('calls as older skill files send them', () => {
  const csv = (factor: number): string =>
    [
      'Time (%),Total Time (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name',
      `80.0,${8000 * factor},4,${2000 * factor},${2000 * factor},1900,${2400 * factor},100.0,"void gemm<int, float>(int)"`,
      '20.0,2000,2,1000.0,1000.0,900,1100,10.0,"vectorized_elementwise_kernel"',
    ].join('\n');
  const folders = (): [string, string] => {
    for (const [name, factor] of [
      ['csv-a', 1],
      ['csv-b', 2],
    ] as const) {
      mkdirSync(at(name), { recursive: true });
      writeFileSync(join(at(name), 'r_cuda_gpu_kern_sum.csv'), csv(factor));
    }
    return [at('csv-a'), at('csv-b')];
  };

  it.each([
    ['flags', (a: string, b: string) => ({ baseline_csv_dir: a, candidate_csv_dir: b })],
    ['args', (a: string, b: string) => ({ args: ['--baseline-csv-dir', a, '--candidate-csv-dir', b, '--json'] })],
    [
      'params with args',
      (a: string, b: string) => ({ params: { args: ['--baseline-csv-dir', a, '--candidate-csv-dir', b] } }),
    ],
  ])('%s', async (_, call) => {
    const { structured, isError } = await client.call('profile_profile_diff', call(...folders()));
    expect(isError).toBe(false);
    expect(structured).toMatchObject({ kernels_count: 2, totals: { baseline_ns: 10_000, per_call_effect_ns: 8000 } });
  });
});

describe('several files a side', () => {
  it('of the same ranks are repeated captures, and decide', async () => {
    const captures = (name: string, factor: number): string[] =>
      [0, 1, 2, 3, 4].map((trial) =>
        made(`${name}${trial}.sqlite`, { steps: 6, kernels: slower(GEMM, factor * (1 + trial / 500)) }),
      );
    const { text, structured } = await client.call('profile_profile_diff', {
      baseline: captures('trial-a', 1),
      candidate: captures('trial-b', 1.5),
    });
    expect(structured).toMatchObject({ decision: { status: 'FAIL', strength: 'proven' } });
    expect(text).toContain('n 5 against 5');
  });

  it('of one rank each are one capture', async () => {
    const nodes = (name: string, change: Partial<MadeExport>): string => {
      for (const rank of [0, 1]) {
        const path = made(`${name}/rank${rank}.sqlite`, { ranks: 1, ...change });
        execute(path, [`UPDATE CUPTI_ACTIVITY_KIND_KERNEL SET globalPid = globalPid + ${rank} * 16777216`]);
      }
      return at(name);
    };
    const folder = await diffJson(nodes('ranks-a', {}), nodes('ranks-b', { kernels: slower(GEMM, 1.25) }));
    expect(folder).toMatchObject({ totals: { baseline_calls: 120 }, decision: { reason: 'one_capture_a_side' } });
    const list = await client.call('profile_summary', {
      profile: [join(at('ranks-a'), 'rank0.sqlite'), join(at('ranks-a'), 'rank1.sqlite')],
    });
    expect(Object(list.structured)['ranks']).toHaveLength(2);
  });

  it('torch traces are compared too, also a part of them', async () => {
    makeTrace(at('trace.json'), { bytes: 400_000, perStep: 64 });
    makeTrace(at('slow.json'), { bytes: 400_000, perStep: 64, slower: { name: GEMM, factor: 1.4 } });
    const said = await diffJson(at('trace.json'), at('slow.json'));
    expect(said['first_line']).toMatch(/^YELLOW for gemm: nvjet_tst_\S+ takes 40\.0% longer per call/);
    const cut = await diffJson(at('trace.json'), at('slow.json'), '--window', '0.06:0.12');
    expect(cut['totals']).toMatchObject({ baseline_calls: 64, candidate_calls: 64 });
    expect(cut['first_line']).toMatch(/nvjet_tst_\S+ takes 40\.0% longer per call/);
    const outside = await cli('profile_summary', at('trace.json'), '--window', '500:600');
    expect(outside).toMatchObject({ code: 2, stderr: expect.stringContaining('window_outside_capture') });
  });
});

describe('a recorded profile', () => {
  it('is compared by perf_baseline_diff, with every field and the whole bundle', async () => {
    const recorded = await client.call('perf_baseline_record', {
      family: 'llama',
      measurement: 'profile',
      source: before,
    });
    expect(recorded.isError).toBe(false);
    const { structured, text } = await client.call('perf_baseline_diff', {
      baseline: 'llama/profile@latest',
      current: after,
    });
    expect(text).toMatch(/^RED for gemm: nvjet_tst_\S+ takes 2\d\.\d% longer per call/);
    expect(structured).toMatchObject({
      verdict: 'RED',
      shape: 'profile',
      tier: 'DRAFT',
      decision: { status: 'INCONCLUSIVE', basis: 'capture' },
      headline: ['time per step'],
      adverse: [
        { key: 'time per step', unit: 'ns' },
        { key: GEMM, unit: 'ns', direction: 'lower-is-better', tolerance: { percent: 5 } },
      ],
      next_verb: 'profile_profile_diff',
    });
    const folder = String(structured['diff_dir']);
    expect(readdirSync(folder).sort()).toEqual([
      'baseline-ref.txt',
      'current-snapshot.sqlite',
      'diff.json',
      'diff.md',
      'profile-diff.svg',
    ]);
    const file = JSON.parse(readFileSync(join(folder, 'diff.json'), 'utf8'));
    expect(file).toMatchObject({
      tool: 'perf_baseline_diff',
      shape: 'profile',
      verdict: 'RED',
      baseline_dir: structured['baseline_dir'],
      baseline_sha256: structured['baseline_sha256'],
      current_sha256: structured['current_sha256'],
      deltas_count: 4,
    });
    expect(profileDiffSchema.parse(file.profile).kernels.map((row) => row.name)).toContain(GEMM);
    const ref = readFileSync(join(folder, 'baseline-ref.txt'), 'utf8');
    expect(ref).toContain(String(structured['baseline_dir']));
    expect((await cli('perf_baseline_diff', 'llama/profile', after, '--strict')).code).toBe(1);
    expect((await cli('perf_baseline_diff', 'llama/profile', before, '--strict')).code).toBe(0);
  });
});

describe('files that are no profile, or no longer one', () => {
  const damaged: readonly (readonly [string, (path: string) => void])[] = [
    ['cut.sqlite', (path) => (copyFileSync(before, path), truncateSync(path, Math.floor(statSync(path).size / 2)))],
    ['zero.sqlite', (path) => writeFileSync(path, '')],
    ['foreign.sqlite', (path) => execute(path, ['CREATE TABLE users (id INTEGER)'])],
    ['text.sqlite', (path) => writeFileSync(path, 'SQLite format 2\n'.repeat(100))],
    [
      'broken-page.sqlite',
      (path) => {
        copyFileSync(before, path);
        const file = openSync(path, 'r+');
        writeSync(file, Buffer.alloc(4000, 0xff), 0, 4000, 4096);
        closeSync(file);
      },
    ],
    ['trace.json.gz', (path) => writeFileSync(path, Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]))],
    ['half.json', (path) => writeFileSync(path, '{"traceEvents": [{"ph": "X", "cat": "kernel", "na')],
    ['other.json', (path) => writeFileSync(path, '{"hello": "world"}')],
    ['r.ncu-rep', (path) => writeFileSync(path, 'not a report')],
    ['r.nsys-rep', (path) => writeFileSync(path, 'not a report')],
    ['notes.txt', (path) => writeFileSync(path, 'notes')],
  ];

  it.each(damaged)('%s', async (name, make) => {
    const path = at(`bad/${name}`);
    mkdirSync(at('bad'), { recursive: true });
    make(path);
    const { isError, text } = await client.call('profile_summary', { profile: path });
    expect({ isError, text }).toEqual({ isError: true, text: expect.stringContaining(name) });
    expect(text).not.toMatch(STACK_LINE);
    expect(text).not.toContain('internal');
    const shell = await cli('profile_profile_diff', before, path);
    expect(shell).toMatchObject({ code: 2, stdout: '' });
    expect(shell.stderr).not.toMatch(STACK_LINE);
    expect(statSync(path).isFile()).toBe(true);
  });
});

describe('large exports, which threads read that a server keeps', () => {
  const FILLED = 'INSERT INTO filler VALUES (zeroblob(9000000))';

  it('say the same as small ones, one after another, and after a damaged one', async () => {
    const [small, large, cut] = [before, made('large.sqlite'), at('large-cut.sqlite')];
    execute(large, ['CREATE TABLE filler (x BLOB)', FILLED]);
    copyFileSync(large, cut);
    truncateSync(cut, 8_500_000);
    const summary = async (profile: string): Promise<string> => {
      const { text } = await client.call('profile_summary', { profile });
      return text.replaceAll(/large|before|\d+(\.\d+)? [kM]B/g, '-');
    };
    const expected = await summary(small);
    expect(await summary(large)).toBe(expected);
    expect(await summary(cut)).toMatch(/damaged or truncated SQLite file/);
    expect(await Promise.all([large, large, large, large].map(summary))).toEqual(Array(4).fill(expected));
    const diff = await client.call('profile_profile_diff', { baseline: large, candidate: after });
    expect(diff.text).toMatch(/^RED/);
  });
});

describe('the environment of the profiled program', () => {
  it('is never echoed, whatever table it lies in', async () => {
    const canary = 'hf_CANARYcanaryCANARYcanary1234';
    const leaky = (name: string, change: Partial<MadeExport>): string => {
      const path = made(name, change);
      execute(path, [
        'CREATE TABLE TARGET_INFO_SYSTEM_ENV (name TEXT, value TEXT)',
        `INSERT INTO TARGET_INFO_SYSTEM_ENV VALUES ('HF_TOKEN', '${canary}'), ('NvDriverVersion', '580.95.05')`,
        'CREATE TABLE META_DATA_CAPTURE (name TEXT, value TEXT)',
        `INSERT INTO META_DATA_CAPTURE VALUES ('PROCESS_0:ENVIRONMENT_VARIABLE', 'HF_TOKEN=${canary}'), ('PROCESS_0:ARGUMENT_1', '--token=${canary}'), ('PROCESS_0:COMMAND', 'serve ${canary}')`,
      ]);
      return path;
    };
    const [a, b] = [leaky('leak-a.sqlite', {}), leaky('leak-b.sqlite', { kernels: slower(GEMM, 1.3) })];
    const out = at('leak/diff.md');
    const said = [
      await client.call('profile_summary', { profile: a }),
      await client.call('profile_profile_diff', { baseline: a, candidate: b, out }),
    ];
    expect(said.map((answer) => answer.isError)).toEqual([false, false]);
    const files = readdirSync(at('leak')).map((name) => readFileSync(join(at('leak'), name), 'utf8'));
    expect(files).toHaveLength(3);
    expect(JSON.stringify([said, files, client.stderr()])).not.toContain(canary);
  });
});

describe('profile_capture', () => {
  const launch = { mode: 'launch', command: ['sleep', '0.2'], trace: ['osrt'], name: 'run1' };

  it('without an acknowledgement is refused before anything starts', async () => {
    const { isError, text } = await client.call('profile_capture', launch);
    expect(isError).toBe(true);
    expect(text).toMatch(/i_understand_this_submits_jobs/);
    expect(text).toMatch(/dry_run/);
    expect((await cli('profile_capture', '--mode', 'launch', '--command', 'sleep,1')).code).toBe(2);
    expect(existsSync(join(root, 'experiments/artifacts/jobs'))).toBe(false);
  });

  it('in a dry run shows the command and writes nothing', async () => {
    const { isError, text } = await client.call('profile_capture', { ...launch, dry_run: true });
    expect(isError).toBe(false);
    expect(text).toMatch(/nsys profile .*--trace=\S*osrt.* sleep 0\.2/);
    expect(existsSync(join(root, 'experiments/artifacts/profiles'))).toBe(false);
    expect(existsSync(join(root, 'experiments/artifacts/jobs'))).toBe(false);
  });

  const present = findTool('nsys', process.env) !== null;
  if (!present) console.log('skipped: nsys is not installed');

  it.skipIf(!present)('records a CPU program as a job and says that it has no kernels', async () => {
    const acknowledged = { ...launch, i_understand_this_submits_jobs: true };
    const started = await client.call('profile_capture', { ...acknowledged, out: at('capture'), wait_s: 0 });
    const id = String(started.structured['job_id']);
    const done = await ended(id);
    expect(done).toMatchObject({ state: 'succeeded', result: { validation: { verdict: 'no_kernels', kernels: 0 } } });
    expect(readdirSync(at('capture')).sort()).toEqual(['run1.capture.json', 'run1.nsys-rep', 'run1.sqlite']);
    expect((await client.call('job_status', { job_id: id })).text).toContain('no_kernels');
  });

  it.skipIf(!present)('is cancelled and leaves a state that says so', async () => {
    const started = await client.call('profile_capture', {
      ...launch,
      command: ['sleep', '300'],
      name: 'run2',
      out: at('cancelled'),
      i_understand_this_submits_jobs: true,
      wait_s: 0,
    });
    const id = String(started.structured['job_id']);
    await client.call('job_cancel', { job_id: id });
    expect(await ended(id)).toMatchObject({ state: 'cancelled' });
  });

  const ended = async (id: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const { structured } = await client.call('job_status', { job_id: id });
      if (!['queued', 'running'].includes(String(structured['state']))) return structured;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
});
