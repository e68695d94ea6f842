// Bundles of results as benchmarks and scripts lay them out, written small: the console block of `vllm bench serve` and folders
// around it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface ServeRun {
  readonly requests: number;
  readonly seconds: number;
  readonly isl?: number;
  readonly osl?: number;
  readonly ttft?: number;
  readonly tpot?: number;
}

const line = (label: string, value: string): string => `${label}:`.padEnd(41) + value;

/** What `vllm bench serve` prints for a run; the means lie a tenth above the medians. */
export const serveBlock = ({ requests, seconds, isl = 1024, osl = 512, ttft = 100, tpot = 10 }: ServeRun): string => {
  const latency = (name: string, value: number): string[] => [
    line(`Mean ${name} (ms)`, (value * 1.1).toFixed(2)),
    line(`Median ${name} (ms)`, value.toFixed(2)),
    line(`P99 ${name} (ms)`, (value * 2).toFixed(2)),
  ];
  return [
    '============ Serving Benchmark Result ============',
    line('Successful requests', String(requests)),
    line('Benchmark duration (s)', seconds.toFixed(2)),
    line('Total input tokens', String(requests * isl)),
    line('Total generated tokens', String(requests * osl)),
    line('Request throughput (req/s)', (requests / seconds).toFixed(2)),
    line('Output token throughput (tok/s)', ((requests * osl) / seconds).toFixed(2)),
    line('Total token throughput (tok/s)', ((requests * (isl + osl)) / seconds).toFixed(2)),
    ...(requests === 0 ? [] : [...latency('TTFT', ttft), ...latency('TPOT', tpot), ...latency('ITL', tpot)]),
    '==================================================',
    '',
  ].join('\n');
};

/** Writes files by their path below a folder; objects as JSON. */
export const writeTree = (folder: string, files: Readonly<Record<string, unknown>>): string => {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
};

/** A cell as a campaign's YAML has it. */
export const CELL = {
  cell_id: 'base',
  model: 'org/model',
  hardware: 'B200',
  quant: 'NVFP4',
  tensor_parallel: 8,
  parallel_strategy: 'TP',
  mtp: false,
  max_num_batched_tokens: 4096,
  concurrencies: [1, 8],
};
