// A roofline sweep from this machine, through the built program and the script: consent, plan, a client that fails once, and the import.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

let root: string;
let server: StandIn;
const program = resolve('dist/perftunereport.mjs');
const sweep = (...args: string[]): Promise<Finished> =>
  runCli(['roofline_sweep', '--out', 'roof', '--model', join(root, 'weights'), '--endpoint-url', server.baseUrl, ...args], {
    root, program, env: { PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}` },
  }); // prettier-ignore
const lines = (name: string): Record<string, unknown>[] =>
  readFileSync(join(root, 'roof', name), 'utf8').trim().split('\n').map((line) => JSON.parse(line)); // prettier-ignore

/** A client in the place of `vllm`: a result for the point that it is asked for, none for prompts of 1024 tokens while `broken` is there. */
const CLIENT = `#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in
    --result-dir) dir=$2 ;; --result-filename) file=$2 ;; --max-concurrency) c=$2 ;; --num-prompts) n=$2 ;; --random-input-len) isl=$2 ;;
  esac
  shift
done
if [ -e "$0.broken" ] && [ "$isl" = 1024 ]; then echo "Error: too long" >&2; exit 3; fi
printf '{"model_id":"m","completed":%s,"duration":10.0,"median_ttft_ms":25.5,"median_tpot_ms":10.5,"median_itl_ms":10.4,"output_throughput":%s.0,"total_token_throughput":900.0,"request_throughput":2.0,"total_input_tokens":%s}' "$n" "$((c * 90))" "$((n * isl))" > "$dir/$file"
`;

beforeAll(async () => {
  root = freshRoot();
  server = await startStandIn({ models: [join(root, 'weights')] });
  for (const folder of ['bin', 'weights']) mkdirSync(join(root, folder));
  writeFileSync(join(root, 'bin', 'vllm'), CLIENT, { mode: 0o755 });
  writeFileSync(join(root, 'bin', 'vllm.broken'), '');
  writeFileSync(join(root, 'weights', 'config.json'), '{"hidden_size": 64}');
}, 60_000);
afterAll(async () => {
  await server.close();
  removeRoot(root);
});

const LOADS = ['--concurrencies', '1 8', '--isls', '512 1024'];
const ACK = ['--i-understand-this-submits-jobs', '--wait-s', '120'];

describe('roofline_sweep', () => {
  test('starts nothing without consent; the dry run shows the points of its defaults', async () => {
    expect(await sweep(...LOADS)).toMatchObject({ code: 2, stderr: expect.stringContaining('--dry-run') });
    const { stdout, code } = await sweep('--dry-run');
    expect(code).toBe(0);
    for (const words of ['--max-concurrency 192', '--random-input-len 8192', '14 points']) expect(stdout).toContain(words);
    expect(existsSync(join(root, 'roof'))).toBe(false);
  }); // prettier-ignore

  test('writes a line a point, one without figures where the client failed, and goes on with that one', async () => {
    const first = await sweep(...LOADS, ...ACK);
    expect(first.stdout).toMatch(/3 points of 4 measured[\s\S]*prefill-i1024: failed: exit 3: Error: too long/);
    expect(lines('decode_sweep.jsonl')).toMatchObject([{ tag: 'decode-c1', c: 1 }, { tag: 'decode-c8', c: 8, bench: { output_throughput: 720 } }]); // prettier-ignore
    expect(lines('prefill_sweep.jsonl')[1]).toMatchObject({ tag: 'prefill-i1024', error: expect.stringContaining('too long') });
    expect(JSON.parse(readFileSync(join(root, 'roof', 'model_config.json'), 'utf8'))).toEqual({ hidden_size: 64 });
    expect(existsSync(join(root, 'roof', 'commands', '01-model-config.cmd'))).toBe(true);
    rmSync(join(root, 'bin', 'vllm.broken'));
    expect((await sweep(...LOADS, ...ACK)).stdout).toContain('1 point of 1 measured');
    expect(lines('prefill_sweep.jsonl').map(({ bench }) => typeof bench)).toEqual(['object', 'object']);
    expect(await sweep(...LOADS, '--dry-run')).toMatchObject({ code: 2, stderr: expect.stringContaining('sweep_measured') });
  }, 240_000); // prettier-ignore

  test('what it wrote is imported as it is', async () => {
    const run = (...args: string[]) => runCli(args, { root, program });
    writeFileSync(join(root, 'roof.yaml'), 'experiment_id: roof-20261129T010203Z\ncells: []\n');
    jsonOf(await run('campaign_init', 'roof.yaml', '--json'));
    const identity = ['--hardware', 'B200', '--quant', 'NVFP4', '--tensor-parallel', '8', '--cache-mode', 'cold'];
    const done = jsonOf(await run('import_roofline_sweep', '--campaign', 'roof-20261129T010203Z', '--bundle', 'roof', '--cell-id', 'roof', ...identity, '--json')); // prettier-ignore
    expect(done).toMatchObject({
      row_count: 4,
      unread: [],
      cells: [
        { cell_id: 'roof-decode', status: 'full' },
        { cell_id: 'roof-prefill', status: 'full' },
      ],
    });
  });

  test('the script for a pod calls the verb with its words in their places', () => {
    const script = resolve('scripts/roofline-sweep.sh');
    const env = { ...process.env, PERFTUNEREPORT: 'echo' };
    const said = execFileSync(script, ['ns', 'pod-0', 'out', 'm', 't', '1 2', '512', 'engine', '--dry-run'], { env, encoding: 'utf8' }); // prettier-ignore
    expect(said.trim()).toBe('roofline_sweep --namespace ns --pod pod-0 --out out --model m --tokenizer t --concurrencies 1 2 --isls 512 --container engine --dry-run'); // prettier-ignore
    const ab = execFileSync(resolve('scripts/run-variant-ab.sh'), ['ab', '5', '--dry-run'], { env, encoding: 'utf8' });
    expect(ab.trim()).toBe('campaign_run --campaign ab --trials 5 --dry-run');
  });
});
