import { describe, expect, test } from 'vitest';
import { faultOf, fixtureText, read, readFixture, reasonOf, valuesOf } from './outcome.ts';

const allReduce = 'dtype=float,op=all_reduce,place=out_of_place,redop=sum';

describe('nccl-tests text', () => {
  test('points are sizes, in and out of place, of each collective in the log', async () => {
    const reading = await readFixture('nccl-two-collectives.txt');
    expect(reading.format).toBe('nccl_tests');
    expect(valuesOf(reading)).toMatchObject({
      [`busbw_gb_per_s[${allReduce},size=1073741824]`]: 353.97,
      [`time_us[${allReduce},size=1024]`]: 14.2,
      'algbw_gb_per_s[dtype=float,op=broadcast,place=in_place,root=0,size=1073741824]': 357.68,
      'busbw_mean_gb_per_s[op=all_reduce]': 176.805,
      'out_of_bounds_count[op=broadcast]': 0,
    });
    expect(reading.trials).toEqual([]);
    expect(reading.context).toEqual({ hardware: 'NVIDIA H200', n_gpus: 4, gpus_per_node: 2 });
  });

  test('rows that move nothing and bandwidths of two digits are not compared', async () => {
    const reading = await readFixture('nccl-two-collectives.txt');
    const keys = Object.keys(valuesOf(reading));
    expect(keys.some((key) => key.includes('size=0'))).toBe(false);
    expect(keys).not.toContain(`busbw_gb_per_s[${allReduce},size=1024]`);
    expect(reading.warnings.join()).toContain('too coarsely');
  });

  test('wrong results are counted and said', async () => {
    const reading = await readFixture('nccl-two-collectives.txt');
    expect(valuesOf(reading)['out_of_bounds_count[op=all_reduce]']).toBe(2);
    expect(reading.warnings.join()).toContain('wrong results');
  });

  test('the headline is the bus bandwidth at the largest size', async () => {
    const { policy } = await readFixture('nccl-two-collectives.txt');
    expect(policy).toEqual([
      { match: 'busbw_gb_per_s[*size=1073741824]', headline: true },
      { match: 'busbw_gb_per_s[*size=1073741824,*]', headline: true },
    ]);
  });

  test('prefixes of srun and mpirun do not matter', async () => {
    const text = fixtureText('nccl-two-collectives.txt');
    const plain = valuesOf(await read(text, 'log'));
    for (const prefix of ['0: ', '[1,0]<stdout>:'])
      expect(valuesOf(await read(text.replaceAll(/^/gm, prefix), 'log'))).toEqual(plain);
  });

  test('a program run twice is two processes', async () => {
    const [first = ''] = fixtureText('nccl-two-collectives.txt').split('# Collective test starting: broadcast_perf');
    const { trials } = await read(first + first.replace('353.97', '350.00'), 'log');
    expect(
      trials.map((trial) => [trial.replicate_level, trial.values[`busbw_gb_per_s[${allReduce},size=1073741824]`]]),
    ).toEqual([
      ['process', 353.97],
      ['process', 350],
    ]);
  });

  test('tables that do not name their collective are numbered, not taken for repeats', async () => {
    const text = fixtureText('nccl-two-collectives.txt').replaceAll(/^# Collective test .*\n/gm, '');
    const reading = await read(text, 'log');
    expect(reading.trials).toEqual([]);
    expect(new Set(reading.metrics.map(({ labels }) => labels['table']))).toEqual(new Set([1, 2]));
  });

  test('a test that failed before its first row is no measurement', async () => {
    expect(await reasonOf(fixtureText('nccl-failed.txt'), 'log')).toContain('unhandled system error');
  });

  test('a log cut off before its first row is refused', async () => {
    const [head = ''] = fixtureText('nccl-two-collectives.txt').split('           0             0');
    expect(await faultOf(read(head, 'log'))).toMatchObject({ code: 'no_rows' });
  });
});

test('nccl-tests JSON gives the keys of its text', async () => {
  const reading = await readFixture('nccl-all-reduce.json');
  expect(reading.format).toBe('nccl_tests_json');
  expect(valuesOf(reading)).toMatchObject({
    [`busbw_gb_per_s[${allReduce},size=1073741824]`]: 353.980821,
    [`wrong_count[${allReduce},size=1048576]`]: 0,
    'busbw_mean_gb_per_s[op=all_reduce]': 201.7,
  });
  expect(reading.context).toEqual({ hardware: 'NVIDIA H200', n_gpus: 4, gpus_per_node: 4, node: 'node-a' });
});

describe('nvbandwidth', () => {
  test('text: pairs by row and column, no value for N/A, no sum of latencies', async () => {
    const reading = await readFixture('nvbandwidth.txt');
    expect(valuesOf(reading)).toEqual({
      'bandwidth_gb_per_s[pair=0-0,test=host_to_device_memcpy_ce]': 55.31,
      'bandwidth_gb_per_s[pair=0-1,test=host_to_device_memcpy_ce]': 55.29,
      'bandwidth_sum_gb_per_s[test=host_to_device_memcpy_ce]': 110.6,
      'bandwidth_gb_per_s[pair=0-1,test=device_to_device_memcpy_read_ce]': 396.1,
      'bandwidth_gb_per_s[pair=1-0,test=device_to_device_memcpy_read_ce]': 395.8,
      'bandwidth_sum_gb_per_s[test=device_to_device_memcpy_read_ce]': 791.9,
      'latency_ns[pair=0-1,test=device_to_device_latency_sm]': 902.1,
      'latency_ns[pair=1-0,test=device_to_device_latency_sm]': 903.4,
    });
    expect(reading.context).toEqual({ hardware: 'NVIDIA H200', n_gpus: 2, driver: '580.95.05', cuda: '12.9' });
    expect(reading.warnings).toEqual(['tests waived on this machine: 1']);
  });

  const testcase = (name: string, status: string, matrix?: string[][]) => ({
    name,
    status,
    ...(matrix === undefined
      ? {}
      : {
          bandwidth_description: 'memcpy CE GPU(row) -> GPU(column) bandwidth (GB/s) ',
          bandwidth_matrix: matrix,
          sum: 791.9,
        }),
  });
  const json = (...testcases: object[]): string =>
    `WARNING: {{ log\n${JSON.stringify({ nvbandwidth: { 'CUDA Runtime Version': 12090, 'Driver Version': '580.95.05', testcases } })}\ndone }`;

  test('JSON inside a log gives the keys of the text', async () => {
    const text = json(
      testcase('device_to_device_memcpy_read_ce', 'Passed', [
        ['N/A', '396.1'],
        ['395.8', 'N/A'],
      ]),
      testcase('all_to_one_read_ce', 'Error in CUDA'),
    );
    const reading = await read(text, 'out.log');
    expect(reading.format).toBe('nvbandwidth_json');
    expect(valuesOf(reading)).toEqual({
      'bandwidth_gb_per_s[pair=0-1,test=device_to_device_memcpy_read_ce]': 396.1,
      'bandwidth_gb_per_s[pair=1-0,test=device_to_device_memcpy_read_ce]': 395.8,
      'bandwidth_sum_gb_per_s[test=device_to_device_memcpy_read_ce]': 791.9,
    });
    expect(reading.warnings).toEqual(['all_to_one_read_ce ended with status Error in CUDA and is left out']);
  });

  test('is no measurement when no test passed', async () => {
    expect(await reasonOf(json(testcase('a_ce', 'Waived'), testcase('b_ce', 'Error')), 'out.log')).toBe(
      'none of 2 tests passed',
    );
  });

  test('JSON that is cut off is refused', async () => {
    const text = json(testcase('a_ce', 'Passed', [['1.0']])).slice(0, -20);
    expect(await faultOf(read(text, 'out.log'))).toMatchObject({ code: 'json_truncated' });
  });
});
