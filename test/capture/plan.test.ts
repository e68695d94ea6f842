import { describe, expect, test } from 'vitest';
import { checkCaptureInput, type CaptureInput } from '../../src/capture/capture-input.ts';
import { captureOverhead, overheadText, rateBetween } from '../../src/capture/capture-overhead.ts';
import { ncuPlace, planCapture } from '../../src/capture/capture-plan.ts';
import { deploymentAdvice } from '../../src/capture/deployment-advice.ts';
import { ASSUMED_NSYS, parseNsysOptions } from '../../src/drivers/nsys-facts.ts';
import { Fault } from '../../src/text/fault.ts';

const tools = { nsys: ASSUMED_NSYS, ncu: null };
const base: CaptureInput = { mode: 'launch', name: 'run1', out: '/o', session: 's1', command: ['./bench', '--n', '1'] };
const pod = { pod: 'engine-0', namespace: 'ns', container: 'engine', context: 'c1' };

const lines = (input: CaptureInput): string[] =>
  planCapture(checkCaptureInput(input), tools).steps.map((step) => {
    const detail = step.action === 'wait' ? `${step.seconds} s` : (step.argv?.join(' ') ?? '');
    return `${step.name}: ${step.action === 'http' && step.argv === null ? `POST ${step.url}` : detail}`.trim();
  });

const faultOf = (work: () => unknown): Fault => {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error;
  }
  throw new Error('expected a Fault');
};

describe('a plan is the exact commands:', () => {
  test('a program under nsys on this machine', () => {
    const profile =
      'nsys profile --session-new=s1 --trace=cuda,nvtx,osrt --cuda-graph-trace=node ' +
      '--sample=none --cpuctxsw=none --duration=5 --output=/o/run1 --force-overwrite=true ./bench --n 1';
    const plan = lines({ ...base, durationS: 5 });
    expect(plan.slice(0, 2)).toEqual([`profile: ${profile}`, 'end_session: nsys shutdown --session=s1 --kill=sigterm']);
    expect(plan[2]).toMatch(/^export: nsys export --type=sqlite --output=\/o\/run1\.sqlite .* \/o\/run1\.nsys-rep$/);
    expect(plan[3]).toBe('validate:');
  });

  test('a prepared session in a pod: made there, exported there, fetched', () => {
    const exec = 'kubectl --context=c1 --namespace=ns exec --container=engine engine-0 --';
    const plan = lines({ ...base, mode: 'session', durationS: 8, pod });
    expect(plan.slice(0, 6)).toEqual([
      `find_session: ${exec} nsys sessions list`,
      `make_folder: ${exec} mkdir -p /tmp/profile-and-optimize`,
      `start: ${exec} nsys start --session=s1 --output=/tmp/profile-and-optimize/run1 --force-overwrite=true --sample=none --cpuctxsw=none`,
      'record: 8 s',
      `stop: ${exec} nsys stop --session=s1`,
      `cancel_session: ${exec} nsys cancel --session=s1`,
    ]);
    expect(plan.slice(7)).toEqual([
      'fetch: kubectl --context=c1 --namespace=ns cp --retries=5 --container=engine engine-0:/tmp/profile-and-optimize/run1.nsys-rep /o/run1.nsys-rep',
      'fetch: kubectl --context=c1 --namespace=ns cp --retries=5 --container=engine engine-0:/tmp/profile-and-optimize/run1.sqlite /o/run1.sqlite',
      'validate:',
    ]);
  });

  test('the endpoints of an engine', () => {
    const input = { ...base, mode: 'endpoints', baseUrl: 'http://h:8000/', durationS: 3, collectFrom: '/t' } as const;
    expect(lines(input)).toEqual([
      'mark: touch /o/.run1.began',
      'start: POST http://h:8000/start_profile',
      'record: 3 s',
      'stop: POST http://h:8000/stop_profile',
      'stop_after_failure: POST http://h:8000/stop_profile',
      'find_files:',
      'validate:',
    ]);
    const bodies = (change: Partial<CaptureInput>): unknown[] =>
      planCapture({ ...input, ...change }, tools).steps.flatMap((step) => (step.action === 'http' ? [step.body] : []));
    expect(bodies({ engine: 'vllm' })).toEqual([null, null, null]);
    expect(bodies({ engine: 'sglang' })[0]).toBe('{"activities":["CPU","GPU"],"output_dir":"/t"}');
    expect(bodies({ engine: 'sglang', profiler: 'cuda' })[0]).toBe('{"activities":["CUDA_PROFILER"]}');
  });

  test('named kernels under ncu', () => {
    const { out, name } = ncuPlace('/w', 'gemm_4096');
    expect(lines({ ...base, mode: 'ncu', out, name, kernels: ['k'] })).toEqual([
      'profile: ncu --set full --export /w/results/nsight/gemm_4096_ours --force-overwrite --kernel-name k ./bench --n 1',
      'validate:',
    ]);
  });

  test('ncu in a pod can be ended there, its arguments never pass through a shell', () => {
    const plan = planCapture(checkCaptureInput({ ...base, mode: 'ncu', pod }), tools);
    const [, profile, end] = plan.steps;
    expect(profile?.argv?.slice(-13, -9)).toEqual([
      'sh',
      '-c',
      'echo $$ > "$0"; exec "$@"',
      '/tmp/profile-and-optimize/run1.pid',
    ]);
    expect(profile?.argv?.slice(-3)).toEqual(['./bench', '--n', '1']);
    expect(end).toMatchObject({ name: 'end_ncu', undoes: 'profile' });
  });

  test('an option that the version lacks is not there, and is named', () => {
    const options = {
      profile: parseNsysOptions("\t-t, --trace=\n\t   'cuda', 'nvtx', 'osrt'\n\t--sample=\n\t--cpuctxsw=\n"),
    };
    const old = { ...ASSUMED_NSYS, version: '2020.1', options };
    const plan = planCapture(base, { nsys: old, ncu: null });
    expect(plan.left_out).toContain('--cuda-graph-trace=node');
    expect(JSON.stringify(plan.steps)).not.toContain('cuda-graph-trace');
  });
});

test.each([
  ['a name that climbs out', { name: '../x' }, 'unsafe_segment'],
  ['a session name with a blank', { session: 'a b' }, 'unsafe_segment'],
  ['no program', { command: undefined }, 'capture_field_missing'],
  ['an empty program', { command: [] }, 'capture_field_invalid'],
  ['no duration for a session', { mode: 'session' }, 'capture_field_missing'],
  ['no folder for an engine', { mode: 'endpoints', baseUrl: 'http://h', durationS: 1 }, 'capture_field_missing'],
  ['a duration of nothing', { durationS: 0 }, 'capture_field_invalid'],
  [
    'an address that is none',
    { mode: 'endpoints', baseUrl: 'h:8000', durationS: 1, collectFrom: '/t' },
    'capture_field_invalid',
  ],
] as const)('%s is a usage fault', (_name, change, code) => {
  expect(faultOf(() => checkCaptureInput({ ...base, ...change }))).toMatchObject({ kind: 'usage', code });
});

describe('what to add to a deployment', () => {
  test('for a session: the launch command in front', () => {
    const advice = deploymentAdvice({ ...base, mode: 'session', engine: 'vllm', durationS: 1 }, ASSUMED_NSYS);
    expect(advice?.command_prefix.join(' ')).toBe(
      'nsys launch --session-new=s1 --trace=cuda,nvtx,osrt --cuda-graph-trace=node --trace-fork-before-exec=true',
    );
    expect(advice?.env).toEqual({ VLLM_WORKER_MULTIPROC_METHOD: 'spawn' });
  });

  test('for the torch profiler: what the engine takes', () => {
    const asked = { ...base, mode: 'endpoints', collectFrom: '/t' } as const;
    expect(deploymentAdvice({ ...asked, engine: 'vllm' }, ASSUMED_NSYS)).toMatchObject({
      extra_args: ['--profiler-config', '{"profiler":"torch","torch_profiler_dir":"/t"}'],
      writable_folder: '/t',
    });
    expect(deploymentAdvice({ ...asked, engine: 'sglang' }, ASSUMED_NSYS)).toMatchObject({
      extra_args: [],
      env: { SGLANG_TORCH_PROFILER_DIR: '/t' },
    });
  });

  test('for a range: nsys that waits for the engine to start it', () => {
    const advice = deploymentAdvice({ ...base, mode: 'endpoints', profiler: 'cuda', collectFrom: '/t' }, ASSUMED_NSYS);
    expect(advice?.command_prefix).toContain('--capture-range=cudaProfilerApi');
    expect(advice?.command_prefix).toContain('--output=/t/run1');
    expect(advice?.extra_args).toEqual(['--profiler-config', '{"profiler":"cuda"}']);
  });

  test('nothing for a program that the capture starts itself', () => {
    expect(deploymentAdvice(base, ASSUMED_NSYS)).toBeNull();
  });
});

describe('the overhead of a capture', () => {
  test('is the share of the rate that was lost', () => {
    expect(captureOverhead({ before: 1000, during: 920 }, { before: null, during: null })).toMatchObject({
      overhead_pct: 8,
      unit: 'tok/s',
      reason: null,
    });
    expect(captureOverhead({ unit: 'req/s' }, { before: 10, during: 11 }).overhead_pct).toBe(-10);
    const overhead = captureOverhead({}, { before: 412.04, during: 316.86 });
    expect(overheadText(overhead)).toBe('overhead: 23.1% (412 -> 316.9 tok/s)');
  });

  test.each([
    [{ before: 1000 }, { before: null, during: null }, 'the rate during the capture is not known'],
    [{}, { before: null, during: 5 }, 'the rate before the capture is not known'],
    [{}, { before: 0, during: 0 }, 'nothing ran before the capture'],
  ])('is null with a reason for %j and %j', (question, measured, reason) => {
    const overhead = captureOverhead(question, measured);
    expect(overhead).toMatchObject({ overhead_pct: null, reason });
    expect(overheadText(overhead)).toBe(`overhead: not known, ${reason}`);
  });

  test('is not read over a restart of the engine', () => {
    expect(rateBetween({ value: 10, atMs: 0 }, { value: 110, atMs: 2000 })).toBe(50);
    expect(rateBetween({ value: 10, atMs: 0 }, { value: 3, atMs: 2000 })).toBeNull();
    expect(rateBetween(null, { value: 3, atMs: 2000 })).toBeNull();
  });
});
