import { describe, expect, test } from 'vitest';
import type { CellCall } from '../../../src/campaign/cells/cell-command.ts';
import { cellCommands, unusedSettings } from '../../../src/campaign/cells/cell-commands.ts';
import { backendOf, type CellRunBackend } from '../../../src/campaign/cells/run-block.ts';
import { parseCampaignConfig } from '../../../src/campaign/config.ts';
import { CELL } from '../bundles.ts';

const SHAPE = { ...CELL, isl: 1024, osl: 128 };

const callOf = async (backend: CellRunBackend, cell: object, more: Partial<CellCall> = {}): Promise<CellCall> => {
  const { cells } = await parseCampaignConfig(JSON.stringify({ cells: [{ ...SHAPE, ...cell }] }), 'c.yaml');
  const [parsed] = cells;
  if (parsed === undefined) throw new Error('no cell');
  return { cell: parsed, backend, endpointUrl: undefined, servedModel: undefined, raw: '/c/raw', bench: ['node', 'bench.mjs'], ...more };
}; // prettier-ignore

const linesOf = async (backend: CellRunBackend, cell: object, more?: Partial<CellCall>): Promise<string[]> =>
  cellCommands(await callOf(backend, cell, more)).map(({ argv }) => argv.join(' '));

describe('the commands of a cell', () => {
  test('of vllm-sweep are one sweep over exactly the loads that were asked for', async () => {
    const block = { serve_cmd: 'vllm serve m', bench_cmd: 'vllm bench serve --model m', num_runs: 3 };
    const [command, ...others] = cellCommands(await callOf('vllm-sweep', { vllm_sweep: block }));
    expect(others).toEqual([]);
    expect(command?.argv).toEqual([
      'vllm', 'bench', 'sweep', 'serve', '--serve-cmd', 'vllm serve m', '--bench-cmd', 'sh /c/raw/around-load.sh http://127.0.0.1:8000 vllm bench serve --model m',
      '--bench-params', '/c/raw/bench-params.json', '--output-dir', '/c/raw', '--experiment-name', 'sweep', '--num-runs', '3', '--show-stdout',
    ]);
    expect(JSON.parse(command?.files.find(({ path }) => path.endsWith('bench-params.json'))?.text ?? '')).toEqual([
      { max_concurrency: 1, num_prompts: 10 },
      { max_concurrency: 8, num_prompts: 80 },
    ]);
  }); // prettier-ignore

  test('of vllm-sweep explore further loads only where that is asked for', async () => {
    const block = { serve_cmd: 'vllm serve m', bench_cmd: 'vllm bench serve --model m', workload_iters: 4 };
    const [sweep, explore, ...others] = cellCommands(await callOf('vllm-sweep', { vllm_sweep: block }));
    expect([others, sweep?.argv[3], explore?.concurrencies]).toEqual([[], 'serve', []]);
    expect(explore?.argv.join(' ')).toMatch(/^vllm bench sweep serve_workload .*--bench-params \/c\/raw\/workload-params.json .*--experiment-name workload .*--workload-var max_concurrency --workload-iters 4$/);
    expect(JSON.parse(explore?.files.find(({ path }) => path.endsWith('workload-params.json'))?.text ?? '')).toEqual([{ num_prompts: 80 }]);
  }); // prettier-ignore

  test('of the clients are one for each load, with ten waves of requests', async () => {
    const server = { endpoint_url: 'http://h:8000/v1', served_model: 'served' };
    expect(await linesOf('aiperf', { aiperf: server })).toEqual(
      [1, 8].map((c) => `aiperf profile --model served --url http://h:8000 --endpoint-type chat --streaming --concurrency ${c} --request-count ${10 * c} --synthetic-input-tokens-mean 1024 --output-tokens-mean 128 --extra-inputs ignore_eos:true --extra-inputs min_tokens:128 --output-artifact-dir /c/raw/c${c}`),
    );
    expect(await linesOf('sglang', { sglang: server })).toEqual(
      [1, 8].map((c) => `python3 -m sglang.benchmark.serving --backend sglang --base-url http://h:8000 --model served --dataset-name random-ids --random-input-len 1024 --random-output-len 128 --random-range-ratio 1.0 --num-prompts ${10 * c} --max-concurrency ${c} --seed ${c} --output-details --output-file /c/raw/c${c}.jsonl`),
    );
    expect(await linesOf('bench', { bench: { ...server, trials: 3 } })).toEqual(
      [1, 8].map((c) => `node bench.mjs run random --base-url http://h:8000/v1 --model served --concurrency ${c} --requests ${10 * c} --trials 3 --isl 1024 --osl 128 --output /c/raw/c${c}`),
    );
  }); // prettier-ignore

  test('of aa are AIPerf with the shape that the block names, the cell is called after, or its lengths are of', async () => {
    const block = { endpoint_url: 'http://h:8000/v1', served_model: 'served' };
    const expected = [1, 8].map(
      (c) =>
        `aiperf profile --model served --endpoint-type chat --endpoint /v1/chat/completions --streaming --url http://h:8000 --synthetic-input-tokens-mean 10000 --synthetic-input-tokens-stddev 0 --output-tokens-mean 1500 --output-tokens-stddev 0 --extra-inputs temperature:0 --extra-inputs top_p:1 --extra-inputs min_tokens:1500 --extra-inputs ignore_eos:true --concurrency ${c} --request-count ${10 * c} --output-artifact-dir /c/raw/c${c}`,
    );
    const open = { isl: undefined, osl: undefined };
    expect(await linesOf('aa', { ...open, aa: { ...block, shape: 'aa-10k' } })).toEqual(expected);
    expect(await linesOf('aa', { ...open, cell_id: 'aa-10k', aa: block })).toEqual(expected);
    expect(await linesOf('aa', { isl: 10_000, osl: 1500, aa: block })).toEqual(expected);
    const replay = {
      ...block,
      shape: 'aa-1k',
      mode: 'dataset-replay',
      input_file: '/d/prompts.jsonl',
      extra_output_controls: false,
    };
    const [line] = await linesOf('aa', { ...open, aa: replay });
    expect(line).toContain(
      '--input-file /d/prompts.jsonl --custom-dataset-type mooncake_trace --extra-inputs temperature:0 --extra-inputs top_p:1 --concurrency 1',
    );
  });

  test('take the address and the name of the call before those of the config', async () => {
    const call = { endpointUrl: 'http://other:1/', servedModel: 'mine' };
    const [line] = await linesOf('bench', { bench: { endpoint_url: 'http://h:8000', served_model: 'served' } }, call);
    expect(line).toContain('--base-url http://other:1/v1 --model mine');
  });

  test.each([
    ['a cell without the block', 'aiperf', {}, 'run_block_missing'],
    ['a setting of no name', 'bench', { bench: { trails: 3 } }, 'run_block_invalid'],
    ['a setting that does not fit', 'bench', { bench: { trials: 0 } }, 'run_block_invalid'],
    ['no address', 'sglang', { sglang: {} }, 'endpoint_missing'],
    ['a shape that the lengths of the cell are not of', 'aa', { aa: { shape: 'aa-1k' } }, 'run_block_invalid'],
    ['a cell of no shape', 'aa', { aa: {} }, 'run_block_invalid'],
    [
      'a replay of no file',
      'aa',
      { isl: 1000, osl: 1000, aa: { url: 'http://h', mode: 'dataset-replay' } },
      'run_block_invalid',
    ],
    [
      'a key that would stand in a command',
      'aa',
      { isl: 1000, osl: 1000, aa: { url: 'http://h', api_key_env: 'KEY' } },
      'run_block_invalid',
    ],
    [
      'a server whose caches the sweep cannot reset',
      'vllm-sweep',
      { vllm_sweep: { serve_cmd: 'python3 -m vllm serve', bench_cmd: 'b' } },
      'run_block_invalid',
    ],
  ] as const)('refuse %s', async (_name, backend, cell, code) => {
    await expect(linesOf(backend, cell)).rejects.toMatchObject({ code });
  });

  test.each([
    [{ vllm_sweep: { serve_cmd: 'vllm serve m' } }, 'vllm-sweep', 'bench_cmd is missing', 'vllm_sweep holds'],
    [{ bench: { trails: 3 } }, 'bench', 'trails', 'did you mean trials?'],
  ] as const)('say what is wrong with a block: %j', async (cell, backend, message, fix) => {
    await expect(linesOf(backend, cell)).rejects.toMatchObject({
      message: expect.stringContaining(message),
      details: { fix: expect.stringContaining(fix) },
    });
  });

  test('leave out data sets that this version does not know, and say which', async () => {
    const call = await callOf('aiperf', {
      aiperf: { endpoint_url: 'http://h', namespace: 'inference', bench_pod: 'p', dataset_split: '2025_07' },
    });
    expect(unusedSettings(call)).toEqual(['dataset_split']);
  });
});

test.each([
  ['the only block', { bench: {} }, undefined, 'bench'],
  ['what the cell names', { bench: {}, aiperf: {}, backend: 'aiperf' }, undefined, 'aiperf'],
  ['what the call names', { bench: {}, aiperf: {}, backend: 'aiperf' }, 'bench' as const, 'bench'],
])('the backend of a cell is %s', (_, blocks, named, backend) => {
  expect(backendOf({ ...CELL, ...blocks } as never, named)).toBe(backend);
});

test.each([
  ['two blocks and no word of which', { bench: {}, aiperf: {} }, 'backend_open'],
  ['no block', {}, 'run_block_missing'],
])('a cell with %s has none', (_, blocks, code) => {
  expect(() => backendOf({ ...CELL, ...blocks } as never, undefined)).toThrow(expect.objectContaining({ code }));
});
