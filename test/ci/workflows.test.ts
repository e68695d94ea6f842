// The workflow files themselves: what they may do, and whose code they run.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findTool } from '../../src/exec/find-tool.ts';
import { isJsonObject } from '../../src/text/json.ts';
import { parseYaml } from '../../src/text/yaml.ts';

const WORKFLOWS = readdirSync('.github/workflows').map((name) => join('.github/workflows', name));
const ACTIONS = readdirSync('.github/actions').map((name) => join('.github/actions', name, 'action.yml'));

const actionlint = findTool('actionlint', process.env, [resolve('.cache/bin')]);
if (actionlint === null)
  console.log(
    'skipped: actionlint is not installed (.ci/install-tools brings it by Go or by pip, where one of them can reach its source)',
  );

describe.each([...WORKFLOWS, ...ACTIONS])('%s', (path) => {
  it('names actions of others by commit, with the version beside it', () => {
    const used = [...readFileSync(path, 'utf8').matchAll(/uses: (.+)/g)].map(([, name = '']) => name);
    for (const name of used) expect(name).toMatch(/^\.\/|^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });
});

describe.each(WORKFLOWS)('%s', (path) => {
  it('says which permissions it has', async () => {
    const workflow = await parseYaml(readFileSync(path, 'utf8'), path);
    expect(isJsonObject(workflow) && isJsonObject(workflow['permissions'])).toBe(true);
  });

  it.skipIf(actionlint === null)('passes actionlint', () => {
    expect(execFileSync(String(actionlint), ['-no-color', path], { encoding: 'utf8' })).toBe('');
  });
});

it('the checks of the project only read, keep no credentials, and run what a clean clone must pass', () => {
  const text = readFileSync('.github/workflows/checks.yml', 'utf8');
  expect(text).toMatch(/^permissions:\n {2}contents: read\n\n/m);
  expect(text).toContain('persist-credentials: false');
  expect(text).toContain('run: bash .ci/run');
});
