// Turns what the operating system says about a file into a Fault that a caller can act on. Never hides the path.
import { Fault, systemCode } from '../text/fault.ts';

interface Known {
  readonly code: string;
  readonly says: string;
  readonly fix: string;
}

const KNOWN: Readonly<Record<string, Known>> = {
  ENOENT: { code: 'file_not_found', says: 'does not exist', fix: 'check the path' },
  EACCES: {
    code: 'permission_denied',
    says: 'may not be used by this user',
    fix: 'change the permissions, or choose another place',
  },
  EPERM: {
    code: 'permission_denied',
    says: 'may not be used by this user',
    fix: 'change the permissions, or choose another place',
  },
  EROFS: {
    code: 'read_only_file_system',
    says: 'is on a read-only file system',
    fix: 'choose a place that can be written',
  },
  ENOSPC: { code: 'disk_full', says: 'does not fit: the disk is full', fix: 'free some space and try again' },
  EDQUOT: { code: 'disk_full', says: 'does not fit: the quota is used up', fix: 'free some space and try again' },
  ENOTDIR: { code: 'not_a_folder', says: 'leads through something that is not a folder', fix: 'check the path' },
  EISDIR: { code: 'not_a_file', says: 'is a folder, not a file', fix: 'name a file' },
  ELOOP: { code: 'symlink_loop', says: 'is a symbolic link that leads back to itself', fix: 'correct the link' },
  ENAMETOOLONG: { code: 'name_too_long', says: 'is too long a name', fix: 'use a shorter name' },
  EMFILE: { code: 'too_many_open_files', says: 'cannot be opened: too many files are open', fix: 'raise `ulimit -n`' },
  ENFILE: {
    code: 'too_many_open_files',
    says: 'cannot be opened: too many files are open',
    fix: 'raise the limit of open files',
  },
  EXDEV: {
    code: 'other_file_system',
    says: 'lies on another file system',
    fix: 'keep the folder and its parent on one file system',
  },
};

/**
 * The Fault for a failed file operation on `path`: `file_not_found`, `permission_denied`, `read_only_file_system`,
 * `disk_full`, `not_a_folder`, `not_a_file`, `symlink_loop`, `name_too_long`, `too_many_open_files`, `other_file_system`,
 * else `io_error`. What did not come from the file system passes through unchanged.
 */
export const ioFault = (error: unknown, path: string): unknown => {
  const system = error instanceof Fault ? undefined : systemCode(error);
  if (system === undefined || !(error instanceof Error) || !('syscall' in error)) return error;
  const unknown: Known = { code: 'io_error', says: `cannot be used: ${error.message}`, fix: 'check the disk' };
  const { code, says, fix } = KNOWN[system] ?? unknown;
  return new Fault('input', code, `${path} ${says}`, { path, fix, cause: error });
};

/** Runs a file operation; what fails in it is thrown as the Fault for `path`. */
export const onFile = async <T>(path: string, operation: () => Promise<T>): Promise<T> => {
  try {
    return await operation();
  } catch (error) {
    throw ioFault(error, path);
  }
};
