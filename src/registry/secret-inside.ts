// Looks for credentials inside gzip files: in the bytes, and in the rows where a SQLite file was packed. Keeps nothing of what it
// unpacks.
import { appendFileSync, createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { type SecretFinding, secretScan } from './secret-scan.ts';
import { isDatabase, searchedTables } from './secret-tables.ts';

/** Most bytes of a packed SQLite file that are unpacked to see its rows; of a larger one only the bytes are searched. */
const MOST_UNPACKED = 2 * 2 ** 30;

interface Search {
  readonly secrets: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Shows all bytes to the search and keeps those of a SQLite file at `copy`; true where the whole of one lies there. */
const unpack = async (path: string, copy: string, show: (block: Buffer) => void, signal?: AbortSignal) => {
  let [bytes, database] = [0, false];
  try {
    const blocks: AsyncIterable<Buffer> = createReadStream(path).pipe(createGunzip());
    for await (const block of blocks) {
      signal?.throwIfAborted();
      show(block);
      if (bytes === 0) database = isDatabase(block);
      bytes += block.length;
      if (database && bytes <= MOST_UNPACKED) appendFileSync(copy, block);
    }
  } catch {
    signal?.throwIfAborted();
  }
  return database && bytes <= MOST_UNPACKED;
};

/** The first credential in what a gzip file holds. A damaged one is searched as far as it goes. */
export const searchedInside = async (path: string, { secrets, signal }: Search): Promise<SecretFinding | undefined> => {
  const folder = mkdtempSync(join(tmpdir(), 'unpacked-'));
  const copy = join(folder, 'source.sqlite');
  const scan = secretScan(secrets);
  try {
    const database = await unpack(path, copy, scan.push, signal);
    const finding = scan.finish();
    if (finding !== undefined || !database) return finding;
    const inRows = await searchedTables(copy, secrets);
    return inRows && { ...inRows, at: `${inRows.at} of the packed file` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
