// GPU readings from an exporter's page and from a Prometheus server, over real connections.
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { captureExporters, readExporterPage } from '../../src/telemetry/exporter-source.ts';
import { FIELD_NAMES } from '../../src/telemetry/gpu-fields.ts';
import { fieldQuery, queryPrometheus } from '../../src/telemetry/prometheus-source.ts';

let server: Server | undefined;
afterEach(() => void server?.close());

const serve = async (answer: (url: URL) => [number, string]): Promise<string> => {
  const started = createServer((request, response) => {
    const [status, text] = answer(new URL(request.url ?? '', 'http://h'));
    response.writeHead(status);
    response.end(text);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
};

const LABELS = (gpu: number, host = 'Hostname="node-7"'): string =>
  `gpu="${gpu}",UUID="GPU-${gpu}",device="nvidia${gpu}",modelName="NVIDIA B200",${host},DCGM_FI_DRIVER_VERSION="580.1"`;

const PAGE = [
  '# HELP DCGM_FI_DEV_POWER_USAGE Power draw (in W).',
  '# TYPE DCGM_FI_DEV_POWER_USAGE gauge',
  ...[0, 1].map((gpu) => `DCGM_FI_DEV_POWER_USAGE{${LABELS(gpu)}} ${700 + gpu}.5`),
  ...[0, 1].map((gpu) => `DCGM_FI_PROF_DRAM_UTIL_RATIO{${LABELS(gpu)}} 0.${gpu + 5}`),
  `DCGM_FI_DEV_MEMORY_TEMP{${LABELS(0)}} 9223372036854775794`,
  `DCGM_FI_DEV_XID_ERRORS{${LABELS(0)}} 9223372036854775794`,
].join('\n'); // prettier-ignore

const WANTED = { fields: FIELD_NAMES, gpus: undefined, node: 'n' };

describe('a page of dcgm-exporter', () => {
  test('is read by node and GPU, under old and new names; a blank is not known', () => {
    const { readings, gpus } = readExporterPage(PAGE, 5, WANTED);
    expect(gpus[0]).toEqual({ node: 'node-7', gpu: '0', uuid: 'GPU-0', name: 'NVIDIA B200' });
    expect(readings.map(({ values }) => values)).toEqual([
      { power_w: 700.5, dram_active: 0.5, xid: null },
      { power_w: 701.5, dram_active: 0.6 },
    ]);
  });

  test.each([
    ['hostname="h2"', 'h2'],
    ['Hostname="",instance="10.0.0.1:9400"', '10.0.0.1:9400'],
    ['other="x"', 'n'],
  ])('%s is node %s', (labels, node) => {
    const { readings } = readExporterPage(`DCGM_FI_DEV_POWER_USAGE{${LABELS(0, labels)}} 1`, 0, WANTED);
    expect(readings[0]?.node).toBe(node);
  });

  test('part of a split GPU is one of its own', () => {
    const part = `DCGM_FI_PROF_SM_ACTIVE{${LABELS(0)},GPU_I_PROFILE="1g.10gb",GPU_I_ID="7"} 0.5`;
    expect(readExporterPage(part, 0, WANTED).gpus[0]?.gpu).toBe('0/7');
  });

  test('names the fields that the exporter lacks', async () => {
    const url = await serve(() => [200, PAGE]);
    const ask = { ...WANTED, periodMs: 20, durationS: 0.05, until: new AbortController().signal, keep: () => undefined };
    const captured = await captureExporters([`${url}/metrics`], ask);
    expect(captured.readings.length).toBeGreaterThanOrEqual(2);
    expect(captured.lacking.find(({ field }) => field === 'sm_active')?.reason).toMatch(/no DCGM_FI_PROF_SM_ACTIVE: enable it/);
    expect(captured.lacking.map(({ field }) => field)).toContain('nvlink_tx');
    expect(captured.lacking.map(({ field }) => field)).not.toContain('power_w');
  }); // prettier-ignore

  test('that never comes is an error with the address', async () => {
    const url = await serve(() => [404, 'no']);
    const ask = { ...WANTED, periodMs: 20, durationS: 0.03, until: new AbortController().signal, keep: () => undefined };
    await expect(captureExporters([url], ask)).rejects.toMatchObject({ code: 'exporter_silent', message: expect.stringContaining(url) });
  }); // prettier-ignore

  const sample = '../shared/samples/dcgm-exporter/metrics_gb200.prom';
  test.skipIf(!existsSync(sample))('of a GB200 has four GPUs and no profiling field', () => {
    const { readings, gpus } = readExporterPage(readFileSync(sample, 'utf8'), 0, WANTED);
    expect(gpus).toHaveLength(4);
    expect(readings.every(({ values }) => (values.power_w ?? 0) > 100 && values.sm_active === undefined)).toBe(true);
  });
});

describe('Prometheus', () => {
  const asked = (url: string) => ({
    fields: FIELD_NAMES.filter((name) => ['dram_active', 'power_w', 'sm_active'].includes(name)),
    gpus: undefined,
    until: new AbortController().signal,
    keep: () => undefined,
    url,
    selector: 'namespace="glm",pod=~"vllm-.*"',
    startMs: 1_000_000,
    endMs: 1_030_000,
    stepS: 15,
  });
  const matrix = (result: unknown): [number, string] => [200, JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } })];

  test('is asked for each field over the window, and moments are joined', async () => {
    const seen: URL[] = [];
    const url = await serve((at) => {
      seen.push(at);
      const query = at.searchParams.get('query') ?? '';
      const metric = { gpu: '3', UUID: 'GPU-3', Hostname: 'node-7', modelName: 'NVIDIA B200' };
      if (query.includes('POWER_USAGE')) return matrix([{ metric, values: [[1000, '812.5'], [1015, '815']] }]);
      if (query.includes('DRAM')) return matrix([{ metric, values: [[1000, '0.5'], [1015, 'NaN']] }]);
      return matrix([]);
    });
    const captured = await queryPrometheus(asked(url));
    expect(captured.readings).toEqual([
      { at_ms: 1_000_000, node: 'node-7', gpu: '3', uuid: 'GPU-3', values: { dram_active: 0.5, power_w: 812.5 } },
      { at_ms: 1_015_000, node: 'node-7', gpu: '3', uuid: 'GPU-3', values: { dram_active: null, power_w: 815 } },
    ]);
    expect(captured.lacking.map(({ field }) => field)).toEqual(['sm_active']);
    expect(Object.fromEntries(seen[0]?.searchParams ?? [])).toMatchObject({ start: '1000', end: '1030', step: '15' });
  });

  test('both names of a field are in the query, beside the matchers', () => {
    expect(fieldQuery('dram_active', 'namespace="glm"')).toBe('{__name__=~"DCGM_FI_PROF_DRAM_ACTIVE|DCGM_FI_PROF_DRAM_UTIL_RATIO",namespace="glm"}');
    expect(fieldQuery('nvlink_tx', undefined)).toBe('{__name__="DCGM_FI_PROF_NVLINK_TX_BYTES"}');
  });

  test.each([
    ['an error', [400, '{"status":"error","error":"bad matcher"}'], 'bad matcher'],
    ['no JSON', [200, '<html>login</html>'], 'not valid JSON'],
    ['another answer', [200, '{"status":"success","data":{"resultType":"vector","result":[]}}'], 'no matrix'],
  ] as const)('that answers %s is refused with what it said', async (_what, [status, text], says) => {
    const url = await serve(() => [status, text]);
    await expect(queryPrometheus(asked(url))).rejects.toMatchObject({ code: 'prometheus_refused', message: expect.stringContaining(says) });
  });
}); // prettier-ignore
