// The path policy: which names may become parts of paths, and which paths stay inside their root. Never follows a link out.
import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { Fault, systemCode } from '../text/fault.ts';
import { ioFault } from './io-fault.ts';

const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const LONGEST = 128;

export const isSafeSegment = (name: string): boolean => SEGMENT.test(name) && name.length <= LONGEST;

/** Names that mean a device on Windows, whatever follows the first dot; a checkout there cannot hold such a file. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** `use my_run: ` for `my run `: the nearest name that every system can keep; nothing where hardly a letter is left. */
const nearestPortable = (name: string): string => {
  const plain = name
    .slice(0, LONGEST)
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+|[._-]+$/g, '');
  if (plain === '') return '';
  return `use ${DEVICE.test(plain) ? `my_${plain}` : plain}: `;
};

/**
 * `name` when it may be one part of a path: a letter or digit, then letters, digits, `.`, `_`, `-`, at most 128. `label`
 * names it in the Fault `unsafe_segment`.
 */
export const safeSegment = (name: string, label: string): string => {
  if (isSafeSegment(name)) return name;
  const why = name.length > LONGEST ? `is ${name.length} characters long` : `is ${JSON.stringify(name)}`;
  throw new Fault('usage', 'unsafe_segment', `${label} ${why}, which is not one safe path segment`, {
    fix: `${nearestPortable(name)}begin with a letter or digit, go on with letters, digits, ".", "_" or "-", at most ${LONGEST} characters`,
  });
};

/**
 * `name` where it may become a part of a path on every system: a safe segment that is no device of Windows and does not end in a
 * dot. Throws a Fault `unsafe_segment` or `name_not_portable` that says which name to use instead.
 */
export const portableSegment = (name: string, label: string): string => {
  safeSegment(name, label);
  const device = DEVICE.test(name);
  if (!device && !name.endsWith('.')) return name;
  const why = device ? 'is the name of a device on Windows' : 'ends in a dot, which Windows leaves out';
  throw new Fault('usage', 'name_not_portable', `${label} ${name} ${why}`, {
    fix: nearestPortable(name).replace(/: $/, ''),
  });
};

/**
 * `name` where it is one of the `known` or none of them differs from it by case alone, and every system can hold it. Throws the
 * Faults of `portableSegment`, or `name_differs_by_case`.
 */
export const distinctSegment = (name: string, label: string, known: readonly string[]): string => {
  if (known.includes(name)) return name;
  const twin = known.find((other) => other.toLowerCase() === name.toLowerCase());
  if (twin !== undefined)
    throw new Fault('usage', 'name_differs_by_case', `${label} ${name} differs from ${twin} by case alone`, {
      fix: `use ${twin}, or a name that differs in more than case: on some systems both would be one folder`,
    });
  return portableSegment(name, label);
};

/** The real path of the deepest part that exists, with the rest appended. */
export const realAsFarAsItGoes = (path: string): string => {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw ioFault(error, path);
    return join(realAsFarAsItGoes(dirname(path)), basename(path));
  }
};

/** True when `path`, links followed, is `root` or lies below it. Either may not exist yet. */
export const isInside = (root: string, path: string): boolean => {
  const [top, real] = [realAsFarAsItGoes(root), realAsFarAsItGoes(path)];
  return real === top || real.startsWith(top.endsWith(sep) ? top : `${top}${sep}`);
};

/** True when no part of a path below `root` is a symbolic link, as far as can be seen; names that do not exist are none. */
const hasNoLinks = (root: string, segments: readonly string[]): boolean => {
  let at = root;
  try {
    return segments.every((segment) => {
      at = join(at, segment);
      return lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() !== true;
    });
  } catch {
    return false; // following the path says what is wrong with it
  }
};

/** `root` joined with safe segments. Throws a Fault `path_escapes` when a link on the way leads out of `root`. */
export const containedPath = (root: string, ...segments: readonly string[]): string => {
  const path = join(root, ...segments);
  if (hasNoLinks(root, segments) || isInside(root, path)) return path;
  throw new Fault('refused', 'path_escapes', `${path} leads out of ${root}`, {
    path,
    fix: 'remove the symbolic link on the way',
  });
};
