// The scripts that web pages hold: built beside the programs, read by the verbs that write a page.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inputFault } from '../text/fault.ts';
import { thisProductFolder } from './product.ts';

export type PageScript = 'tables' | 'report' | 'app';

/** The text of the script. Throws a Fault `page_script_absent` where the installation is damaged. */
export const pageScript = async (name: PageScript): Promise<string> => {
  const path = join(thisProductFolder(), 'dist', 'web', `${name}.js`);
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw inputFault('page_script_absent', `the script of web pages is not installed: ${path}`, {
      path,
      fix: 'run install.sh again',
    });
  }
};
