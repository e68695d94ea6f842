// Turns what the operating system says about a file into a Fault that a caller can act on. Never hides the path.
import { Fault, systemCode } from '../text/fault.ts';

const KNOWN: Readonly<Record<string, readonly [code: string, says: string, fix: string]>> = {
  ENOENT: ['file_not_found', 'does not exist', 'check the path'],
  EACCES: ['permission_denied', 'may not be used by this user', 'change the permissions, or choose another place'],
  EPERM: ['permission_denied', 'may not be used by this user', 'change the permissions, or choose another place'],
  EROFS: ['read_only_file_system', 'is on a read-only file system', 'choose a place that can be written'],
  ENOSPC: ['disk_full', 'does not fit: the disk is full', 'free some space and try again'],
  EDQUOT: ['disk_full', 'does not fit: the quota is used up', 'free some space and try again'],
  ENOTDIR: ['not_a_folder', 'leads through something that is not a folder', 'check the path'],
  EISDIR: ['not_a_file', 'is a folder, not a file', 'name a file'],
  ELOOP: ['symlink_loop', 'is a symbolic link that leads back to itself', 'correct the link'],
  ENAMETOOLONG: ['name_too_long', 'is too long a name', 'use a shorter name'],
  EMFILE: ['too_many_open_files', 'cannot be opened: too many files are open', 'raise `ulimit -n`'],
  ENFILE: ['too_many_open_files', 'cannot be opened: too many files are open', 'raise the limit of open files'],
  EXDEV: ['other_file_system', 'lies on another file system', 'keep the folder and its parent on one file system'],
};

/**
 * The Fault for a failed file operation on `path`: `file_not_found`, `permission_denied`, `read_only_file_system`,
 * `disk_full`, `not_a_folder`, `not_a_file`, `symlink_loop`, `name_too_long`, `too_many_open_files`, `other_file_system`,
 * else `io_error`. What did not come from the file system passes through unchanged.
 */
export const ioFault = (error: unknown, path: string): unknown => {
  const system = error instanceof Fault ? undefined : systemCode(error);
  if (system === undefined || !(error instanceof Error) || !('syscall' in error)) return error;
  const [code, says, fix] = KNOWN[system] ?? ['io_error', `cannot be used: ${error.message}`, 'check the disk'];
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
