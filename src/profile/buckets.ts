// Sorts GPU kernels into buckets by name, with the rules of `configs/kernel-buckets.yaml`. Reads that file and nothing
// else; a name that no rule knows is `other`, never guessed.
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { inputFault } from '../text/fault.ts';
import { parseYaml } from '../text/yaml.ts';

export const BUCKETS = [
  'gemm',
  'attention',
  'moe',
  'norm',
  'elementwise',
  'reduction',
  'collective',
  'copy',
  'memset',
  'sampling',
  'quantise',
  'other',
] as const;
export type Bucket = (typeof BUCKETS)[number];

/** The categories of the report's kernel pages. */
export const CATEGORIES = [
  'NCCL',
  'MoE',
  'FMHA',
  'BMM-NVFP4',
  'Triton-fused',
  'cuBLAS',
  'Elementwise',
  'Other',
] as const;
export type Category = (typeof CATEGORIES)[number];

const rulesSchema = z.strictObject({
  category_of_triton: z.enum(CATEGORIES),
  rules: z.array(
    z.strictObject({
      bucket: z.enum(BUCKETS),
      category: z.enum(CATEGORIES),
      head: z.array(z.string()).default([]),
      name: z.array(z.string()).default([]),
    }),
  ),
});

/** The rules as plain data: they may cross a thread, compiled expressions may not. */
export type BucketRules = z.infer<typeof rulesSchema>;

export interface Classified {
  readonly bucket: Bucket;
  readonly category: Category;
}

export type Classify = (kernelName: string) => Classified;

/** `configs/kernel-buckets.yaml` of the installed product: it lies beside `src` or `dist`. */
export const defaultRulesPath = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'configs', 'kernel-buckets.yaml'))) {
    const parent = dirname(folder);
    if (parent === folder) throw inputFault('bucket_rules_absent', 'configs/kernel-buckets.yaml is not installed');
    folder = parent;
  }
  return join(folder, 'configs', 'kernel-buckets.yaml');
};

/** Reads rules. Faults: `yaml_syntax`, `bucket_rules_invalid`. */
export const loadBucketRules = async (path = defaultRulesPath()): Promise<BucketRules> => {
  const parsed = rulesSchema.safeParse(await parseYaml(await readFile(path, 'utf8'), path));
  if (parsed.success) return parsed.data;
  throw inputFault('bucket_rules_invalid', z.prettifyError(parsed.error), {
    path,
    fix: 'Correct the rule named above.',
  });
};

/** Function name without return type, template arguments and parameters: `at::native::reduce_kernel`. */
export const kernelHead = (name: string): string => {
  const declared = name.startsWith('std::enable_if') ? name.replace(/^.*?>::type /, '') : name;
  const plain = declared
    .replace(/\((anonymous namespace|anonymous_namespace)\)/g, 'anonymous')
    .replace(/<unnamed>/g, 'unnamed');
  const end = plain.search(/[<(]/);
  const signature = end < 0 ? plain : plain.slice(0, end);
  return signature.trim().split(/\s+/).at(-1) ?? '';
};

/** Compiles rules into a classifier that remembers names. */
export const classifier = (rules: BucketRules): Classify => {
  const either = (patterns: readonly string[]): RegExp | null =>
    patterns.length === 0 ? null : new RegExp(patterns.map((pattern) => `(?:${pattern})`).join('|'), 'i');
  const compiled = rules.rules.map((rule) => ({ ...rule, head: either(rule.head), name: either(rule.name) }));
  const known = new Map<string, Classified>();
  const classify = (name: string): Classified => {
    const head = kernelHead(name);
    const rule = compiled.find((entry) => entry.head?.test(head) === true || entry.name?.test(name) === true);
    const bucket = rule?.bucket ?? 'other';
    if (/^triton_/i.test(head)) return { bucket, category: rules.category_of_triton };
    return { bucket, category: rule?.category ?? 'Other' };
  };
  return (name) => {
    const found = known.get(name) ?? classify(name);
    known.set(name, found);
    return found;
  };
};
