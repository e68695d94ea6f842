// Kernels of one export by the ids of their names, classified once each. Never looks at single calls.
import { kernelNamed } from '../kernels/classify.ts';
import type { Classify } from '../kernels/classify.ts';
import type { Kernel } from '../model/profile-side.ts';
import type { Strings } from './strings.ts';

export interface KernelNames {
  readonly kernels: Kernel[];
  /** Index of the kernel with these string ids; NaN stands for an absent id. */
  readonly indexOf: (demangled: number, short: number) => number;
}

/** Equal texts under two ids are one kernel; a missing demangled name falls back to the short one. */
export const createKernelNames = (strings: Strings, classify: Classify): KernelNames => {
  const kernels: Kernel[] = [];
  const byText = new Map<string, number>();
  const indexOf = (demangled: number, short: number): number => {
    const shortName = strings(short);
    const name = strings(demangled) ?? shortName ?? '(unnamed kernel)';
    const known = byText.get(name);
    if (known !== undefined) return known;
    byText.set(name, kernels.length);
    return kernels.push(kernelNamed(name, classify, shortName ?? name)) - 1;
  };
  return { kernels, indexOf };
};
