// `bench` of an image: the program that was built, first in PATH of the containers, which are processes of this machine. For a check only.
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A value for PATH. */
export const benchOnPath = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'image-bin-'));
  writeFileSync(join(folder, 'bench'), `#!/bin/sh\nexec ${process.execPath} ${resolve('dist/bench.mjs')} "$@"\n`);
  chmodSync(join(folder, 'bench'), 0o755);
  return `${folder}:${process.env['PATH'] ?? ''}`;
};
