// install.sh on a copy of the tree without .git, as a plugin cache holds it, and with an empty HOME.
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { makeExport } from '../profile/make-export.ts';
import { Database } from '../sqlite/make-database.ts';
import { writeParquet } from '../profile/inputs/write-parquet.ts';

/** What a copy of the tree needs to build and install; no .git, no dist. */
const PARTS = ['src', 'tools', 'scripts', 'schemas', 'configs', 'skills', 'docs', 'examples', '.github'];

const top = realpathSync(mkdtempSync(join(tmpdir(), 'install-')));
const tree = join(top, 'plugin cache', 'profile-and-optimize');
const home = join(top, 'a home');
const prefix = join(home, '.local/share/profile-and-optimize');

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  new Promise((done) => {
    const options = { cwd: top, env: { PATH: process.env['PATH'] ?? '', HOME: home, USER: 'tester', ...env } };
    execFile(file, args, options, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

const install = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  run('/usr/bin/env', ['bash', join(tree, 'install.sh'), ...args], env);

/** Files and links with what they hold; the quickstart's own measurements are new in every run. */
const contentOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.parentPath.includes('/quickstart'))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const held = entry.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'link';
      return `${path.slice(folder.length + 1)} ${held}`;
    })
    .sort();

beforeAll(() => {
  const files = readdirSync('.', { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? entry.name : []));
  for (const part of [...PARTS.filter((folder) => existsSync(folder)), ...files])
    cpSync(part, join(tree, part), { recursive: true, preserveTimestamps: true });
  symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));
  mkdirSync(home);
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

describe('package.json', () => {
  const {
    dependencies,
    devDependencies,
  }: Record<'dependencies' | 'devDependencies', Record<string, string>> = JSON.parse(
    readFileSync('package.json', 'utf8'),
  );

  it('names exact versions only', () => {
    const versions = Object.values({ ...dependencies, ...devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('has no package that the table of the README leaves out', () => {
    const readme = readFileSync('README.md', 'utf8');
    const stated = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith('@types/'));
    expect(stated.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('install.sh before anything is installed', () => {
  it('explains itself with --help', async () => {
    const { code, stdout } = await install(['--help']);
    expect(code).toBe(0);
    for (const flag of ['--prefix', '--dry-run', '--uninstall', '--help']) expect(stdout).toContain(flag);
  });

  it('changes nothing with --dry-run, and says what it would do', async () => {
    const { code, stdout } = await install(['--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/would copy: configs to /);
    expect(readdirSync(home)).toEqual([]);
    expect(existsSync(join(tree, 'dist'))).toBe(false);
  });

  it.each([
    ['a flag that it does not know', ['--prefx', '/tmp'], {}, 2, /unknown flag --prefx/],
    ['a prefix without a folder', ['--prefix'], {}, 2, /--prefix wants a folder/],
    ['an empty prefix', ['--prefix='], {}, 2, /--prefix is empty/],
    ['no HOME and no prefix', [], { HOME: '' }, 2, /HOME is not set/],
  ])('refuses %s', async (_, args, env, code, message) => {
    const done = await install(args, env);
    expect(done.code).toBe(code);
    expect(done.stderr).toMatch(message);
    expect(readdirSync(home)).toEqual([]);
  });

  it.each(['dash', 'sh'].filter((shell) => existsSync(`/bin/${shell}`)))('runs under %s too', async (shell) => {
    const { code, stdout } = await run(`/bin/${shell}`, [join(tree, 'install.sh'), '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('would run: self-check over stdio');
  });

  it('refuses a folder that holds other files, and leaves it alone', async () => {
    const foreign = join(top, 'foreign');
    mkdirSync(foreign);
    writeFileSync(join(foreign, 'thesis.txt'), 'years of work');
    const { code, stderr } = await install(['--prefix', foreign]);
    expect(code).toBe(2);
    expect(stderr).toContain('holds other files');
    expect(readdirSync(foreign)).toEqual(['thesis.txt']);
  });

  /** A folder for PATH with the shell's tools and the given program as `node`. */
  const binWith = (name: string, node: string | null): string => {
    const bin = join(top, name);
    mkdirSync(bin);
    for (const tool of ['bash', 'dirname', 'ls', 'grep', 'cat']) {
      const found = execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim();
      symlinkSync(found, join(bin, tool));
    }
    if (node !== null) {
      writeFileSync(join(bin, 'node'), node);
      chmodSync(join(bin, 'node'), 0o755);
    }
    return bin;
  };

  it('refuses a Node that is too old, and names the one it needs', async () => {
    const old = '#!/bin/sh\ncase "$1" in --version) echo v18.19.1 ;; *) exit 1 ;; esac\n';
    const { code, stderr } = await install([], { PATH: binWith('old-node', old) });
    expect(code).toBe(3);
    expect(stderr).toMatch(/v18\.19\.1 is too old; 20\.19 or newer/);
  });

  it('refuses to go on without Node', async () => {
    const { code, stderr } = await install([], { PATH: binWith('no-node', null) });
    expect(code).toBe(3);
    expect(stderr).toMatch(/node is not on PATH/);
  });

  it('finds nothing to uninstall', async () => {
    const { code, stdout } = await install(['--uninstall']);
    expect(code).toBe(0);
    expect(stdout).toContain('nothing installed');
  });
});

describe('install.sh in an empty HOME', () => {
  let first: Ran;
  let installed: string[];
  beforeAll(async () => {
    first = await install();
    installed = existsSync(prefix) ? contentOf(prefix) : [];
  });

  it('builds, checks the server over stdio, and shows the main job', () => {
    expect(first).toMatchObject({ code: 0 });
    // Every verb, and find_verb.
    expect(first.stdout).toMatch(new RegExp(`^ok: ${MANIFEST.length + 1} tools, \\d+ bytes$`, 'm'));
    expect(first.stdout).toMatch(/^recorded quickstart\/vllm_serve@/m);
    expect(first.stdout).toMatch(/^RED: quickstart\/vllm_serve$/m);
  });

  it('prints the client configuration for three clients, with the path of the server', () => {
    const server = join(prefix, 'dist/profile-and-optimize-mcp.mjs');
    for (const client of ['claude mcp add', 'codex mcp add', '.cursor/mcp.json'])
      expect(first.stdout).toContain(client);
    expect(first.stdout.split(server).length).toBe(4);
  });

  it('installs every page that an installed page leads to', () => {
    const pages = [
      'README.md',
      'AGENTS.md',
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'SECURITY.md',
      ...readdirSync(join(prefix, 'docs')).map((name) => `docs/${name}`),
    ];
    const links = pages.flatMap((page) =>
      [...readFileSync(join(prefix, page), 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, target = '']) =>
        join(dirname(page), target),
      ),
    );
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((link) => !existsSync(join(prefix, link)))).toEqual([]);
  });

  it('installs what the package names as its files, all of which exist', () => {
    const { files }: { files: string[] } = JSON.parse(readFileSync(join(prefix, 'package.json'), 'utf8'));
    expect(files.filter((name) => !existsSync(join(prefix, name)))).toEqual([]);
  });

  it('writes below the prefix and nowhere else', () => {
    expect(readdirSync(home)).toEqual(['.local']);
    expect(contentOf(home)).toEqual(contentOf(prefix).map((line) => `.local/share/profile-and-optimize/${line}`));
    expect(readdirSync(prefix)).not.toContain('experiments');
  });

  it.each(['profile-and-optimize', 'perftunereport', 'bench'])('links %s, which runs from there', async (program) => {
    const { code, stdout } = await run(join(prefix, 'bin', program), ['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^profile-and-optimize \d/);
  });

  it('does the main job without the tree that it came from', async () => {
    const away = join(top, 'moved away');
    execFileSync('mv', [tree, away]);
    const work = mkdtempSync(join(top, 'work-'));
    const source = join(prefix, 'examples/measurements/nccl-all-reduce.txt');
    const args = ['perf_baseline_record', '--family', 'f', '--measurement', 'm', source, '--repo-root', work, '--json'];
    const { code, stdout } = await run(join(prefix, 'bin/profile-and-optimize'), args);
    execFileSync('mv', [away, tree]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ format: expect.stringContaining('nccl') });
  });

  it('loads every verb where node_modules has the programs of the platform alone', { timeout: 120_000 }, async () => {
    expect(readdirSync(join(prefix, 'node_modules')).sort()).toEqual(['@myriaddreamin', '@resvg']);
    for (let above = dirname(prefix); above !== dirname(above); above = dirname(above))
      expect(existsSync(join(above, 'node_modules'))).toBe(false);
    const work = mkdtempSync(join(top, 'work-'));
    const program = join(prefix, 'dist/profile-and-optimize.mjs');
    for (const { name, safety } of MANIFEST) {
      // Fields that no verb knows are refused by the verb itself, which must be loaded for it.
      const args = [name, '--repo-root', work, ...(safety === 'read_only' ? [] : ['--dry-run']), '--json'];
      const { code, stdout } = await run(process.execPath, [program, ...args]);
      expect([name, code === 0 || code === 2, /ERR_|internal_error/.test(stdout)]).toEqual([name, true, false]);
    }
  });

  const summaryOf = async (profile: string): Promise<Ran> =>
    run(process.execPath, [join(prefix, 'dist/profile-and-optimize.mjs'), 'profile_summary', profile, '--json']);

  it('reads an export with a live write-ahead log where no node_modules is', async () => {
    const work = mkdtempSync(join(top, 'work-'));
    const [live, path] = [join(work, 'live.sqlite'), join(work, 'wal.sqlite')];
    makeExport(live, { kernels: [{ name: 'gemm', ns: 1000 }] });
    const connection = new Database(live);
    connection.exec('PRAGMA locking_mode = EXCLUSIVE');
    connection.exec('PRAGMA journal_mode = WAL');
    connection.exec("UPDATE StringIds SET value = 'renamed_gemm'");
    for (const suffix of ['', '-wal']) cpSync(live + suffix, path + suffix);
    connection.close();
    const { code, stdout, stderr } = await summaryOf(path);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('renamed_gemm');
  });

  it('reads a Parquet export where no node_modules is', async () => {
    const folder = join(mkdtempSync(join(top, 'work-')), 'export.parquet');
    mkdirSync(folder);
    writeParquet(join(folder, 'users.parquet'), [{ name: 'id', type: 'int64', values: [1n, null] }]);
    const { code, stdout } = await summaryOf(folder);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'not_an_nsys_export' } });
  });

  it('brings the workflow templates that its pages lead to', () => {
    const { files }: { files: string[] } = JSON.parse(readFileSync(join(prefix, 'package.json'), 'utf8'));
    for (const name of ['performance-ratchet', 'performance-comment', 'autotune']) {
      expect(existsSync(join(prefix, '.github/workflows', `${name}.yml`))).toBe(true);
      expect(files).toContain(`.github/workflows/${name}.yml`);
    }
    for (const name of ['action.yml', 'changed.sh', 'gate.sh'])
      expect(existsSync(join(prefix, '.github/actions/performance-ratchet', name))).toBe(true);
  });

  it('leaves the same files when it runs again', async () => {
    expect(await install()).toMatchObject({ code: 0 });
    expect(contentOf(prefix)).toEqual(installed);
  });

  it('only says what --uninstall would remove with --dry-run', async () => {
    const { code, stdout } = await install(['--uninstall', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('would run: rm -f');
    expect(contentOf(prefix)).toEqual(installed);
  });

  it('removes with --uninstall what it installed, and nothing else', async () => {
    const own = ['experiments/artifacts/notes.txt', 'configs/mine.yaml', 'bin/my-tool'].map((name) =>
      join(prefix, name),
    );
    for (const path of own) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, 'mine');
    }
    expect(await install(['--uninstall'])).toMatchObject({ code: 0 });
    expect(contentOf(prefix).map((line) => line.split(' ')[0])).toEqual([
      'bin/my-tool',
      'configs/mine.yaml',
      'experiments/artifacts/notes.txt',
    ]);
  });

  it('installs again beside measurements that were kept, and goes without a trace when there are none', async () => {
    for (const part of ['bin', 'configs']) rmSync(join(prefix, part), { recursive: true });
    expect(await install()).toMatchObject({ code: 0 });
    rmSync(join(prefix, 'experiments'), { recursive: true });
    expect(await install(['--uninstall'])).toMatchObject({ code: 0 });
    expect(existsSync(prefix)).toBe(false);
  });
});
