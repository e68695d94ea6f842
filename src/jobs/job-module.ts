// Where the code of a job's body lies: in the build, or in the sources when the product runs from them.
import { join } from 'node:path';

/** Path of the module that holds a verb and the body of its job. */
export const jobModule = (productFolder: string, family: string, verb: string): string =>
  import.meta.url.endsWith('.ts')
    ? join(productFolder, 'tools', family, `${verb.replaceAll('_', '-')}.ts`)
    : join(productFolder, 'dist', 'verbs', `${verb}.mjs`);
