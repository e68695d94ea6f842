import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentHash } from '../../src/envelope/content-hash.ts';
import { diffExitCode, diffFiles } from '../../src/envelope/diff.ts';
import { readSide } from '../../src/envelope/diff-files.ts';
import type { Envelope } from '../../src/envelope/envelope.ts';
import { NO_PROVENANCE, readProvenance } from '../../src/envelope/provenance.ts';
import { capacityOf, recordRun, type RecordOptions, type SideOutput } from '../../src/envelope/record-run.ts';
import { checkEnvelope, requestLines } from '../../src/envelope/write.ts';
import type { RunHooks, RunPlan } from '../../src/load/bench-run.ts';
import { findSuite, resolveSlo } from '../../src/load/suites.ts';
import { parseJsonObject } from '../../src/text/json.ts';
import { answered, failed } from '../load/request-records.ts';
import { startStandIn, type StandIn, type StandInOptions } from '../load/stand-in-server.ts';
import { DEFAULTS } from './readings.ts';

let folder = '';
const open: StandIn[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'envelope-'));
});
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
  await rm(folder, { recursive: true });
});

const serve = async (options: StandInOptions = {}): Promise<StandIn> => {
  const server = await startStandIn({ gapMs: 0, firstMs: 1, ...options });
  open.push(server);
  return server;
};

const plan = (baseUrl: string, given: Partial<RunPlan> = {}): RunPlan => ({
  sides: [
    {
      server: {
        baseUrl,
        apiKey: null,
        endpoint: 'chat',
        model: null,
        source: { kind: 'suite', suite: findSuite('chatbot-short') },
        isl: null,
        osl: 16,
        seed: 7,
        trials: 2,
        runNonce: 'n',
        limits: { firstByteMs: 2000, stallMs: 500, totalMs: null },
      },
      nGpus: 2,
      sampleGpus: null,
      power: null,
      restart: null,
    },
  ],
  points: [{ kind: 'closed', concurrency: 4 }],
  trials: 2,
  stop: { requests: 24, durationS: null },
  warmUp: { kind: 'none' },
  slo: resolveSlo('llm.relaxed').slo,
  maxInFlight: 100,
  readyLimitMs: 1000,
  ...given,
});

const output = (given: Partial<SideOutput['description']> = {}): SideOutput => ({
  folder: join(folder, 'out'),
  description: {
    suiteId: 'llm.inference.chatbot-short',
    suiteVersion: '1.0.0',
    engine: null,
    quant: 'fp16',
    hardware: 'NVIDIA H200',
    sloTemplate: 'llm.relaxed',
    context: {},
    provenance: NO_PROVENANCE,
    ...given,
  },
});

const HOOKS: RunHooks = { signal: new AbortController().signal, onProgress: () => undefined };
const run = (baseUrl: string, given: Partial<RunPlan> = {}, options: Partial<RecordOptions> = {}) =>
  recordRun(plan(baseUrl, given), { outputs: [output()], append: false, ...options }, HOOKS);

const readEnvelope = async (path: string): Promise<Envelope> => {
  const value = parseJsonObject(await readFile(path, 'utf8'), path);
  await checkEnvelope(value);
  return value as unknown as Envelope;
};

describe('a recorded run', () => {
  it('is one file per load point, named by its content, with every request beside it', async () => {
    const recorded = await run((await serve()).baseUrl, {
      points: [
        { kind: 'closed', concurrency: 2 },
        { kind: 'open', ratePerS: 200, arrival: 'poisson' },
      ],
    });
    const names = await readdir(join(folder, 'out'));
    expect(names.map((name) => name.replace(/[0-9a-f]{12}\.json$/, '#').replace(/-[0-9a-f-]{36}\./, '-run.'))).toEqual([
      'c2-#',
      'requests-c2-run.jsonl',
      'requests-rps200-run.jsonl',
      'rps200-#',
    ]);
    for (const point of recorded.points) {
      if (point.kind !== 'written') throw new Error('not written');
      const envelope = await readEnvelope(point.path);
      expect(point.path).toContain(contentHash(envelope).slice(0, 12));
      const lines = (await readFile(join(folder, 'out', envelope.distributions['requests'] ?? ''), 'utf8'))
        .trim()
        .split('\n');
      expect(lines).toHaveLength(48);
    }
  });

  it('says v1.1, null and why, where an endpoint does not state', async () => {
    const [point] = (await run((await serve()).baseUrl)).points;
    const envelope = await readEnvelope(point?.kind === 'written' ? point.path : '');
    expect(envelope).toMatchObject({
      envelope_version: 'v1.1',
      model: { id: 'stand-in', revision: null, provider: 'vllm' },
      engine: { name: 'vllm', version: '0.11.0', config_hash: null },
      hardware_fingerprint: null,
      seed: 7,
      driver_options: {
        driver: 'closed_loop',
        concurrency: 4,
        rps: null,
        requests: 24,
        isl: 128,
        osl: 16,
        cache_mode: 'cold',
      },
      context: { n_gpus: 2, quant: 'fp16', hardware: 'NVIDIA H200', concurrency: 4, engine_version: '0.11.0' },
      metrics: { ok_rate: 1, joules_per_token: null },
      labels: { token_source: 'usage', isl_counted_by: 'tokenize' },
    });
    expect(envelope.provenance_missing.map(({ field }) => field)).toEqual([
      'model.revision',
      'engine.config_hash',
      'hardware_fingerprint',
      'software_provenance',
    ]);
    expect(envelope.metrics_missing).toContainEqual({ field: 'joules_per_token', reason: 'no power source named' });
    expect(
      envelope.trials.map(({ index, replicate_level, validity }) => [
        index,
        replicate_level,
        validity.includes('no_telemetry'),
      ]),
    ).toEqual([
      [0, 'window', true],
      [1, 'window', true],
    ]);
    const pair = envelope.trials.map(({ metrics }) => metrics['throughput_tok_per_s'] ?? 0);
    const valid = envelope.trials.every(({ validity }) => validity.length === 1);
    if (valid) expect(envelope.metrics['throughput_tok_per_s']).toBeCloseTo(((pair[0] ?? 0) + (pair[1] ?? 0)) / 2);
  });

  it('says v1 where everything that it demands is known', async () => {
    const hash = 'ab'.repeat(32);
    const provenance = readProvenance({
      model: { revision: 'a09a35458c70' },
      engine: { config_hash: hash, version: '0.11.0' },
      hardware_fingerprint: {
        dmi_uuid: 'u',
        gpus: [{ model: 'g', pci_id: 'p', serial: 's', vbios: 'v' }],
        cpu: {},
        memory: {},
        bios: {},
        driver: '580',
        cuda: '13.0',
      },
      software_provenance: { pip_freeze_hash: hash, git_commit: 'abcdef0' },
    });
    const [point] = (await run((await serve()).baseUrl, {}, { outputs: [output({ provenance })] })).points;
    expect(await readEnvelope(point?.kind === 'written' ? point.path : '')).toMatchObject({
      envelope_version: 'v1',
      provenance_missing: [],
    });
  });

  it('refuses a folder that holds the point before anything is sent, unless it appends', async () => {
    const server = await serve();
    await run(server.baseUrl);
    const sent = server.bodies.length;
    await expect(run(server.baseUrl)).rejects.toMatchObject({ code: 'point_exists' });
    expect(server.bodies).toHaveLength(sent);
    await run(server.baseUrl, {}, { append: true });
    expect((await readdir(join(folder, 'out'))).filter((name) => name.startsWith('c4-'))).toHaveLength(2);
  });

  it('of a server that answers nothing writes nothing, and says why', async () => {
    const recorded = await run((await serve({ behave: () => 'server_error' })).baseUrl, {
      stop: { requests: 6, durationS: null },
    });
    expect(recorded.points).toEqual([
      {
        kind: 'no_measurement',
        side: 0,
        point: 'c4',
        failures: { server_error: 12 },
        detail: expect.stringMatching(/^HTTP 503/) as string,
      },
    ]);
    await expect(readdir(join(folder, 'out'))).rejects.toThrow();
  });

  it('counts failures with their reasons', async () => {
    const [point] = (await run((await serve({ behave: (n) => (n % 3 === 2 ? 'drop' : 'good') })).baseUrl)).points;
    const envelope = await readEnvelope(point?.kind === 'written' ? point.path : '');
    expect(envelope.failures['dropped']).toBeGreaterThan(10);
    expect(envelope.metrics['ok_rate']).toBeCloseTo(2 / 3, 1);
  });

  it('is read back by the comparison as what it is', async () => {
    const server = await serve();
    await run(server.baseUrl);
    const side = await readSide([join(folder, 'out')]);
    const result = diffFiles(side, side, { tolerance: 0.02, defaults: DEFAULTS, strictContext: true });
    expect(result.context_match.all_match).toBe(true);
    expect(result.points.map(({ point }) => point)).toEqual(['c4']);
    expect(result.summary).toMatchObject({ regression: 0, improvement: 0, missing: 0 });
    expect([0, 3, 4]).toContain(diffExitCode(result, { strict: true, strictContext: true }));
  });
});

describe('the requests beside an envelope', () => {
  const records = [answered({ sentMs: 0, pieceMs: [1.23456, 3] }), failed('dropped')];
  const parsed = (mostGaps?: number) =>
    requestLines([{ index: 1, records }], mostGaps)
      .trim()
      .split('\n')
      .map((line) => parseJsonObject(line));

  it('are one line each, to the microsecond, and a failed one has no latency', () => {
    expect(parsed()).toMatchObject([
      { trial: 1, ttft_ms: 1.235, e2e_ms: 3, itl_ms: [1.765], failure: null },
      { trial: 1, ttft_ms: null, e2e_ms: null, itl_ms: [], failure: 'dropped' },
    ]);
  });

  it('go without their gaps when there are too many', () => {
    expect(parsed(1)[0]).toMatchObject({ ttft_ms: 1.235, itl_ms: null });
  });
});

describe('capacity', () => {
  it.each([
    [
      'the last point before the first miss',
      [
        ['c1', 1, true],
        ['c16', 16, true],
        ['c64', 64, false],
      ],
      'c16',
    ],
    [
      'not a lucky point beyond it',
      [
        ['c64', 64, true],
        ['c16', 16, false],
        ['c1', 1, true],
      ],
      'c1',
    ],
    [
      'nothing when every point misses',
      [
        ['c1', 1, false],
        ['c2', 2, false],
      ],
      null,
    ],
    ['not stated by one point', [['c1', 1, true]], null],
  ] as const)('is %s', (_, points, capacity) => {
    expect(capacityOf(points.map(([point, load, met]) => ({ point, load, met })))).toBe(capacity);
  });
});

describe('files of a comparison', () => {
  const V1 = { envelope_version: 'v1', suite_id: 's', metrics: { throughput_tok_per_s: 1000, ok_rate: 1 } };

  it.each([
    ['a path that is not there', async () => ['gone.json'], 'file_not_found'],
    ['an empty folder', async () => ['.'], 'folder_empty'],
    ['the same file twice', async () => ['a.json', 'a.json'], 'file_twice'],
    ['a run in which nothing was answered', async () => ['dead.json'], 'no_measurement'],
  ])('%s is refused', async (_, names, code) => {
    const paths = (await names()).map((name) => join(folder, name));
    if (code !== 'folder_empty') {
      await writeFile(join(folder, 'a.json'), JSON.stringify(V1));
      await writeFile(join(folder, 'dead.json'), JSON.stringify({ ...V1, metrics: { ok_rate: 0 } }));
    }
    await expect(readSide(paths)).rejects.toMatchObject({ code });
  });

  it('of a folder are its JSON files', async () => {
    await writeFile(join(folder, 'b.json'), JSON.stringify(V1));
    await writeFile(join(folder, 'requests-c4-x.jsonl'), '{}');
    const [only, ...others] = await readSide([folder]);
    expect(others).toEqual([]);
    expect(only?.reading.metrics.map(({ name }) => name)).toEqual(['throughput_tok_per_s', 'ok_rate']);
    expect(only?.envelope?.['suite_id']).toBe('s');
  });
});
