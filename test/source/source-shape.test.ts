// What kind of thing a path holds, by its name and its first bytes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { sourceShape } from '../../src/source/source-shape.ts';
import { scratchFolder } from '../fs/scratch.ts';

const TRACE = '{"schemaVersion": 1, "deviceProperties": [], "traceEvents": [{"ph": "X"}]}';
/** Header of a table of `nsys stats`. */
const PRINTED = ' Time (%)  Total Time (ns)  Instances   Avg (ns)  Name';

it.each([
  ['a result', 'r.json', '{"ttft_p50_ms": 3}', 'file'],
  ['a report of Nsight Systems', 'r.nsys-rep', 'x', 'profile'],
  ['a database of any name', 'capture', 'SQLite format 3\0', 'profile'],
  ['a trace', 'r.json', TRACE, 'profile'],
  ['a packed trace', 'r.json.gz', gzipSync(TRACE), 'profile'],
  ['a packed result', 'r.json.gz', gzipSync('{"ttft_p50_ms": 3}'), 'file'],
  ['a kernel table', 'top.csv', 'Time (%),Total Time (ns),Instances,Name\n', 'profile'],
  ['a page of ncu', 'page.log', '==PROF== done\n"ID","Process ID","Process Name","Kernel Name"\n', 'profile'],
  ['a table as nsys prints it', 'top.txt', ` ** CUDA GPU Kernel Summary:\n\n${PRINTED}\n`, 'profile'],
  ['a table below the progress of nsys', 'top.txt', `[3/8] Executing 'cuda_gpu_kern_sum'\n\n${PRINTED}\n`, 'profile'],
  ['a result that quotes a table', 'r.json', JSON.stringify({ ttft_p50_ms: 3, nsys_log: PRINTED }), 'file'],
  ['a list of quoted lines', 'r.json', JSON.stringify(['', PRINTED], null, 2), 'file'],
  ['console output that mentions a table', 'out.txt', `columns: ${PRINTED}\nOutput token throughput: 5\n`, 'file'],
  ['console output that times something', 'out.txt', 'Total time (s): 31\nOutput token throughput: 5\n', 'file'],
] as const)('%s', async (_, name, content, shape) => {
  const path = join(scratchFolder('shape'), name);
  writeFileSync(path, content);
  expect(await sourceShape(path)).toBe(shape);
});

it.each([
  ['results', ['a.json', 'requests.parquet'], 'folder'],
  ['an nsys export to Parquet', ['StringIds.parquet', 'CUPTI_ACTIVITY_KIND_KERNEL.parquet'], 'profile'],
  ['reports of nsys stats', ['r_cuda_gpu_kern_sum.csv'], 'profile'],
  ['reports of ranks', ['rank0.nsys-rep', 'rank1.nsys-rep'], 'profile'],
] as const)('a folder of %s', async (_, names, shape) => {
  const folder = join(scratchFolder('shape'), 'run');
  mkdirSync(folder);
  for (const name of names) writeFileSync(join(folder, name), 'x');
  expect(await sourceShape(folder)).toBe(shape);
});
