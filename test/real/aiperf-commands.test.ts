// Every command of AIPerf that a block can ask for is taken by the real AIPerf, and what a block is refused for AIPerf refuses too. It resolves
// its command line and runs nothing.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cellCommands } from '../../src/campaign/cells/cell-commands.ts';
import { parseCampaignConfig } from '../../src/campaign/config.ts';
import { Fault } from '../../src/text/fault.ts';
import { CELL } from '../campaign/bundles.ts';
import { clientEnvironment, hasClient } from './python-tools.ts';

const present = hasClient('aiperf');

const SERVER = { endpoint_url: 'http://127.0.0.1:9', served_model: 'tiny', tokenizer: '/t', requests: 20 };

describe.skipIf(!present)('the real AIPerf', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'aiperf-commands-'));
    const line = (index: number): string => JSON.stringify({ timestamp: index, input_length: 8, output_length: 8, hash_ids: [index] });
    writeFileSync(join(folder, 'trace.jsonl'), `${[0, 1, 2].map(line).join('\n')}\n`);
  }); // prettier-ignore
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What AIPerf says against each of these lines; null where it takes one. */
  const refusals = (lines: readonly (readonly string[])[]): (string | null)[] => {
    const env: Record<string, string> = { ...clientEnvironment(folder), HOME: folder };
    const python = env['PATH']?.split(':').map((at) => join(at, 'python')).find((file) => existsSync(file)) ?? 'python';
    const done = spawnSync(python, [resolve('test/real/aiperf-takes.py')], { env, encoding: 'utf8', input: JSON.stringify(lines), timeout: 240_000, cwd: folder });
    if (done.status !== 0) throw new Error(done.stderr.slice(-2000));
    return JSON.parse(done.stdout) as (string | null)[];
  }; // prettier-ignore

  const commandOf = async (backend: 'aa' | 'aiperf', block: object): Promise<readonly string[]> => {
    const text = JSON.stringify({ cells: [{ ...CELL, concurrencies: [32], isl: 1000, osl: 1000, [backend]: { ...SERVER, ...block } }] });
    const { cells: [cell] } = await parseCampaignConfig(text, 'c.yaml');
    if (cell === undefined) throw new Error('no cell');
    const [command] = cellCommands({ cell, backend, endpointUrl: undefined, servedModel: undefined, raw: join(folder, 'raw'), bench: [] });
    return command?.argv.slice(2) ?? [];
  }; // prettier-ignore

  const replay = (custom_dataset_type?: string) => ({ mode: 'dataset-replay', input_file: join(folder, 'trace.jsonl'), ...(custom_dataset_type === undefined ? {} : { custom_dataset_type }) }); // prettier-ignore

  const TAKEN: readonly ['aa' | 'aiperf', object][] = [
    ['aiperf', {}],
    ['aiperf', { num_profile_runs: 10 }],
    ['aa', {}],
    ['aa', { requests: 10, tokenizer_trust_remote_code: true, extra_output_controls: false }],
    ['aa', { endpoint: 'v1/chat/completions' }],
    ...['chat', 'completions', 'responses', 'messages', 'huggingface_generate', 'huggingface-generate', 'raw'].map((endpoint_type): ['aa', object] => ['aa', { endpoint_type }]),
  ]; // prettier-ignore
  const REPLAYED = ['mooncake_trace', 'mooncake-trace', 'bailian_trace', 'baseten_trace', 'burst_gpt_trace', 'single_turn', 'multi_turn', 'random_pool', 'raw_payload', 'inputs_json', 'dag_jsonl', 'sagemaker_data_capture'] as const; // prettier-ignore

  test('takes every command that a block gives', async () => {
    const blocks = [...TAKEN, ...[undefined, ...REPLAYED].map((type): ['aa', object] => ['aa', replay(type)])];
    const lines = await Promise.all(blocks.map(([backend, block]) => commandOf(backend, block)));
    const said = refusals(lines);
    expect(blocks.flatMap(([, block], index) => (said[index] === null ? [] : [[block, said[index]]]))).toEqual([]);
  }, 300_000);

  test('refuses what a block is refused for before anything starts', async () => {
    const taken = await commandOf('aa', {});
    const traced = await commandOf('aa', replay('baseten_trace'));
    const with_ = (words: readonly string[], flag: string, value: string): string[] => words.map((word, index) => (words[index - 1] === flag ? value : word));
    const profile = await commandOf('aiperf', { num_profile_runs: 1 });
    const cases: readonly ['aa' | 'aiperf', object, readonly string[]][] = [
      ['aa', { endpoint_type: 'openai' }, with_(taken, '--endpoint-type', 'openai')],
      ['aa', { endpoint_type: 'template' }, with_(taken, '--endpoint-type', 'template')],
      ['aa', { endpoint_type: 'embeddings' }, with_(taken, '--endpoint-type', 'embeddings')],
      ['aa', { endpoint: 'http://h/v1/chat/completions' }, with_(taken, '--endpoint', 'http://h/v1/chat/completions')],
      ['aa', replay('sharegpt'), with_(traced, '--custom-dataset-type', 'sharegpt')],
      ['aiperf', { num_profile_runs: 11 }, with_(profile, '--num-profile-runs', '11')],
    ];
    for (const [backend, block] of cases) {
      const refused: unknown = await commandOf(backend, block).catch((error: unknown) => error);
      expect(refused instanceof Fault ? refused.code : [block, refused]).toBe('run_block_invalid');
    }
    const mapped: readonly string[][] = [[...traced, '--extra-inputs', 'min_tokens:8'], with_(taken, '--endpoint', 'v1/chat/completions')];
    const said = refusals([...cases.map(([, , line]) => line), ...mapped]);
    expect(said.map((says, index) => (says === null ? (cases[index]?.[1] ?? mapped[index - cases.length]) : null))).toEqual(said.map(() => null));
  }, 300_000); // prettier-ignore
});
