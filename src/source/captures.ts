// Reads the profiles that a caller names into captures: files of different ranks are one capture, files of the same ranks are
// repeated captures. Exports are cached below the root, never beside the user's file.
import { join } from 'node:path';
import { NSYS_FOLDERS } from '../drivers/nsys-facts.ts';
import { NCU_FOLDERS } from '../drivers/ncu.ts';
import { localRunner } from '../exec/run-process.ts';
import { artifactsFolder } from '../fs/root.ts';
import { mergeSides } from '../profile/model/merge-sides.ts';
import type { ProfileSide } from '../profile/model/profile-side.ts';
import type { CaptureWindow } from '../profile/model/capture-window.ts';
import { readProfile } from '../profile/read/read-profile.ts';
import { Fault } from '../text/fault.ts';
import type { VerbContext } from '../verb/context.ts';

export interface CaptureOptions {
  /** `start:end` in seconds of the capture. */
  readonly window?: string | undefined;
  /** Name of the range that bounds a step. */
  readonly stepMarker?: string | undefined;
}

/** Seconds from `10:12.5`. Throws a Fault `window_invalid`. */
export const parseWindow = (text: string): CaptureWindow => {
  const [startS, endS] = text.split(/[:,]/).map(Number);
  if (startS !== undefined && endS !== undefined && Number.isFinite(startS) && startS >= 0 && endS > startS)
    return { startS, endS };
  throw new Fault('usage', 'window_invalid', `window ${JSON.stringify(text)} is not start:end in seconds`, {
    fix: 'give two numbers such as 10:12.5, the end after the start',
  });
};

const rankKeys = (side: ProfileSide): string[] =>
  side.ranks.map(({ host, pid, device, gpuUuid }) => `${host}|${gpuUuid ?? device}|${gpuUuid === null ? pid : ''}`);

/** Sides whose ranks are all different belong to one run; sides that share a rank are repeats. */
const isOneRun = (sides: readonly ProfileSide[]): boolean => {
  const keys = sides.flatMap((side) => [...new Set(rankKeys(side))]);
  return new Set(keys).size === keys.length;
};

/** The captures at `paths`. Throws the Faults of the profile readers. */
export const readCaptures = async (
  paths: readonly string[],
  context: VerbContext,
  { window, stepMarker }: CaptureOptions = {},
): Promise<readonly ProfileSide[]> => {
  const options = {
    cacheDir: join(artifactsFolder(context.root), 'profile-cache'),
    run: localRunner({
      env: context.env,
      signal: context.signal,
      folders: [...NSYS_FOLDERS, ...NCU_FOLDERS],
      maxOutputBytes: 512 * 2 ** 20,
    }),
    signal: context.signal,
    onProgress: (message: string) => context.progress(0, 0, message),
    bucketsPath: join(context.productFolder, 'configs', 'kernel-buckets.yaml'),
    ...(window === undefined ? {} : { window: parseWindow(window) }),
    ...(stepMarker === undefined ? {} : { stepMarker }),
  };
  const sides = await Promise.all(paths.map((path) => readProfile([path], options)));
  return sides.length > 1 && isOneRun(sides) ? [mergeSides(sides)] : sides;
};
