// The commands that measure a cell on this machine, one list of words each, from what its config says. Pure: starts and writes
// nothing. Every requested concurrency is asked for by name; no tool is left to choose its own.
import { join } from 'node:path';
import { inputFault } from '../../text/fault.ts';
import { jsonFile, type JsonValue } from '../../text/json.ts';
import { aa } from './aa-commands.ts';
import { AROUND_LOAD, AROUND_LOAD_SCRIPT, aroundLoad } from './around-load.ts';
import type { CellCall, CellCommand } from './cell-command.ts';
import { loadedServer } from './command-needs.ts';
import { BLOCK_OF, ELSEWHERE, settingsOf, type CellRunBackend } from './run-block.ts';
import { endpointOf, exactOutput, flag, requestsOf } from './words.ts';

/** Between two loads the sweep empties the caches of a server that `vllm` itself starts, and fails after the first load of any other. */
const requireResettable = ({ cell }: CellCall, serve: string, after: string | undefined): void => {
  const [program = ''] = serve.trim().split(/\s+/);
  if (after !== undefined || program.endsWith('vllm')) return;
  throw inputFault('run_block_invalid', `vllm_sweep of cell ${cell.cell_id}: the sweep cannot reset the caches of a server that ${program} starts`, {
    at: 'vllm_sweep.serve_cmd',
    fix: 'begin serve_cmd with vllm, or give after_bench_cmd (true, where the caches are to stay)',
  });
}; // prettier-ignore

const vllmSweep = (call: CellCall): CellCommand[] => {
  const { cell, raw } = call;
  const settings = settingsOf('vllm-sweep', cell);
  const { serve_cmd, bench_cmd, num_runs = 1, requests, server_ready_timeout, serve_params, after_bench_cmd, workload_iters } = settings;
  requireResettable(call, serve_cmd, after_bench_cmd);
  const file = (name: string, value: JsonValue) => ({ path: join(raw, name), text: jsonFile(value) });
  const points = cell.concurrencies.map((concurrency) => ({
    max_concurrency: concurrency,
    num_prompts: requestsOf(concurrency, requests),
  }));
  const bench = file('bench-params.json', points);
  const around = { path: join(raw, AROUND_LOAD), text: AROUND_LOAD_SCRIPT };
  const serve = serve_params === undefined ? undefined : file('serve-params.json', serve_params);
  const words = (kind: 'serve' | 'serve_workload', params: string, name: string): string[] => [
    'vllm', 'bench', 'sweep', kind,
    '--serve-cmd', serve_cmd,
    '--bench-cmd', aroundLoad(around.path, loadedServer(bench_cmd), bench_cmd),
    '--bench-params', params,
    ...flag('serve-params', serve?.path),
    '--output-dir', raw,
    '--experiment-name', name,
    '--num-runs', String(num_runs),
    ...flag('server-ready-timeout', server_ready_timeout),
    ...flag('after-bench-cmd', after_bench_cmd),
    // What the server says, too: why it ended is found nowhere else.
    '--show-stdout',
  ];
  const files = [around, ...(serve === undefined ? [] : [serve])];
  const sweep: CellCommand = { slug: 'vllm-sweep', argv: words('serve', bench.path, 'sweep'), concurrencies: cell.concurrencies, asksServer: true, files: [...files, bench] };
  if (workload_iters === undefined) return [sweep];
  // Loads that the tool chooses between one request at a time and all at once, beside those that were asked for.
  const workload = file('workload-params.json', [{ num_prompts: requestsOf(Math.max(...cell.concurrencies), requests) }]);
  const argv = [...words('serve_workload', workload.path, 'workload'), '--workload-var', 'max_concurrency', '--workload-iters', String(workload_iters)];
  return [sweep, { slug: 'vllm-workload', argv, concurrencies: [], asksServer: true, files: [...files, workload] }];
}; // prettier-ignore

const aiperf = (call: CellCall): CellCommand[] => {
  const { cell, raw } = call;
  const settings = settingsOf('aiperf', cell);
  const url = endpointOf(call, settings.endpoint_url);
  return cell.concurrencies.map((concurrency) => ({
    slug: `aiperf-c${concurrency}`,
    server: url,
    argv: [
      'aiperf', 'profile',
      '--model', call.servedModel ?? settings.served_model ?? cell.model,
      '--url', url,
      '--endpoint-type', 'chat',
      '--streaming',
      '--concurrency', String(concurrency),
      '--request-count', String(requestsOf(concurrency, settings.requests)),
      ...flag('synthetic-input-tokens-mean', cell.isl),
      ...exactOutput(cell.osl),
      ...flag('tokenizer', settings.tokenizer),
      ...flag('num-profile-runs', settings.num_profile_runs),
      '--output-artifact-dir', join(raw, `c${concurrency}`),
    ],
    concurrencies: [concurrency],
    files: [],
  }));
}; // prettier-ignore

const sglang = (call: CellCall): CellCommand[] => {
  const { cell, raw } = call;
  const settings = settingsOf('sglang', cell);
  const url = endpointOf(call, settings.endpoint_url);
  return cell.concurrencies.map((concurrency) => ({
    slug: `sglang-c${concurrency}`,
    server: url,
    argv: [
      'python3', '-m', settings.module ?? 'sglang.benchmark.serving',
      '--backend', settings.client_backend ?? 'sglang',
      '--base-url', url,
      '--model', call.servedModel ?? settings.served_model ?? cell.model,
      ...flag('tokenizer', settings.tokenizer),
      // Random token ids: `random` takes its words from ShareGPT, which it downloads.
      '--dataset-name', settings.dataset_name ?? 'random-ids',
      ...flag('random-input-len', cell.isl),
      ...flag('random-output-len', cell.osl),
      // Lengths as they are asked for: without it anything from one token to that many.
      '--random-range-ratio', '1.0',
      '--num-prompts', String(requestsOf(concurrency, settings.requests)),
      '--max-concurrency', String(concurrency),
      // Prompts of its own for each load: with one seed a load would find those of the load before in the cache.
      '--seed', String(concurrency),
      // Requests that failed are counted nowhere else.
      '--output-details',
      '--output-file', join(raw, `c${concurrency}.jsonl`),
    ],
    concurrencies: [concurrency],
    files: [],
  }));
}; // prettier-ignore

const ownBench = (call: CellCall): CellCommand[] => {
  const { cell, raw, bench } = call;
  const settings = settingsOf('bench', cell);
  const server = endpointOf(call, settings.endpoint_url);
  return cell.concurrencies.map((concurrency) => ({
    slug: `bench-c${concurrency}`,
    server,
    argv: [
      ...bench, 'run', settings.suite ?? 'random',
      '--base-url', `${server}/v1`,
      ...flag('model', call.servedModel ?? settings.served_model),
      '--concurrency', String(concurrency),
      ...(settings.duration_s === undefined ? ['--requests', String(requestsOf(concurrency, settings.requests))] : flag('duration-s', settings.duration_s)),
      ...flag('trials', settings.trials),
      ...flag('warm-up-s', settings.warm_up_s),
      ...flag('seed', settings.seed),
      ...flag('isl', cell.isl),
      ...flag('osl', cell.osl),
      '--output', join(raw, `c${concurrency}`),
    ],
    concurrencies: [concurrency],
    files: [],
  }));
}; // prettier-ignore

const BUILDERS: Readonly<Record<CellRunBackend, (call: CellCall) => CellCommand[]>> = {
  'vllm-sweep': vllmSweep,
  aiperf,
  sglang,
  aa,
  bench: ownBench,
};

/**
 * The commands of a cell in their order. Throws a Fault `run_block_missing`, `run_block_invalid` or `endpoint_missing`.
 */
export const cellCommands = (call: CellCall): CellCommand[] => BUILDERS[call.backend](call);

/** What a config asks for that these commands do not do; said beside them. */
export const unusedSettings = ({ cell, backend }: CellCall): string[] => {
  const block = cell[BLOCK_OF[backend]] ?? {};
  return Object.keys(ELSEWHERE).filter((key) => Object.hasOwn(block, key));
};
