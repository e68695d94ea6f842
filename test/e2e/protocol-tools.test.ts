// The server as the protocol's own tools judge it: the Inspector's command line on the built server, and the conformance
// suite, with its schema check of every message, on the same server factory.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { EXAMPLES, freshRoot, removeRoot, SERVER } from './connect.ts';
import { startHttpFront, type HttpFront } from './http-front.ts';
import { protocolTools, type ProtocolTools } from './protocol-packages.ts';

const found = await protocolTools();
if (typeof found === 'string') console.log(`protocol tools are left out: ${found}`);
const tools: ProtocolTools = typeof found === 'string' ? { node: '', inspector: '', conformance: '' } : found;
const describeWithTools = describe.skipIf(typeof found === 'string');

const root = freshRoot();
afterAll(() => removeRoot(root));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: root, NO_COLOR: '1' };
    execFile(tools.node, args, { cwd: root, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

describeWithTools('the Inspector', () => {
  const inspect = (...args: string[]): Promise<Ran> =>
    run([tools.inspector, '--cli', process.execPath, SERVER, '-e', `PROFILE_AND_OPTIMIZE_REPO_ROOT=${root}`, ...args]);

  it('finds every tool, and no schema that a client might refuse', async () => {
    const { code, stdout } = await inspect('--method', 'tools/list', '--strict');
    expect(code).toBe(0);
    const listed: { name: string }[] = Object(JSON.parse(stdout)).tools;
    expect(listed.map(({ name }) => name)).toEqual([...MANIFEST.map(({ name }) => name), 'find_verb'].toSorted());
  });

  it('records and compares through tools/call', async () => {
    const source = join(EXAMPLES, 'vllm-serve-baseline.json');
    const record = { family: 'f', measurement: 'm', source };
    const call = ['--method', 'tools/call', '--tool-name'];
    const recorded = await inspect(...call, 'perf_baseline_record', '--tool-args-json', JSON.stringify(record));
    expect(recorded.code).toBe(0);
    const diff = { baseline: 'f/m', current: join(EXAMPLES, 'vllm-serve-regressed.json') };
    const { stdout } = await inspect(...call, 'perf_baseline_diff', '--tool-args-json', JSON.stringify(diff));
    expect(JSON.parse(stdout)).toMatchObject({ structuredContent: { verdict: 'RED', repo_root: root } });
  });

  it('sees a tool error, and not a protocol fault, for a wrong argument', async () => {
    const args = ['--tool-name', 'perf_baseline_list', '--tool-args-json', '{"limit": -1}'];
    const { code, stderr } = await inspect('--method', 'tools/call', ...args);
    expect(code).toBe(5);
    expect(stderr).toContain('tool_is_error');
  });
});

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

describeWithTools('the conformance suite', () => {
  let front: HttpFront;
  beforeAll(async () => {
    front = await startHttpFront(root);
  });
  afterAll(() => front.close());

  /** All checks that a scenario made. */
  const checksOf = async (scenario: string, revision: string): Promise<Check[]> => {
    const output = mkdtempSync(join(tmpdir(), 'conformance-'));
    const suite = ['server', '--url', front.url, '--scenario', scenario, '--spec-version', revision];
    await run([tools.conformance, ...suite, '-o', output]);
    const files = readdirSync(output, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('checks.json'),
    );
    const checks = files.flatMap((name): Check[] => JSON.parse(readFileSync(join(output, name), 'utf8')));
    rmSync(output, { recursive: true });
    return checks;
  };

  it.each([
    ['server-initialize', '2025-11-25'],
    ['ping', '2025-11-25'],
    ['tools-list', '2025-11-25'],
    ['tools-list', '2026-07-28'],
    ['resources-list', '2025-11-25'],
    ['resources-list', '2026-07-28'],
    ['sep-2164-resource-not-found', '2026-07-28'],
  ])('passes the server in %s of %s, every message by its schema', async (scenario, revision) => {
    const checks = await checksOf(scenario, revision);
    expect(checks.map(({ id }) => id)).toContain('wire-schema-valid');
    expect(checks.filter(({ status }) => status === 'SUCCESS').length).toBeGreaterThan(1);
    expect(checks.filter(({ status }) => status === 'FAILURE')).toEqual([]);
  });

  it('finds caching hints on every list that the server has, which has no prompts', async () => {
    const failed = (await checksOf('caching', '2026-07-28')).filter(({ status }) => status === 'FAILURE');
    expect(failed.map(({ id }) => id)).toEqual(['sep-2549-prompts-list-caching-hints']);
  });
});
