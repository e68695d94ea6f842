// The product's own YAML files as the build has parsed them, which spares every start the YAML parser.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Value of `configs/<name>.yaml`, whose text is `text`; undefined when the build did not see this very text. */
export const builtValue = async (name: string, text: string, productFolder: string): Promise<unknown> => {
  const path = join(productFolder, 'dist', 'configs', `${name}.json`);
  if (!existsSync(path)) return undefined;
  const built: { sha256: string; value: unknown } = JSON.parse(await readFile(path, 'utf8'));
  return built.sha256 === createHash('sha256').update(text).digest('hex') ? built.value : undefined;
};
