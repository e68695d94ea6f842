// Writes torch profiler traces of any size, laid out as Kineto lays them out: host operators, runtime calls, flows and
// kernels of one rank, in steps. `tsx test/profile/inputs/make-trace.ts <file> <bytes>` writes one for measurements.
import { closeSync, openSync, writeSync } from 'node:fs';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

const KERNELS: readonly (readonly [name: string, us: number])[] = [
  ['void vllm::rms_norm_kernel<c10::BFloat16>(c10::BFloat16*, c10::BFloat16 const*, float, int, int)', 6],
  ['nvjet_tst_128x256_64x4_2x1_v_bz_TNT', 92],
  [
    'void flash::flash_fwd_splitkv_kernel<Flash_fwd_kernel_traits<128, 64, 128, 4, false, false, cutlass::bfloat16_t>>',
    41,
  ],
  ['void vllm::reshape_and_cache_flash_kernel<__nv_bfloat16, __nv_bfloat16, (vllm::Fp8KVCacheDataType)0>', 4],
  ['nvjet_tst_64x128_64x6_1x2_h_bz_TNN', 55],
  ['ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096ul>)', 38],
  ['void vllm::act_and_mul_kernel<c10::BFloat16, &(vllm::silu_kernel<c10::BFloat16>(c10::BFloat16 const&)), true>', 9],
  ['triton_poi_fused_add_mul_3', 7],
];

const OPERATORS = ['aten::linear', 'aten::matmul', 'aten::mm'];

export interface MadeTrace {
  /** Stop at the first whole step beyond this many bytes. */
  readonly bytes: number;
  readonly rank?: number;
  /** Kernels of a step; default 512. */
  readonly perStep?: number;
  /** Duration of every kernel of this name times a factor. */
  readonly slower?: { readonly name: string; readonly factor: number };
}

const event = (fields: string, args: string): string =>
  `  {\n    "ph": "X", ${fields},\n    "args": {\n      ${args}\n    }\n  }`;

const launched = (index: number, ts: number, { slower, rank = 0 }: MadeTrace): string => {
  const [name, us] = KERNELS[index % KERNELS.length] ?? ['', 0];
  const factor = slower?.name === name ? slower.factor : 1;
  const duration = (us * factor * (1 + (index % 13) / 1000)).toFixed(3);
  const host = `"pid": ${1000 + rank}, "tid": ${1000 + rank}`;
  const at = (offset: number): string => (ts + offset).toFixed(3);
  const operators = OPERATORS.map((operator, depth) =>
    event(
      `"cat": "cpu_op", "name": "${operator}", ${host},\n    "ts": ${at(depth)}, "dur": ${(20 - 4 * depth).toFixed(3)}`,
      `"External id": ${3 * index + depth},"Record function id": 0, "Concrete Inputs": ["", "", ""], "Input type": ["c10::BFloat16", "c10::BFloat16", ""], "Input Strides": [[4096, 1], [1, 4096], []], "Input Dims": [[256, 4096], [4096, 4096], []], "Ev Idx": ${3 * index + depth}`,
    ),
  );
  const call = event(
    `"cat": "cuda_runtime", "name": "cudaLaunchKernel", ${host},\n    "ts": ${at(6)}, "dur": 5.125`,
    `"External id": ${3 * index + 2}, "cbid": 211, "correlation": ${index}`,
  );
  const kernel = event(
    `"cat": "kernel", "name": "${name}", "pid": 0, "tid": 7,\n    "ts": ${at(30)}, "dur": ${duration}`,
    `"External id": ${3 * index + 2}, "queued": 0, "device": 0, "context": 1,\n      "stream": 7, "correlation": ${index},\n      "registers per thread": 168, "shared memory": 213248,\n      "blocks per SM": 1.0, "warps per SM": 12.0,\n      "grid": [${132 - (index % 3)}, 1, 1], "block": [384, 1, 1],\n      "est. achieved occupancy %": 18`,
  );
  const flow = (ph: string, offset: number, where: string, more: string): string =>
    `  {\n    "ph": "${ph}", "id": ${index}, ${where}, "ts": ${at(offset)},\n    "cat": "ac2g", "name": "ac2g"${more}\n  }`;
  return [...operators, call, flow('s', 6, host, ''), flow('f', 30, '"pid": 0, "tid": 7', ', "bp": "e"'), kernel].join(
    ',\n',
  );
};

const STEP_US = 60_000;
const KERNEL_US = 100;

/** Writes the trace and returns how many kernels it has. */
export const makeTrace = (path: string, made: MadeTrace): number => {
  const { bytes, rank = 0, perStep = 512 } = made;
  const file = openSync(path, 'w');
  let [written, kernels] = [0, 0];
  const write = (text: string): void => void (written += writeSync(file, text));
  write(
    `{\n  "schemaVersion": 1,\n  "deviceProperties": [\n    {\n      "id": 0, "name": "NVIDIA H200", "totalGlobalMem": 150000000000\n    }\n  ],\n  "distributedInfo": {"backend": "nccl", "rank": ${rank}, "world_size": 8},\n  "traceEvents": [\n`,
  );
  for (let step = 0; written < bytes; step++) {
    const start = step * STEP_US;
    const marker = event(
      `"cat": "user_annotation", "name": "ProfilerStep#${step}", "pid": ${1000 + rank}, "tid": ${1000 + rank},\n    "ts": ${start.toFixed(3)}, "dur": ${(perStep * KERNEL_US + 50).toFixed(3)}`,
      `"External id": ${step}, "Record function id": 0, "Ev Idx": ${step}`,
    );
    const events = Array.from({ length: perStep }, (_, index) =>
      launched(kernels + index, start + 10 + index * KERNEL_US, made),
    );
    write(`${step === 0 ? '' : ',\n'}${[marker, ...events].join(',\n')}`);
    kernels += perStep;
  }
  write(
    '\n  ],\n  "traceName": "trace.json", "displayTimeUnit": "ms", "baseTimeNanoseconds": 1727743122000000000\n}\n',
  );
  closeSync(file);
  return kernels;
};

const [, script = '', path, bytes] = argv;
if (import.meta.url === pathToFileURL(script).href && path !== undefined)
  console.log(`${makeTrace(path, { bytes: Number(bytes) })} kernels`);
