import { describe, expect, test } from 'vitest';
import {
  backendOf,
  cellCommands,
  unusedSettings,
  type CellCall,
  type CellRunBackend,
} from '../../../src/campaign/cells/cell-commands.ts';
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
      'vllm', 'bench', 'sweep', 'serve', '--serve-cmd', 'vllm serve m', '--bench-cmd', 'vllm bench serve --model m',
      '--bench-params', '/c/raw/bench-params.json', '--output-dir', '/c/raw', '--experiment-name', 'sweep', '--num-runs', '3',
    ]);
    expect(JSON.parse(command?.files[0]?.text ?? '')).toEqual([
      { max_concurrency: 1, num_prompts: 10 },
      { max_concurrency: 8, num_prompts: 80 },
    ]);
  }); // prettier-ignore

  test('of the clients are one for each load, with ten waves of requests', async () => {
    const server = { endpoint_url: 'http://h:8000/v1', served_model: 'served' };
    expect(await linesOf('aiperf', { aiperf: server })).toEqual(
      [1, 8].map((c) => `aiperf profile --model served --url http://h:8000 --endpoint-type chat --streaming --concurrency ${c} --request-count ${10 * c} --synthetic-input-tokens-mean 1024 --output-tokens-mean 128 --extra-inputs ignore_eos:true --extra-inputs min_tokens:128 --output-artifact-dir /c/raw/c${c}`),
    );
    expect(await linesOf('sglang', { sglang: server })).toEqual(
      [1, 8].map((c) => `python3 -m sglang.bench_serving --backend sglang --base-url http://h:8000 --model served --dataset-name random --random-input-len 1024 --random-output-len 128 --random-range-ratio 1.0 --num-prompts ${10 * c} --max-concurrency ${c} --output-file /c/raw/c${c}.jsonl`),
    );
    expect(await linesOf('bench', { bench: { ...server, trials: 3 } })).toEqual(
      [1, 8].map((c) => `node bench.mjs run random --base-url http://h:8000/v1 --model served --concurrency ${c} --requests ${10 * c} --trials 3 --isl 1024 --osl 128 --output /c/raw/c${c}`),
    );
  }); // prettier-ignore

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
  ] as const)('refuse %s', async (_name, backend, cell, code) => {
    await expect(linesOf(backend, cell)).rejects.toMatchObject({ code });
  });

  test('leave out places that this version does not know, and say which', async () => {
    const call = await callOf('aiperf', {
      aiperf: { endpoint_url: 'http://h', namespace: 'inference', bench_pod: 'p' },
    });
    expect(unusedSettings(call)).toEqual(['namespace', 'bench_pod']);
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
