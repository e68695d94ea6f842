// Rows as they may leave the house: without secrets, machines, commands or absolute paths. A report is drawn from the very rows that it
// carries, so that nothing is shown which they do not hold.
import { basename, isAbsolute } from 'node:path';
import type { AtlasRow } from '../campaign/row.ts';
import { redacted } from '../text/redact.ts';

/** Entries of `extra` that say where or by which command something ran. */
const PRIVATE =
  /(?:^|_)(?:host|hosts|hostname|hostnames|node|nodes|ip|url|endpoint|address|command|commands|cmd|argv|env|user|cwd)(?:$|_)/i;

/** A name of its own for each value, `node-1` for the first: which are the same stays visible. */
const pseudonyms = (word: string): ((name: string) => string) => {
  const known = new Map<string, string>();
  return (name) => {
    const given = known.get(name) ?? `${word}-${known.size + 1}`;
    known.set(name, given);
    return given;
  };
};

const relative = (path: string): string => (isAbsolute(path) ? basename(path) : path);

const publicExtra = (extra: AtlasRow['extra']): AtlasRow['extra'] =>
  Object.fromEntries(Object.entries(extra).filter(([name]) => !PRIVATE.test(name)));

/** The rows to draw and to hand on; `secrets` are values that stand nowhere. */
export const sharedRows = (rows: readonly AtlasRow[], secrets: readonly string[]): readonly AtlasRow[] => {
  const [nodeName, gpuName] = [pseudonyms('node'), pseudonyms('gpu')];
  return rows.map((row) => {
    const { node, gpu_uuids: gpus, raw_path: path, trials, extra } = row;
    return redacted(
      {
        ...row,
        node: node === null ? null : nodeName(node),
        gpu_uuids: gpus === null ? null : gpus.map(gpuName),
        raw_path: relative(path),
        trials: trials.map((trial) => ({ ...trial, raw_path: relative(trial.raw_path) })),
        extra: publicExtra(extra),
      },
      secrets,
    );
  });
};
