import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseGitStatus, readGitFacts } from '../../src/drivers/git.ts';
import { findTool } from '../../src/exec/find-tool.ts';

const env = { PATH: process.env['PATH'], HOME: tmpdir(), GIT_CONFIG_NOSYSTEM: '1' };
const present = findTool('git', env) !== null;
if (!present) console.log('skipped: git is not installed');

const folder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'git-')));
const git = (cwd: string, ...argv: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...argv], { cwd, env, encoding: 'utf8' }).trim();

const repository = (): { path: string; sha: string } => {
  const path = folder();
  git(path, 'init', '--quiet', '--initial-branch=trunk');
  writeFileSync(join(path, 'a'), '1');
  git(path, 'add', 'a');
  git(path, 'commit', '--quiet', '-m', 'first');
  return { path, sha: git(path, 'rev-parse', 'HEAD') };
};

describe.skipIf(!present)('a real repository', () => {
  test('gives commit and branch, from any folder of the tree; untracked files are not dirt', async () => {
    const { path, sha } = repository();
    mkdirSync(join(path, 'experiments'));
    writeFileSync(join(path, 'experiments', 'new'), 'x');
    const clean = { head_sha: sha, branch: 'trunk', dirty: false, reason: null };
    expect(await readGitFacts(path, { env })).toEqual(clean);
    expect(await readGitFacts(join(path, 'experiments'), { env })).toEqual(clean);
  });

  test.each([
    ['a changed file', (path: string) => writeFileSync(join(path, 'a'), '2')],
    [
      'a staged file',
      (path: string) => {
        writeFileSync(join(path, 'b'), '2');
        git(path, 'add', 'b');
      },
    ],
    ['a renamed file', (path: string) => git(path, 'mv', 'a', 'c')],
  ])('is dirty with %s', async (_name, change) => {
    const { path } = repository();
    change(path);
    expect(await readGitFacts(path, { env })).toMatchObject({ dirty: true, reason: null });
  });

  test('a linked worktree and a detached head are read as they are', async () => {
    const { path, sha } = repository();
    const linked = join(folder(), 'linked');
    git(path, 'worktree', 'add', '--quiet', '--detach', linked);
    expect(await readGitFacts(linked, { env })).toEqual({ head_sha: sha, branch: null, dirty: false, reason: null });
  });

  test('variables of an enclosing git command do not point elsewhere', async () => {
    const [asked, other] = [repository(), repository()];
    git(other.path, 'commit', '--quiet', '--allow-empty', '-m', 'second');
    const misled = { ...env, GIT_DIR: join(other.path, '.git'), GIT_WORK_TREE: other.path };
    expect(await readGitFacts(asked.path, { env: misled })).toMatchObject({ head_sha: asked.sha });
  });

  test('a program named in the repository configuration is not run', async () => {
    const { path } = repository();
    const proof = join(path, 'proof');
    git(path, 'config', 'core.fsmonitor', `touch ${proof}; false`);
    expect(await readGitFacts(path, { env })).toMatchObject({ dirty: false, reason: null });
    expect(existsSync(proof)).toBe(false);
    git(path, 'status');
    expect(existsSync(proof)).toBe(true);
  });

  test.each([
    ['a folder outside of any repository', folder, 'not a git repository'],
    [
      'a repository without a commit',
      () => {
        const path = folder();
        git(path, 'init', '--quiet');
        return path;
      },
      'the repository has no commit',
    ],
  ])('%s gives null and says why', async (_name, make, reason) => {
    expect(await readGitFacts(make(), { env })).toEqual({ head_sha: null, branch: null, dirty: null, reason });
  });
});

test('without git the facts are null and say so', async () => {
  const facts = await readGitFacts(tmpdir(), { env: { PATH: folder() } });
  expect(facts).toEqual({ head_sha: null, branch: null, dirty: null, reason: 'git is not installed' });
});

test('output of another program is no commit', () => {
  expect(parseGitStatus('hello\n').reason).toBe('git printed no commit id');
  expect(parseGitStatus(`# branch.oid ${'a'.repeat(64)}\n# branch.head x\nu UU N... 1 2 3 a b c d f\n`)).toMatchObject({
    head_sha: 'a'.repeat(64),
    dirty: true,
  });
});
