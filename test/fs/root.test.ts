import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { campaignsFolder, ensureIgnoredFolder, resolveRoot } from '../../src/fs/root.ts';
import { scratchFolder } from './scratch.ts';

const top = scratchFolder('root');
const [marked, deep, bare] = [join(top, 'marked'), join(top, 'marked', 'a', 'b'), join(top, 'bare')];
const worktree = join(top, 'worktree');
mkdirSync(join(marked, 'experiments'), { recursive: true });
mkdirSync(deep, { recursive: true });
mkdirSync(bare);
mkdirSync(worktree);
writeFileSync(join(worktree, '.git'), 'gitdir: elsewhere\n');
writeFileSync(join(top, 'file'), '');

const VARIABLE = 'PROFILE_AND_OPTIMIZE_REPO_ROOT';

describe('the root', () => {
  it.each([
    ['the flag before everything', { explicit: bare, env: { [VARIABLE]: marked }, cwd: deep }, bare, 'flag'],
    ['a relative flag from the working folder', { explicit: '../bare', env: {}, cwd: marked }, bare, 'flag'],
    ['the variable before the working folder', { env: { [VARIABLE]: bare }, cwd: deep }, bare, 'environment'],
    ['an empty variable as none', { env: { [VARIABLE]: '' }, cwd: deep }, marked, 'ancestor'],
    ['the nearest ancestor with experiments/', { env: {}, cwd: deep }, marked, 'ancestor'],
    ['a linked worktree, where .git is a file', { env: {}, cwd: worktree }, worktree, 'ancestor'],
    [
      'the home folder last',
      { env: { HOME: '/home/ada' }, cwd: bare },
      '/home/ada/.local/share/profile-and-optimize',
      'home',
    ],
  ] as const)('takes %s', (_, choice, root, source) => {
    expect(resolveRoot(choice)).toEqual({ root, source });
  });

  it.each([
    ['an empty flag', { explicit: '', env: {}, cwd: bare }, 'root_empty'],
    ['a NUL in the flag', { explicit: 'a\0b', env: {}, cwd: bare }, 'root_empty'],
    ['a folder that is not there', { explicit: join(top, 'gone'), env: {}, cwd: bare }, 'root_not_found'],
    ['a file', { env: { [VARIABLE]: join(top, 'file') }, cwd: bare }, 'root_not_found'],
    ['nothing at all', { env: {}, cwd: bare }, 'root_unknown'],
  ] as const)('refuses %s', (_, choice, code) => {
    expect(() => resolveRoot(choice)).toThrow(expect.objectContaining({ code }));
  });
});

describe('the campaigns folder', () => {
  const atHome = { root: '/home/ada/.local/share/profile-and-optimize', source: 'home' } as const;
  const inTree = { root: marked, source: 'ancestor' } as const;

  it.each([
    [
      'the flag',
      { explicit: 'c', env: { PERFREPORT_CAMPAIGNS_DIR: '/d' }, cwd: bare, commandLine: true },
      inTree,
      join(bare, 'c'),
    ],
    ['the variable', { env: { PERFREPORT_CAMPAIGNS_DIR: '/d' }, cwd: bare, commandLine: true }, inTree, '/d'],
    ['the root', { env: {}, cwd: deep, commandLine: true }, inTree, join(marked, 'campaigns')],
    [
      'the working folder of a command line without a root',
      { env: {}, cwd: bare, commandLine: true },
      atHome,
      join(bare, 'campaigns'),
    ],
    [
      'the root of a server without a marker',
      { env: {}, cwd: bare, commandLine: false },
      atHome,
      join(atHome.root, 'campaigns'),
    ],
  ] as const)('is that of %s', (_, choice, root, folder) => {
    expect(campaignsFolder(choice, root)).toBe(folder);
  });

  it('is ignored by git when it is new, and left as it is when it is not', async () => {
    const folder = join(top, 'campaigns');
    await ensureIgnoredFolder(folder);
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('*\n');
    writeFileSync(join(folder, '.gitignore'), 'mine\n');
    await ensureIgnoredFolder(folder);
    expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('mine\n');
  });
});
