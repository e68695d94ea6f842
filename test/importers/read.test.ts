import fc from 'fast-check';
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { READERS } from '../../src/importers/readers.ts';
import { MAX_BYTES } from '../../src/importers/file-text.ts';
import { readMeasurement } from '../../src/importers/read.ts';
import { checkGpuCount } from '../../src/importers/gpu-count.ts';
import { Fault } from '../../src/text/fault.ts';
import { faultOf, fixturePath, fixtureText, read, readJson, valuesOf } from './outcome.ts';

const folder = mkdtempSync(join(tmpdir(), 'read-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('reading a file', () => {
  test('decompresses gzip and drops a byte order mark', async () => {
    const text = fixtureText('vllm-serve.json');
    const plain = await readMeasurement(fixturePath('vllm-serve.json'));
    expect(await readMeasurement(file('a.json.gz', gzipSync(text)))).toEqual(plain);
    expect(await readMeasurement(file('bom.json', `\uFEFF${text}`))).toEqual(plain);
  });

  test.each([
    ['empty', 'file_empty', ' \n'],
    ['UTF-16', 'not_utf8', Buffer.from('\uFEFF{"a":1}', 'utf16le')],
    ['Latin-1', 'not_utf8', Buffer.from('{"a":"\xe9"}', 'latin1')],
    ['a SQLite profile', 'not_text', Buffer.from('SQLite format 3\0........')],
    ['half a gzip file', 'gzip_damaged', gzipSync('{"a": 1}').subarray(0, 12)],
    ['prose', 'format_unknown', '# Notes\nNothing to see.\n'],
  ])('%s is refused as %s', async (name, code, content) => {
    const path = file(name.replaceAll(' ', '-'), content);
    const fault = await faultOf(readMeasurement(path));
    expect(fault).toMatchObject({ kind: 'input', code, details: { path } });
    expect(fault.details.fix).toBeTruthy();
  });

  test('a file over the limit is refused before it is read', async () => {
    const path = file('huge.json', '{');
    truncateSync(path, MAX_BYTES + 1);
    const fault = await faultOf(readMeasurement(path));
    expect(fault).toMatchObject({ code: 'file_too_large' });
    expect(fault.message).toContain('268 MB');
  });

  test('a path that is missing or a folder is named', async () => {
    expect(await faultOf(readMeasurement(join(folder, 'none.json')))).toMatchObject({ code: 'file_not_found' });
    expect(await faultOf(readMeasurement(folder))).toMatchObject({ code: 'not_a_file' });
  });
});

describe('choosing the reader', () => {
  test('readers are sorted and their names differ', () => {
    const names = READERS.map(({ format }) => format);
    expect(names).toEqual([...new Set(names)].toSorted());
  });

  test.each([
    ['atlas.jsonl', 'atlas'],
    ['envelope-v1.1.json', 'envelope'],
    ['guidellm-v1.json', 'guidellm_json'],
    ['inference-perfbench.json', 'inference_perfbench_v1'],
    ['inferencex-multinode.json', 'inferencex_json'],
    ['mlperf_log_summary.txt', 'mlperf_summary'],
    ['nccl-all-reduce.json', 'nccl_tests_json'],
    ['nccl-two-collectives.txt', 'nccl_tests'],
    ['nvbandwidth.txt', 'nvbandwidth_text'],
    ['profile_export_aiperf.csv', 'aiperf_csv'],
    ['profile_export_aiperf.json', 'aiperf_json'],
    ['profile_export_genai_perf.json', 'genai_perf_json'],
    ['sglang-console.txt', 'sglang_serve_console'],
    ['sglang-one-batch.jsonl', 'sglang_one_batch_jsonl'],
    ['sglang-serve.jsonl', 'sglang_serve_jsonl'],
    ['vllm-console.txt', 'vllm_serve_console'],
    ['vllm-latency.json', 'vllm_latency_json'],
    ['vllm-serve.json', 'vllm_serve_json'],
    ['vllm-sweep-summary.json', 'vllm_sweep_summary'],
    ['vllm-throughput.json', 'vllm_throughput_json'],
  ])('%s is %s, whatever its name', async (name, format) => {
    const outcome = await readMeasurement('upload.tmp', { text: fixtureText(name) });
    expect(outcome.format).toBe(format);
  });

  test('a format that the caller names is taken without a look', async () => {
    const outcome = await readMeasurement(fixturePath('vllm-serve.json'), { format: 'json_document' });
    expect(outcome.kind === 'measured' && valuesOf(outcome.reading)).toMatchObject({ mean_ttft_ms: 48.31 });
  });

  test('a format that does not exist is answered with the nearest', async () => {
    const fault = await faultOf(readMeasurement(fixturePath('vllm-serve.json'), { format: 'vllm_serve' }));
    expect(fault).toMatchObject({ code: 'format_unknown' });
    expect(fault.details.fix).toContain('did you mean vllm_serve_json');
  });

  test('a file that fits two formats is refused with both names', async () => {
    const text = `nvbandwidth Version: v0.8\n# size\n${fixtureText('nccl-two-collectives.txt')}`;
    const fault = await faultOf(readMeasurement('log', { text }));
    expect(fault).toMatchObject({
      code: 'format_ambiguous',
      details: { data: { formats: ['nccl_tests', 'nvbandwidth_text'] } },
    });
  });

  test('large detailed results are recognised by their first keys', async () => {
    const { mean_ttft_ms: ttft, ...rest } = JSON.parse(fixtureText('vllm-serve.json'));
    const reading = await readJson({
      ...rest,
      input_lens: Array.from({ length: 40_000 }, () => 1024),
      mean_ttft_ms: ttft,
    });
    expect(reading.format).toBe('vllm_serve_json');
    expect(valuesOf(reading)).toHaveProperty('ttft_mean_ms[concurrency=16]', 48.31);
  });
});

describe('number of GPUs', () => {
  test.each([
    [{ n_gpus: 8, tp: 4 }],
    [{ n_gpus: 8, tp: 4, pp: 2, ep: 8 }],
    [{ n_gpus: 8, tp: 8, dp: 8, dp_attention: true }],
    [
      {
        n_gpus: 40,
        disagg: true,
        tp: 32,
        roles: [
          { role: 'prefill', n_gpus: 8 },
          { role: 'decode', n_gpus: 32 },
        ],
      },
    ],
    [{ tp: 3 }],
  ])('%j fits', (context) => expect(() => checkGpuCount(context, 'x')).not.toThrow());

  test.each([
    [{ n_gpus: 4, tp: 8 }, 'tp x pp x dp is 8'],
    [{ n_gpus: 8, tp: 4, pp: 1, dp: 3 }, 'tp x pp x dp is 12'],
    [
      {
        n_gpus: 48,
        roles: [
          { role: 'prefill', n_gpus: 8 },
          { role: 'decode', n_gpus: 32 },
        ],
      },
      'the roles have 40',
    ],
  ])('%j is a conflict', (context, message) => expect(() => checkGpuCount(context, 'x')).toThrow(message));
});

describe('a damaged file', () => {
  const names = readdirSync(fixturePath(''));
  const damaged = fc
    .record({
      name: fc.constantFrom(...names),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      lost: fc.nat(60),
      cut: fc.boolean(),
    })
    .map(({ name, at, lost, cut }) => {
      const text = fixtureText(name);
      const start = Math.floor(at * text.length);
      return text.slice(0, start) + (cut ? '' : text.slice(start + lost));
    });

  test('is read or refused with a fault, and never yields a value that is no number', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, async (text) => {
        const outcome = await readMeasurement('damaged', { text }).catch((error: unknown) => error);
        if (outcome instanceof Fault) return;
        expect(outcome).toHaveProperty('kind');
        const { reading } = Object(outcome);
        for (const { value } of reading?.metrics ?? []) expect(Number.isFinite(value)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('with names of built-in members is read like any other', async () => {
    const odd = '{"__proto__": 1, "constructor": {"unit": "ms", "avg": 2}, "toString_ms": 3}';
    expect(valuesOf(await read(odd, 'x.json'))).toEqual({ ['__proto__']: 1, 'constructor.avg': 2, toString_ms: 3 });
  });
});
