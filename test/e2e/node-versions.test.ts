// The built programs under every Node that the product supports. `.ci/install-tools` brings the versions into .cache/node.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { EXAMPLES, freshRoot, removeRoot, SERVER } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

const MAJORS = ['20', '22', '24'];
const PROFILES = resolve('test/fixtures/profile/h100');

/** The Node of a major version: the one that runs this test, or one from the cache; null where neither is there. */
const nodeOf = (major: string): string | null => {
  const cached = resolve('.cache/node', major, 'bin/node');
  if (existsSync(cached)) return cached;
  return process.versions.node.startsWith(`${major}.`) ? process.execPath : null;
};

describe.each(MAJORS)('under Node %s', (major) => {
  const node = nodeOf(major);
  if (node === null) console.log(`skipped: Node ${major} is not in .cache/node (.ci/node-versions brings it)`);
  const root = freshRoot();
  afterAll(() => removeRoot(root));
  const cli = (args: readonly string[]): Promise<Finished> =>
    runCli(args, { root, ...(node === null ? {} : { node }) });

  it.skipIf(node === null)('the server lists its tools', () => {
    const args = [resolve('scripts/self-check.mjs'), SERVER, resolve('schemas/verbs')];
    expect(execFileSync(String(node), args, { encoding: 'utf8' })).toMatch(
      new RegExp(`^ok: ${MANIFEST.length + 1} tools`),
    );
    expect(execFileSync(String(node), ['--version'], { encoding: 'utf8' })).toMatch(new RegExp(`^v${major}\\.`));
  });

  it.skipIf(node === null)('a measurement is recorded and a worse one judged', async () => {
    const [before, after] = ['baseline', 'regressed'].map((name) => join(EXAMPLES, `vllm-serve-${name}.json`));
    const recorded = await cli(['perf_baseline_record', '--family', 'f', '--measurement', 'm', String(before)]);
    expect(recorded).toMatchObject({ code: 0, stderr: '' });
    const judged = await cli(['perf_baseline_diff', 'f/m', String(after), '--strict', '--json']);
    expect(judged.code).toBe(1);
    expect(jsonOf(judged)).toMatchObject({ verdict: 'RED' });
  });

  it.skipIf(node === null)('two profiles are compared', async () => {
    const sides = ['before', 'after'].map((side) => join(PROFILES, `sgemm-${side}.sqlite`));
    const { code, stdout, stderr } = await cli(['profile_profile_diff', ...sides]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('sgemm');
  });
});
