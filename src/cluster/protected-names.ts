// The names that no experiment may use: those of the product's `configs/protected-names.yaml` and of the root's own file.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CONFIGURATION_BYTES, readNamedText } from '../fs/named-text.ts';
import { inputFault } from '../text/fault.ts';
import { parseYaml } from '../text/yaml.ts';
import type { Protected } from './experiment.ts';

const globs = z.array(z.string().min(1)).default([]);
const fileSchema = z.strictObject({ names: globs, namespaces: globs, labels: globs });

const readFileAt = async (path: string): Promise<Protected> => {
  const parsed = fileSchema.safeParse(await parseYaml(await readNamedText(path, { limit: CONFIGURATION_BYTES }), path));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw inputFault('protected_names_invalid', `${path}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`, {
    path,
    fix: 'give lists of globs under names, namespaces and labels',
  });
};

/** The root's file adds to the product's. Throws a Fault `protected_names_invalid`: a guard that cannot be read guards nothing. */
export const protectedNames = async (root: string, productFolder: string): Promise<Protected> => {
  const [shipped, own] = [productFolder, root].map((folder) => join(folder, 'configs', 'protected-names.yaml'));
  const files = [...new Set([shipped ?? '', own ?? ''])].filter((path) => existsSync(path));
  const read = await Promise.all(files.map(readFileAt));
  return {
    names: read.flatMap(({ names }) => names),
    namespaces: read.flatMap(({ namespaces }) => namespaces),
    labels: read.flatMap(({ labels }) => labels),
  };
};
