// Which artifacts a tuning search made itself. Only these are ever removed or replaced: a file that was there before, or that was
// changed since, is somebody's.
import { lstatSync, readFileSync, rmSync } from 'node:fs';
import { appendLine } from '../fs/append-line.ts';
import { hashFile } from '../fs/hash.ts';
import { ioFault } from '../fs/io-fault.ts';
import { Fault, systemCode } from '../text/fault.ts';
import { isJsonObject, jsonLine, parseJson } from '../text/json.ts';

export interface MadeArtifacts {
  /** Throws a Fault `artifact_exists` where something is at `path` that this search did not make. */
  readonly check: (path: string) => Promise<void>;
  /** Takes what an earlier build left at `path` away and notes that a build of it begins. Throws as `check` does. */
  readonly begin: (path: string) => Promise<void>;
  /** Notes what the build left at `path`. */
  readonly finish: (path: string) => Promise<void>;
}

/** Hash of what a build left; null while one has begun and not finished, as after a crash. */
type Made = Map<string, string | null>;

const readMade = (logPath: string): Made => {
  let text = '';
  try {
    text = readFileSync(logPath, 'utf8');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw ioFault(error, logPath);
  }
  const made: Made = new Map();
  for (const line of text.split('\n').slice(0, -1)) {
    const record = parseJson(line, logPath);
    if (!isJsonObject(record) || typeof record['artifact'] !== 'string')
      throw new Fault('input', 'artifact_log', `${logPath} is no list of artifacts`, {
        path: logPath,
        fix: 'name another output folder',
      });
    made.set(record['artifact'], typeof record['sha256'] === 'string' ? record['sha256'] : null);
  }
  return made;
};

const foreign = (path: string): Fault =>
  new Fault('refused', 'artifact_exists', `${path} exists and this search did not make it`, {
    path,
    fix: 'name a file that only the build makes, as build/{key}/program',
  });

/** The artifacts noted in `logPath`, which is made with the first build. */
export const openMadeArtifacts = (logPath: string): MadeArtifacts => {
  const made = readMade(logPath);
  const statusOf = (path: string) => lstatSync(path, { throwIfNoEntry: false });
  const check = async (path: string): Promise<void> => {
    const status = statusOf(path);
    if (status === undefined) return;
    const known = made.get(path);
    if (known === undefined || !status.isFile()) throw foreign(path);
    if (known !== null && (await hashFile(path)).sha256 !== known) throw foreign(path);
  };
  const note = async (path: string, sha256: string | null): Promise<void> => {
    made.set(path, sha256);
    await appendLine(logPath, jsonLine({ artifact: path, sha256 }));
  };
  return {
    check,
    begin: async (path) => {
      await check(path);
      await note(path, null);
      rmSync(path, { force: true });
    },
    finish: async (path) => {
      if (statusOf(path)?.isFile() === true) await note(path, (await hashFile(path)).sha256);
    },
  };
};
