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

/** Counters of one kernel over two launches, as ncu writes them: details and raw page. */
export const NCU: Readonly<Record<string, string>> = {
  'ncu-profiles/k-sol.csv': [
    '==PROF== Connected',
    '"ID","Kernel Name","Section Name","Metric Name","Metric Unit","Metric Value"',
    ...[0, 1].flatMap((id) => [
      `"${id}","gemm_kernel<int>(args)","SOL","DRAM Throughput","%","${50 + id * 20}"`,
      `"${id}","gemm_kernel<int>(args)","SOL","Duration","us","100.0"`,
      `"${id}","gemm_kernel<int>(args)","Occupancy","Block Limit Registers","block","2"`,
      `"${id}","gemm_kernel<int>(args)","Occupancy","Block Limit Shared Mem","block","1"`,
    ]),
    '',
  ].join('\n'),
  'ncu-profiles/k-raw.csv': [
    '"ID","Kernel Name","dram__bytes.avg","dram__bytes.sum","sm__ops_path_tensor_x.sum","sm__sass_thread_inst_executed_op_ffma_pred_on.sum"',
    '"","","Mbyte","Mbyte","",""',
    '"0","gemm_kernel<int>(args)","1","1,000","149000000000","500000000"',
    '"1","gemm_kernel<int>(args)","1","500","150000000000","500000000"',
    '',
  ].join('\n'),
};

/** The five tables of a zymtrace capture. */
export const ZYMTRACE: Readonly<Record<string, string>> = {
  'zymtrace/kernel-class.tsv': 'class\tsamples\nA\t10\n',
  'zymtrace/top-gpu-frames.tsv': 'kernel\tsamples\nncclDevKernel_AllReduce\t30\n\t5\n',
  'zymtrace/per-gpu.tsv': 'gpu_name\tgpu_uuid\tsamples\nNVIDIA B200\tGPU-1\t35\n',
  'zymtrace/per-category.tsv': 'category\tsamples\nNCCL\t30\nOther\t5\n',
  'zymtrace/top-python-during-cuda.tsv': 'python_frame\tsamples\nengine.step\t12\n',
};

/** The summary table of `nsys stats`. */
export const NSYS: Readonly<Record<string, string>> = {
  'nsys/cuda_gpu_kern_sum.csv':
    'Time (%),Total Time (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name\n75.0,3000,3,1000.0,1000.0,900,1100,50.0,ncclDevKernel_AllReduce\n25.0,1000,1,1000.0,1000.0,1000,1000,0.0,gemm\n',
};
