// The rules of `configs/kernel-buckets.yaml`, checked. Reads that file and nothing else.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { builtValue } from '../../text/built-value.ts';
import { inputFault } from '../../text/fault.ts';
import { parseYaml } from '../../text/yaml.ts';
import { BUCKETS, CATEGORIES } from '../model/buckets.ts';
import type { BucketRules } from './classify.ts';

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

/** Throws a Fault `bucket_rules_invalid` that names the first pattern that is no regular expression. */
const requirePatterns = ({ rules }: z.infer<typeof rulesSchema>, path: string): void => {
  for (const { bucket, head, name } of rules)
    for (const pattern of [...head, ...name]) {
      try {
        new RegExp(pattern, 'i');
      } catch {
        throw inputFault('bucket_rules_invalid', `the pattern ${JSON.stringify(pattern)} of ${bucket} cannot be read`, {
          path,
          fix: 'write it as a regular expression of JavaScript',
        });
      }
    }
};

/** Reads rules. Faults: `yaml_syntax`, `bucket_rules_invalid`. */
export const loadBucketRules = async (path = defaultRulesPath()): Promise<BucketRules> => {
  const text = await readFile(path, 'utf8');
  const built = await builtValue('kernel-buckets', text, dirname(dirname(path)));
  const parsed = rulesSchema.safeParse(built ?? (await parseYaml(text, path)));
  if (parsed.success) {
    requirePatterns(parsed.data, path);
    return { ...parsed.data, edited: built === undefined };
  }
  throw inputFault('bucket_rules_invalid', z.prettifyError(parsed.error), {
    path,
    fix: 'correct the rule named above',
  });
};
