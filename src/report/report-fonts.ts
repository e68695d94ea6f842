// The fonts of a report: DejaVu Sans, which lies beside the programs, so that a page looks the same on every machine.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inputFault } from '../text/fault.ts';
import { thisProductFolder } from '../verb/product.ts';

const NAMES = ['DejaVuSans', 'DejaVuSans-Bold', 'DejaVuSansMono'] as const;

/** Of the build, and of a checkout that was never built. */
const FOLDERS = ['dist/fonts', 'node_modules/dejavu-fonts-ttf/ttf'] as const;

/** The path of each. Throws a Fault `fonts_absent` where the installation is damaged. */
export const reportFontPaths = (): readonly string[] => {
  const product = thisProductFolder();
  const folder = FOLDERS.map((name) => join(product, name)).find((path) => existsSync(path));
  if (folder === undefined)
    throw inputFault('fonts_absent', 'the fonts of the report are not installed', {
      path: product,
      fix: 'run install.sh again',
    });
  return NAMES.map((name) => join(folder, `${name}.ttf`));
};

/** The bytes of each. Throws a Fault `fonts_absent`. */
export const reportFonts = (): Promise<readonly Uint8Array[]> =>
  Promise.all(reportFontPaths().map((path) => readFile(path)));
