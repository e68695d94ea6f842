// The program that draws SVG as pixels, loaded by those who make a PNG and by nobody else: it belongs to one platform, and where a
// platform has none everything but PNG still works.
import type { renderAsync } from '@resvg/resvg-js';
import { inputFault, systemCode } from '../text/fault.ts';

/** Throws a Fault `rasteriser_absent` where the package of this platform is not installed. */
export const loadRasteriser = async (): Promise<typeof renderAsync> => {
  try {
    return (await import('@resvg/resvg-js')).renderAsync;
  } catch (thrown) {
    throw inputFault('rasteriser_absent', 'the program that draws PNG is not installed for this platform', {
      fix: `run install.sh again on this machine (${process.platform} ${process.arch}), or ask for SVG`,
      data: { reason: systemCode(thrown) ?? String(thrown) },
    });
  }
};
