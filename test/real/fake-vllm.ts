// A `vllm` for containers of tests: its sweep runs the words of each load as the real one does, with the same words behind them, and its client
// writes a result of that load after three seconds. Starts no server. The real one is driven by vllm.test.ts, on this machine.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAM = String.raw`
const { spawnSync } = require('node:child_process');
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
const value = (flag) => args[args.indexOf(flag) + 1];
if (args[1] === 'sweep') {
  const asked = JSON.parse(readFileSync(value('--bench-params'), 'utf8'));
  // Where it is to choose loads itself: three requests at once.
  const loads = args[2] === 'serve_workload' ? asked.map((params) => ({ ...params, max_concurrency: 3 })) : asked;
  for (const { max_concurrency: c, num_prompts: n } of loads) {
    const folder = value('--output-dir') + '/' + value('--experiment-name') + '/BENCH--max_concurrency=' + c + '-num_prompts=' + n;
    mkdirSync(folder, { recursive: true });
    const [program, ...words] = value('--bench-cmd').split(' ');
    const more = ['--max-concurrency', c, '--num-prompts', n, '--percentile-metrics', 'ttft,tpot,itl,e2el', '--save-result', '--result-dir', folder, '--result-filename', 'run=0.json'];
    const { status } = spawnSync(program, [...words, ...more.map(String)], { stdio: 'inherit' });
    if (status !== 0) process.exit(status ?? 1);
  }
} else {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
  const [c, n] = [Number(value('--max-concurrency')), Number(value('--num-prompts'))];
  const e2e = 50 + 3 * 10;
  const duration = (n * e2e) / 1000 / c;
  const spread = (name, ms) => ({ ['mean_' + name + '_ms']: ms, ['median_' + name + '_ms']: ms, ['std_' + name + '_ms']: 0, ['p99_' + name + '_ms']: ms });
  writeFileSync(value('--result-dir') + '/' + value('--result-filename'), JSON.stringify({
    date: '20261129-010203', backend: 'vllm', model_id: 'org/model', tokenizer_id: 'org/model', num_prompts: n, request_rate: 'inf', burstiness: 1, max_concurrency: c,
    duration, completed: n, failed: 0, total_input_tokens: 16 * n, total_output_tokens: 4 * n, request_throughput: n / duration, output_throughput: (4 * n) / duration,
    total_token_throughput: (20 * n) / duration, ...spread('ttft', 50), ...spread('tpot', 10), ...spread('itl', 10), ...spread('e2el', e2e),
  }));
}
`;

/** Writes it into a folder of PATH. */
export const writeFakeVllm = (folder: string): void => {
  const file = join(folder, 'vllm');
  writeFileSync(file, `#!${process.execPath}\n${PROGRAM}`);
  chmodSync(file, 0o755);
};
