// Reads a measurement file as text: size limit, gzip, UTF-8. A file that is not text, or too large to be a result, is refused
// before it is parsed.
import { isAscii, isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { onFile } from '../fs/io-fault.ts';
import { withRegularFile } from '../fs/regular-file.ts';
import { inputFault, systemCode } from '../text/fault.ts';
import { formatBytes } from '../render/numbers.ts';

/** Largest measurement file that is read, also after decompression. Results are kilobytes; profiles have readers of their own. */
export const MAX_BYTES = 256 * 1024 * 1024;

const sizeFault = (path: string, what: string) =>
  inputFault('file_too_large', `${path} ${what}; the limit is ${formatBytes(MAX_BYTES)}`, {
    path,
    fix: 'give the result file of the benchmark, without per-request details',
  });

/** At once, without waiting: the file is parsed next, which takes longer. */
const readBytes = (path: string): Promise<Buffer> =>
  withRegularFile(path, ({ descriptor, status }) => {
    if (status.size > MAX_BYTES) throw sizeFault(path, `has ${formatBytes(status.size)}`);
    return readFileSync(descriptor);
  });

const decompress = async (path: string, bytes: Buffer): Promise<Buffer> => {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_BYTES });
  } catch (cause) {
    if (systemCode(cause) === 'ERR_BUFFER_TOO_LARGE') throw sizeFault(path, 'is larger once decompressed');
    throw inputFault('gzip_damaged', `${path} is not a whole gzip file`, { path, cause, fix: 'copy the file again' });
  }
};

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

const decode = (path: string, bytes: Buffer): string => {
  if (bytes.subarray(0, 16).toString('latin1') === 'SQLite format 3\0')
    throw inputFault('not_text', `${path} is a SQLite database`, {
      path,
      fix: 'compare profiles with profile_profile_diff',
    });
  // A byte a character where that is enough: half the memory of what a decoder gives.
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (!isUtf8(bytes))
    throw inputFault('not_utf8', `${path} is not UTF-8 text`, { path, fix: 'give a text file in UTF-8' });
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
};

/** The text of a file, without a byte order mark. Throws a Fault for what is missing, too large, binary or empty. */
export const readFileText = async (path: string): Promise<string> => {
  const bytes = await onFile(path, () => readBytes(path));
  const text = decode(path, isGzip(bytes) ? await decompress(path, bytes) : bytes);
  if (/\S/.test(text)) return text;
  throw inputFault('file_empty', `${path} is empty`, { path, fix: 'give the file that the benchmark wrote' });
};
