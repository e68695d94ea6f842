// The part of a capture that a caller asks for, and the fault where nothing of it is in the file.
import { formatFixed } from '../../render/numbers.ts';
import { inputFault } from '../../text/fault.ts';

/** Part of a capture, in seconds from the start of the capture. */
export interface CaptureWindow {
  readonly startS: number;
  readonly endS: number;
}

/** Faults with `window_outside_capture`, naming where kernels are. */
export const demandWindowHit = (
  path: string,
  window: CaptureWindow,
  zeroNs: number,
  from: number,
  to: number,
): never => {
  const seconds = (ns: number): string => formatFixed((ns - zeroNs) / 1e9, 3);
  throw inputFault(
    'window_outside_capture',
    `no kernel starts between ${window.startS} s and ${window.endS} s of the capture`,
    { path, fix: `choose a window in which kernels run: ${seconds(from)} s to ${seconds(to)} s` },
  );
};
