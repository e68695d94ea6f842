// The files that clients may read by a `file:` URI: those that results of this server linked to, and everything below the
// artifacts of the roots that calls worked in. Large files come in pages. Follows no link out, reads no pipe or device.
import { readdirSync, readSync, lstatSync, type Stats } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ReadResourceResult } from '@modelcontextprotocol/server';
import { onFile } from '../fs/io-fault.ts';
import { withRegularFile } from '../fs/regular-file.ts';
import { artifactsFolder } from '../fs/root.ts';
import { isInside } from '../fs/safe-path.ts';
import type { Outcome } from '../verb/host.ts';

/** Bytes of one page. */
export const PAGE_BYTES = 256 * 1024;

type Contents = ReadResourceResult['contents'];

/** What the calls of one server led to. */
export interface LinkedFiles {
  readonly note: (outcome: Outcome) => void;
  /** Roots that calls worked in. */
  readonly roots: () => readonly string[];
  /** True where a result linked to the file or folder itself. */
  readonly linked: (path: string) => boolean;
}

export const createLinkedFiles = (): LinkedFiles => {
  const roots = new Set<string>();
  const paths = new Set<string>();
  return {
    note: ({ structured, links }) => {
      const root = structured['repo_root'];
      if (typeof root === 'string') roots.add(root);
      for (const { path } of links) paths.add(resolve(path));
    },
    roots: () => [...roots],
    linked: (path) => paths.has(path),
  };
};

const TEXT_TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.html': 'text/html',
  '.json': 'application/json',
  '.jsonl': 'application/x-ndjson',
  '.log': 'text/plain',
  '.md': 'text/markdown',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.yaml': 'application/yaml',
};

export interface NamedFile {
  readonly path: string;
  /** First byte of the page. */
  readonly offset: number;
}

/** What a `file:` URI or an absolute path names, with `?offset=` of a page; null for anything else. */
export const namedFile = (uri: string): NamedFile | null => {
  const text = uri.startsWith('/') ? pathToFileURL(uri).href : uri;
  if (!text.startsWith('file:') || !URL.canParse(text)) return null;
  const url = new URL(text);
  const offset = Number(url.searchParams.get('offset') ?? 0);
  if (!Number.isSafeInteger(offset) || offset < 0) return null;
  url.search = '';
  try {
    return { path: resolve(fileURLToPath(url)), offset };
  } catch {
    return null; // of another host, or with an escaped slash
  }
};

const statusOf = (path: string): Stats | undefined => {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
};

const mayRead = (path: string, files: LinkedFiles, root: string): boolean => {
  const status = statusOf(path);
  if (status === undefined || status.isSymbolicLink()) return false;
  return files.linked(path) || [root, ...files.roots()].some((each) => isInside(artifactsFolder(each), path));
};

const uriAt = (path: string, offset: number): string => {
  const url = pathToFileURL(path);
  if (offset > 0) url.search = `offset=${offset}`;
  return url.href;
};

/** Length of the page that ends with a whole line, or else with a whole character. */
const wholeLength = (bytes: Buffer): number => {
  const line = bytes.lastIndexOf(10) + 1;
  if (line > 0) return line;
  let end = bytes.length;
  while (end > 0 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end > 0 && (bytes[end - 1] ?? 0) >= 0xc0 ? end - 1 : bytes.length;
};

const isText = (bytes: Buffer): boolean => !bytes.includes(0) && Buffer.from(bytes.toString('utf8')).equals(bytes);

/** One page, then where the next begins. */
const pageOf = (path: string, offset: number): Promise<Contents> =>
  onFile(path, () =>
    withRegularFile(path, ({ descriptor, status: { size } }) => {
      const room = Buffer.alloc(Math.max(0, Math.min(PAGE_BYTES, size - offset)));
      const read = room.subarray(0, readSync(descriptor, room, 0, room.length, offset));
      const mimeType = TEXT_TYPES[extname(path)];
      const last = offset + read.length >= size;
      const page = last || mimeType === undefined ? read : read.subarray(0, wholeLength(read));
      const uri = uriAt(path, offset);
      const content =
        mimeType !== undefined && isText(page)
          ? { uri, mimeType, text: page.toString('utf8') }
          : { uri, mimeType: 'application/octet-stream', blob: page.toString('base64') };
      const next = offset + page.length;
      if (last || page.length === 0) return [content];
      const rest = {
        uri: uriAt(path, next),
        mimeType: 'text/plain',
        text: `… ${size - next} more bytes: read this URI`,
      };
      return [content, rest];
    }),
  );

const folderOf = (path: string): Contents => {
  const files = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map(({ name }) => pathToFileURL(join(path, name)).href);
  return [{ uri: pathToFileURL(path).href, mimeType: 'application/json', text: JSON.stringify({ files }) }];
};

/** The page of a file, or the files of a folder; null where this server gives it to nobody. Throws the Fault of the file. */
export const readLinkedFile = async (
  { path, offset }: NamedFile,
  files: LinkedFiles,
  root: string,
): Promise<Contents | null> => {
  if (!mayRead(path, files, root)) return null;
  return statusOf(path)?.isDirectory() === true ? folderOf(path) : pageOf(path, offset);
};
