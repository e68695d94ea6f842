// The typesetter, loaded by those who make a PDF and by nobody else: it is a program of 50 MB for one platform, and where a
// platform has none everything but PDF still works.
import type { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { inputFault, systemCode } from '../text/fault.ts';

export type Compiler = NodeCompiler;

/** Throws a Fault `typesetter_absent` where the package of this platform is not installed. */
export const loadCompiler = async (): Promise<typeof NodeCompiler> => {
  try {
    return (await import('@myriaddreamin/typst-ts-node-compiler')).NodeCompiler;
  } catch (thrown) {
    throw inputFault('typesetter_absent', 'the typesetter of this platform is not installed, so no PDF can be made', {
      fix: `run install.sh again on this machine (${process.platform} ${process.arch}), or ask for --format html`,
      data: { reason: systemCode(thrown) ?? String(thrown) },
    });
  }
};
