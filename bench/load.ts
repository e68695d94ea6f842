// How exact the load generator is and how much it can send. Bundles the generator as the product is bundled and measures it
// in a process of its own, against a server in another one. Loopback only; ends by itself within about six minutes.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const LIMIT_MS = 10 * 60 * 1000;

const bundle = async (folder: string): Promise<void> => {
  const entryPoints = ['load-measure', 'stamping-server', 'stall-meter'].map((name) =>
    fileURLToPath(new URL(`./${name}.ts`, import.meta.url)),
  );
  await build({
    entryPoints,
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
  });
};

const measureIn = (folder: string, parts: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = fork(join(folder, 'load-measure.mjs'), parts, { timeout: LIMIT_MS });
    child.once('message', (tables) => resolve(String(tables)));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the measurement ended with code ${code}`)));
  });

/** `stamps`: error of the time stamps. `rate`: requests per second. */
const PARTS = ['stamps', 'rate'];

/** The tables of the parts asked for, as Markdown; `256/5000/spread` measures the stamps of that load alone. */
export const benchLoad = async (parts: readonly string[] = PARTS): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'load-bench-'));
  try {
    await bundle(folder);
    return await measureIn(folder, parts);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

if (process.argv[1] === import.meta.filename) {
  const asked = process.argv.slice(2);
  console.log(await benchLoad(asked.length === 0 ? PARTS : asked));
}
