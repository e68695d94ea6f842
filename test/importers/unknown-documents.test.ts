// Documents of no known format, in tables: which members name the elements of an array, what is a series, which settings become
// context under which names, which texts are numbers.
import { describe, expect, test } from 'vitest';
import { contextFrom, isPlaceholder, loadLabels, sharedContext } from '../../src/importers/context-fields.ts';
import { hasMembers, looksLikeJsonLines } from '../../src/importers/json-fields.ts';
import { numberInText } from '../../src/importers/text-number.ts';
import type { JsonObject } from '../../src/text/json.ts';
import { faultOf, read, readJson, reasonOf, valuesOf } from './outcome.ts';

const keysOf = async (document: unknown): Promise<string[]> => Object.keys(valuesOf(await readJson(document)));

describe('the one element of an array is named by', () => {
  test.each(
    `name tag short arm key label case test testcase benchmark metric scenario variant config config_name cell_id workload
     perf_metric_name command params concurrency max_concurrency conc request_rate batch_size batch n_prompt n_gen n_depth isl osl
     input_len output_len seq_len sequence_length prompt_len size size_bytes message_size size_b shape dataset pair src dst source
     target peer rank gpu gpu_index gpu_id gpu_uuid device device_id node host hostname kernel kernel_name op operation collective
     layer stage phase place percentile id rps qps test_name caseName Run_Name`.split(/\s+/),
  )('%s', async (field) => {
    expect(await keysOf({ rows: [{ [field]: 'x', ttft_ms: 5 }] })).toEqual([`rows[${field}=x].ttft_ms`]);
  });

  test.each(['zorp', 'colour', 'testing', 'nickname'])('%s no: it is one of many texts', async (field) => {
    expect(await keysOf({ rows: [{ [field]: 'x', ttft_ms: 5 }] })).toEqual(['rows[0].ttft_ms']);
  });

  test('all of its names together, in the order of the field', async () => {
    const rows = [{ ttft_ms: 5, concurrency: 8, name: 'a', id: 7 }];
    expect(await keysOf({ rows })).toEqual(['rows[name=a,concurrency=8].ttft_ms']);
  });
});

describe('elements are a series over', () => {
  test.each(['step', 'iteration', 'iter', 'epoch', 'timeslice_index', 'timestamp', 'time', 'elapsed_s', 'round'])(
    '%s',
    async (axis) => {
      const rows = [1, 2, 3].map((at) => ({ [axis]: at, ttft_ms: at }));
      expect(await keysOf({ rows })).toContain('rows[p50].ttft_ms');
    },
  );

  test('no axis that repeats a value, and not where one lacks it', async () => {
    const repeated = [1, 1, 2].map((step, at) => ({ step, ttft_ms: at }));
    expect(await keysOf({ rows: repeated })).toContain('rows[0].ttft_ms');
    expect(await keysOf({ rows: [{ step: 1, ttft_ms: 1 }, { ttft_ms: 2 }] })).toContain('rows[0].ttft_ms');
    expect(await keysOf({ rows: [{ step: 1, ttft_ms: 1 }] })).toContain('rows[0].ttft_ms');
  });

  test('steps of each element that has a name are one figure of that element', async () => {
    const rows = ['a', 'b'].flatMap((name) => [1, 2].map((step) => ({ name, step, ttft_ms: step })));
    expect(await keysOf({ rows })).toEqual(['rows[name=a][p50].ttft_ms', 'rows[name=b][p50].ttft_ms']);
  });
});

describe('where no usual name distinguishes elements', () => {
  const two = (first: object, second: object): object => ({ rows: [{ ttft_ms: 1, ...first }, { ttft_ms: 2, ...second }] }); // prettier-ignore
  test.each([
    ['one short text that differs does', two({ flavour: 'a' }, { flavour: 'b' }), ['rows[flavour=a].ttft_ms', 'rows[flavour=b].ttft_ms']],
    ['a setting that differs does', two({ block_size: 1 }, { block_size: 2 }), ['rows[block_size=1].ttft_ms', 'rows[block_size=2].ttft_ms']],
    ['one that differs alone is enough', two({ a: 'x', b: 'p' }, { a: 'y', b: 'q' }), ['rows[a=x].ttft_ms', 'rows[a=y].ttft_ms']],
    ['a name that they share stays part of it', two({ name: 'n', a: 'x' }, { name: 'n', a: 'y' }), ['rows[name=n,a=x].ttft_ms', 'rows[name=n,a=y].ttft_ms']],
    ['a member of an object that describes them does', two({ config: { kind: 'a' } }, { config: { kind: 'b' } }), ['rows[config.kind=a].ttft_ms', 'rows[config.kind=b].ttft_ms']],
    ['a member two levels below does', two({ args: { x: { y: 'a' } } }, { args: { x: { y: 'b' } } }), ['rows[args.x.y=a].ttft_ms', 'rows[args.x.y=b].ttft_ms']],
    ['a member of any other object does not', two({ stuff: { kind: 'a' } }, { stuff: { kind: 'b' } }), ['rows[0].ttft_ms', 'rows[1].ttft_ms']],
    ['a text of 120 characters does', two({ a: 'x'.repeat(120) }, { a: 'y' }), [`rows[a=${'x'.repeat(120)}].ttft_ms`, 'rows[a=y].ttft_ms']],
    ['a text of 121 characters does not', two({ a: 'x'.repeat(121) }, { a: 'y' }), ['rows[0].ttft_ms', 'rows[1].ttft_ms']],
    ['a text of two lines does not', two({ a: 'x\nz' }, { a: 'y' }), ['rows[0].ttft_ms', 'rows[1].ttft_ms']],
    ['what was answered does not', two({ response_text: 'x' }, { response_text: 'y' }), ['rows[0].ttft_ms', 'rows[1].ttft_ms']],
    ['a measured number does not', two({ itl_ms: 1 }, { itl_ms: 2 }), ['rows[0].ttft_ms', 'rows[0].itl_ms', 'rows[1].ttft_ms', 'rows[1].itl_ms']],
    ['a text that one lacks does not', two({ a: 'x' }, {}), ['rows[0].ttft_ms', 'rows[1].ttft_ms']],
    ['a member with a dot in its name does not', two({ 'a.b': 'x' }, { 'a.b': 'y' }), ['rows[0].ttft_ms', 'rows[1].ttft_ms']],
    ['the id does last', two({ id: 1, stuff: 1 }, { id: 2, stuff: 1 }), ['rows[id=1].ttft_ms', 'rows[id=1].stuff', 'rows[id=2].ttft_ms', 'rows[id=2].stuff']],
  ])('%s', async (_, document, keys) => expect(await keysOf(document)).toEqual(keys)); // prettier-ignore

  test('all that differ do together, where none is enough', async () => {
    const rows = [['x', 'p'], ['x', 'q'], ['y', 'p']].map(([a, b]) => ({ a, b, c: 'same', ttft_ms: 1 })); // prettier-ignore
    expect(await keysOf({ rows })).toEqual(['rows[a=x,b=p].ttft_ms', 'rows[a=x,b=q].ttft_ms', 'rows[a=y,b=p].ttft_ms']);
  });

  test('seven are points by their position, eight are records of which the median counts', async () => {
    const rows = (count: number) => Array.from({ length: count }, (_, at) => ({ ttft_ms: at + 1 }));
    expect(await keysOf({ rows: rows(7) })).toHaveLength(7);
    expect(valuesOf(await readJson({ rows: rows(8) }))).toEqual({ 'rows[p50].ttft_ms': 4.5 });
    expect(await keysOf({ rows: rows(99) })).toEqual(['rows[p50].ttft_ms']);
    expect(await keysOf({ rows: rows(100) })).toEqual(['rows[p50].ttft_ms', 'rows[p99].ttft_ms']);
  });

  test('records of rates have no tail', async () => {
    const rows = Array.from({ length: 100 }, (_, at) => ({ tok_per_s: at + 1 }));
    expect(await keysOf({ rows })).toEqual(['rows[p50].tok_per_s']);
  });

  test.each([64, 65])('%i numbers in an array', async (count) => {
    const numbers = Array.from({ length: count }, (_, at) => at / 2);
    expect(await keysOf({ zorp: numbers, ttft_ms: 1 })).toHaveLength(count === 64 ? 65 : 1);
    expect(await keysOf({ ttft_ms: numbers })).toHaveLength(count === 64 ? 64 : 1);
  });

  test('two numbers each are points of a series from three on', async () => {
    expect(await keysOf({ a: [[1, 2], [3, 4]], ttft_ms: 1 })).toHaveLength(5); // prettier-ignore
    expect(await keysOf({ a: [[1, 2], [3, 4], [5, 6]], ttft_ms: 1 })).toEqual(['ttft_ms']); // prettier-ignore
    expect(await keysOf({ a: [[1, 2, 3], [3, 4, 5], [5, 6, 7]], ttft_ms: 1 })).toHaveLength(10); // prettier-ignore
    expect(await keysOf({ a: [[1, 'x'], [3, 'y'], [5, 'z']], ttft_ms: 1 })).toHaveLength(4); // prettier-ignore
  });
});

describe('a row is a spread and left out where', () => {
  test.each(
    ['_std', '-stddev', '/stdev', ' stderr', '.cv', '_variance', '_iqr'].map((end) => [`its name ends in ${end}`, { name: `a${end}` }]), // prettier-ignore
  )('%s', async (_, row) => expect(await keysOf([{ ...row, x_ms: 1 }, { name: 'b', x_ms: 2 }])).toEqual(['[name=b].x_ms'])); // prettier-ignore

  test.each([['aggregate_name'], ['statistic']])('%s says so', async (member) => {
    const rows = [{ name: 'a', [member]: 'stddev', x_ms: 1 }, { name: 'b', [member]: 'mean', x_ms: 2 }]; // prettier-ignore
    expect(await keysOf(rows)).toEqual(['[name=b].x_ms']);
  });

  test.each(['astd', 'cv', 'std_a'])('and not where its name is %s', async (name) => {
    expect(await keysOf([{ name, x_ms: 1 }, { name: 'b', x_ms: 2 }])).toHaveLength(2); // prettier-ignore
  });
});

describe('settings become context under', () => {
  test.each([
    ['model', 'model model_id model_name served_model_name', 'acme/m'],
    ['model_path', 'model_path', '/m'],
    ['hardware', 'hardware hw gpu_type gpu_name gpu_model', 'H200'],
    ['n_gpus', 'n_gpus num_gpus gpu_count', 8],
    ['gpus_per_node', 'gpus_per_node', 8],
    ['quant', 'quant quantization precision', 'fp8'],
    ['kv_cache_dtype', 'kv_cache_dtype kv_dtype', 'fp8'],
    ['tp', 'tensor_parallel_size tensor_parallel tp_size tp', 8],
    ['pp', 'pipeline_parallel_size pipeline_parallel pp_size pp', 2],
    ['dp', 'data_parallel_size data_parallel dp_size dp', 2],
    ['ep', 'expert_parallel_size ep_size ep', 4],
    ['dp_attention', 'dp_attention enable_dp_attention', true],
    ['disagg', 'disagg', false],
    ['parallel_strategy', 'parallel_strategy', 'TP'],
    ['max_num_seqs', 'max_num_seqs', 256],
    ['max_num_batched_tokens', 'max_num_batched_tokens', 8192],
    ['gpu_memory_utilization', 'gpu_memory_utilization gpu_memory_util mem_fraction_static', 0.9],
    ['max_model_len', 'max_model_len', 32768],
    ['cudagraph_mode', 'cudagraph_mode', 'full'],
    ['async_scheduling', 'async_scheduling', true],
    ['prefix_caching', 'prefix_caching enable_prefix_caching', false],
    ['spec_method', 'spec_method speculative_decoding spec_decoding', 'eagle'],
    ['spec_tokens', 'spec_tokens num_speculative_tokens', 3],
    ['dataset', 'dataset dataset_name workload_dataset', 'sharegpt'],
    ['dataset_hash', 'dataset_hash', 'abc123'],
    ['seed', 'seed', 42],
    ['isl', 'isl random_input_len input_len', 1024],
    ['osl', 'osl random_output_len output_len', 256],
    ['cache_mode', 'cache_mode', 'cold'],
    ['regime', 'regime', 'decode'],
    ['engine', 'engine serving_engine framework', 'vllm'],
    ['engine_version', 'engine_version vllm_version sglang_version', '0.11.0'],
    ['image', 'image vllm_image', 'vllm:1'],
    ['delivery', 'delivery', 'stream'],
    ['driver', 'driver driver_version', '580.95'],
    ['cuda', 'cuda cuda_version', '12.9'],
    ['node', 'node', 'node-a'],
  ] as const)('%s: %s', (field, names, value) => {
    const all = names.split(' ');
    for (const name of all) expect(contextFrom({ [name]: value })).toEqual({ [field]: value });
    const other = typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : 'other';
    const [first = '', last = ''] = [all[0], all.at(-1)];
    if (first !== last) expect(contextFrom({ [last]: other, [first]: value })).toEqual({ [field]: value });
  });

  test.each([
    [{ concurrency: 8, max_concurrency: 16, request_rate: 'inf', num_prompts: 4 }, { concurrency: 16, request_rate: 'inf', num_prompts: 4 }],
    [{ concurrency: 8 }, { concurrency: 8 }],
    [{ model: 'unknown', model_id: 'm' }, { model: 'm' }],
    [{ n_gpus: ' 8 ', dp_attention: 'TRUE', disagg: 'False', gpu_memory_utilization: '0.5' }, { n_gpus: 8, dp_attention: true, disagg: false, gpu_memory_utilization: 0.5 }],
    [{ n_gpus: 0, tp: -1, model: '' }, {}],
  ])('in a document: %j', async (settings, context) => {
    expect((await readJson({ ...settings, x_ms: 1 })).context).toEqual(context);
  }); // prettier-ignore

  test('placeholders are no settings', () => {
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    const words = ['unknown', 'UNKNOWN', 'unknown00', 'undefined', 'null', 'NaN', 'n/a', 'na', 'tbd', 'TODO', 'xx', 'xxxx', '', '-', '?', '...', '0000000', empty, ` ${empty} `, ' n/a ']; // prettier-ignore
    expect(words.filter((word) => !isPlaceholder(word))).toEqual([]);
    expect(['x', '000000', 'none', 'unknowns', 'auto', '0'].filter(isPlaceholder)).toEqual([]);
  });

  test('what all points agree on holds for the file', () => {
    const roles = [{ role: 'prefill', n_gpus: 8 }];
    expect(sharedContext([{ model: 'a', tp: 8, roles }, { model: 'a', tp: 4, roles: [...roles] }])).toEqual({ model: 'a', roles }); // prettier-ignore
    expect(sharedContext([{ model: 'a' }, {}])).toEqual({});
    expect(sharedContext([{ roles }, { roles: [{ role: 'decode', n_gpus: 8 }] }])).toEqual({});
    expect(sharedContext([])).toEqual({});
  });

  test.each([
    [{ concurrency: 8, request_rate: 'inf' as const }, { concurrency: 8 }],
    [
      { concurrency: 8, request_rate: 4 },
      { concurrency: 8, request_rate: 4 },
    ],
    [{ request_rate: 'inf' as const }, { request_rate: 'inf' }],
    [{ concurrency: null, request_rate: null }, {}],
  ])('the load %j labels a point', (context, labels) => expect(loadLabels(context)).toEqual(labels));
});

describe('a text is a number', () => {
  test.each([
    ['12', { value: 12, unit: null }],
    ['0', { value: 0, unit: null }],
    ['9 ms', { value: 9, unit: 'ms' }],
    ['+1.5 us', { value: 1.5, unit: 'us' }],
    ['-.5e2', { value: -50, unit: null }],
    [' 7 GB/s ', { value: 7, unit: 'GB/s' }],
    ['1,234,567.5 tok/s', { value: 1234567.5, unit: 'tok/s' }],
    ['85 %', { value: 85, unit: '%' }],
    ['3 zorps', 'unknown unit'],
    ['ms', undefined],
    ['-', undefined],
    ['.', undefined],
    ['1,23 ms', undefined],
    ['a1', undefined],
    ['/1', undefined],
    [':1', undefined],
    ['1e999', undefined],
    ['1'.padEnd(64), { value: 1, unit: null }],
    ['1'.padEnd(65), undefined],
  ])('%j', (text, expected) => expect(numberInText(text)).toEqual(expected));
});

describe('JSON in a file', () => {
  test.each([
    ['{"a":1}\n{"a":2}', true],
    ['[1]\n[2]', true],
    ['# a comment\n{"a":1}', true],
    ['\n\n{"a":1}  \n {"a":2}', true],
    ['{"a":1}', false],
    ['{"a":1}\n\n  ', false],
    ['{"a":\n1}', false],
    ['[\n1]', false],
    ['{"a":1]\n{"a":2}', false],
    ['1\n2', false],
  ])('%j is JSON Lines: %s', (text, expected) => expect(looksLikeJsonLines(text)).toBe(expected));

  test('a member is named where a colon follows within 32 blanks', () => {
    const gap = (count: number): string => `{"a"${' '.repeat(count)}: 1}`;
    expect([0, 31, 32].map((count) => hasMembers(gap(count), 'a'))).toEqual([true, true, false]);
    expect(hasMembers('{"a": 1, "b" :2}', 'a', 'b')).toBe(true);
    expect(hasMembers('{"a": 1, "c": "b"}', 'a', 'b')).toBe(false);
    expect(hasMembers('', 'a')).toBe(false);
  });

  test('lines carry their own number in a fault', async () => {
    const fault = await faultOf(read('# first\n{"a_ms": 1}\n{"a_ms": 1}\n{"a_ms":}', 'x.jsonl', 'json_document'));
    expect(fault).toMatchObject({ code: 'json_syntax', details: { at: '4:9' } });
    expect(fault.message).toContain('line 4');
  });
});

describe('runs that completed nothing', () => {
  test.each(['completed', 'completed_requests', 'successful_requests', 'num_completed_requests', 'num_successful'])(
    '%s of 0',
    async (member) => {
      expect(await reasonOf(JSON.stringify({ [member]: 0, x_ms: 1 }))).toBe(`no request completed (${member} is 0)`);
      expect(await reasonOf(JSON.stringify([{ [member]: 0, x_ms: 1 }]))).toBe(`no request completed (${member} is 0)`);
      const nested: JsonObject = { inner: { [member]: 0 }, x_ms: 1 };
      expect(valuesOf(await readJson(nested))).toEqual({ x_ms: 1 });
    },
  );

  test('are counted where others ran', async () => {
    const rows = [{ name: 'a', completed: 0, x_ms: 1 }, { name: 'b', completed: 0, x_ms: 1 }, { name: 'c', completed: 2, x_ms: 1 }]; // prettier-ignore
    const reading = await readJson(rows);
    expect(reading.warnings[0]).toBe('2 runs that completed no request left out');
    expect(Object.keys(valuesOf(reading))).toEqual(['[name=c].x_ms']);
  });
});

describe('units beside numbers', () => {
  const unitsOf = async (document: unknown) =>
    (await readJson(document)).metrics.map(({ name, unit }) => `${name} ${unit ?? '-'}`);
  test.each([
    ['for all of an object', { unit: 'us', a: 1, b: 2 }, ['a us', 'b us']],
    ['for what begins with its name', { score: 1, score_unit: 'ops/s', lag: 2 }, ['score ops/s', 'lag -']],
    ['for times without one of their own', { time_unit: 'us', cpu_time: 1, lag_s: 2 }, ['cpu_time us', 'lag_s s']],
    ['the last one wins', { unit: 'ms', a_unit: 'us', a: 1, b: 2 }, ['a us', 'b ms']],
    ['inside of an object that it is about', { lag_unit: 'us', lag: { p50: 1, p99: 2 }, other: { p50: 3 } }, ['lag.p50 us', 'lag.p99 us', 'other.p50 -']],
    ['in upper case', { 'Score Unit': 'ops/s', score: 1 }, ['score ops/s']],
    ['of an array of numbers', { unit: 'ms', times: [1, 2, 3] }, ['times[p50] ms']],
    ['not a word that ends alike', { comment: 'us', a: 1 }, ['a -']],
  ])('%s', async (_, document, expected) => expect(await unitsOf(document)).toEqual(expected)); // prettier-ignore
});

describe('descriptions and settings', () => {
  test.each(
    `args arguments argv params parameters setting settings options env environ environment metadata hyperparameters hparams
     extra_info run_args server_params`.split(/\s+/),
  )('nothing below %s is measured', async (member) => {
    expect(await keysOf({ [member]: { ttft_ms: 1, inner: { itl_ms: 1 } }, x_ms: 1 })).toEqual(['x_ms']);
  });

  test('what is left out is named, four of each kind and how many more', async () => {
    const settings = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [`max_${name}_size`, 1]));
    expect((await readJson({ ...settings, x_ms: 1 })).warnings).toEqual([
      'not compared: settings max_a_size, max_b_size, max_c_size, max_d_size and 2 more',
    ]);
  });

  test('arrays that nothing names are named, three of them', async () => {
    const arrays = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, [{ x_ms: 1 }, { x_ms: 2 }]]));
    expect((await readJson(arrays)).warnings).toEqual([
      'elements of a, b, c have no name and are matched by position: name them in the file to be sure',
    ]);
  });

  test('summaries are named, three of them', async () => {
    const arrays = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`${name}_times`, [1, 2, 3]]));
    expect((await readJson(arrays)).warnings).toEqual(
      ['a', 'b', 'c'].map((name) => `${name}_times: 3 values without a name of their own are compared by their median`),
    );
  });
});
