// Kernel times of an nsys capture: the summary table of `nsys stats`, or an export or report that the profile readers take.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { mergeSides } from '../../profile/model/merge-sides.ts';
import { summariseProfile } from '../../profile/summarise-profile.ts';
import { readCaptures } from '../../source/captures.ts';
import type { VerbContext } from '../../verb/context.ts';
import { captureFault } from './capture-sources.ts';
import type { KernelSource } from './kernel-file.ts';

/** Most kernels that are kept; the longest first. */
const MOST_KERNELS = 5000;

const PROFILE = /(?:gpukernsum|cuda_gpu_kern_sum).*\.(?:csv|txt)$|\.(?:sqlite|nsys-rep)$/;

/** The summary table where there is one, else every export; a path that is a file stands for itself. */
const capturesIn = (path: string): string[] => {
  if (statSync(path).isFile()) return [path];
  const folder = join(path, 'nsys');
  const inFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? folder : path;
  const names = readdirSync(inFolder).filter((name) => PROFILE.test(name)).sort();
  const tables = names.filter((name) => /\.(?:csv|txt)$/.test(name));
  if (names.length === 0) throw captureFault(join(folder, 'cuda_gpu_kern_sum.txt'), 'is missing');
  return (tables.length > 0 ? tables.slice(0, 1) : names).map((name) => join(inFolder, name));
}; // prettier-ignore

/** Reads the nsys capture of a folder. Throws a Fault `capture_incomplete`, or that of the profile reader. */
export const readNsys = async (folder: string, context: VerbContext): Promise<KernelSource> => {
  const paths = capturesIn(folder);
  const summary = summariseProfile(mergeSides(await readCaptures(paths, context)), MOST_KERNELS);
  if (summary.kernel_calls === 0) throw captureFault(paths.join(', '), 'holds no kernel');
  return {
    source: 'nsys',
    unit: 'ns',
    paths,
    top_kernels: summary.top_kernels.map(({ name, bucket, category, total_ns, calls }) => ({ name, bucket, category, value: total_ns, calls })),
    per_category: Object.fromEntries(summary.categories.map(({ category, total_ns }) => [category, total_ns])),
    per_class: {},
    per_gpu: summary.ranks.map(({ gpu, gpu_uuid, kernel_total_ns }) => ({ gpu_name: gpu, gpu_uuid, value: kernel_total_ns })),
    top_python_during_cuda: [],
  };
}; // prettier-ignore
