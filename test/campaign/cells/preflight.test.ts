// What is checked on this machine before a command is started on it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelAsked, needsOf, ownServerOf } from '../../../src/campaign/cells/command-needs.ts';
import { checkLines, preflight } from '../../../src/campaign/cells/preflight.ts';
import type { CellCommand } from '../../../src/campaign/cells/cell-command.ts';
import { startStandIn, type StandIn } from '../../load/stand-in-server.ts';

let server: StandIn;
let origin: string;
let folder: string;
beforeAll(async () => {
  server = await startStandIn({ models: ['org/model'] });
  ({ origin } = new URL(server.baseUrl));
  folder = mkdtempSync(join(tmpdir(), 'preflight-'));
  writeFileSync(join(folder, 'trace.jsonl'), '{}\n');
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const command = (argv: readonly string[], url?: string): CellCommand => ({
  slug: 'x', argv, concurrencies: [1], files: [], ...(url === undefined ? {} : { server: url }),
}); // prettier-ignore

const linesOf = async (argv: readonly string[], url: string | undefined, env: Record<string, string> = {}): Promise<string> =>
  checkLines(await preflight({ on: 'here' }, [command(argv, url)], { env: { HOME: folder, ...env }, cwd: folder, inside: null })).join('\n'); // prettier-ignore

describe('before a command on this machine', () => {
  test('server, model, file and token are seen, and the token is not shown', async () => {
    const argv = ['aiperf', 'profile', '--model', 'org/model', '--input-file', 'trace.jsonl'];
    const lines = await linesOf(argv, origin, { HF_TOKEN: 'canary-secret-3' });
    expect(lines).toMatch(/ok +variables: HF_TOKEN is set/);
    expect(lines).toMatch(/ok +server http:\S+: serves org\/model/);
    expect(lines).toMatch(/ok +file trace.jsonl: can be read/);
    expect(lines).not.toContain('canary');
  });

  test('what is not as it must be is bad, and a token that lacks is not', async () => {
    expect(await linesOf(['aiperf', '--model', 'other'], origin)).toMatch(/BAD +server \S+: serves org\/model, not other/);
    expect(await linesOf(['aiperf', '--input-file', 'gone.jsonl'], 'http://127.0.0.1:9')).toMatch(/BAD +server \S+: does not answer[\s\S]*BAD +file gone.jsonl: is not there/);
    expect(await linesOf(['aiperf'], origin)).toMatch(/unknown variables: no HF_TOKEN/);
  }); // prettier-ignore

  test('a server that the command would start is not taken for one that stands on its port', async () => {
    const { port } = new URL(origin);
    const sweep = ['vllm', 'bench', 'sweep', 'serve', '--serve-cmd', `vllm serve m --port ${port} -tp 2`, '--bench-cmd', `vllm bench serve --dataset-path ${join(folder, 'none.json')}`];
    expect(await linesOf(sweep, undefined)).toMatch(/BAD +file \S+none.json: is not there[\s\S]*BAD +port \d+: another server answers there, which serves org\/model/);
    expect(await linesOf(['vllm', '--serve-cmd', 'vllm serve m --port 9'], undefined)).toMatch(/ok +port 9: is free/);
  }); // prettier-ignore

  test('what cannot be seen before a cell is deployed is asked later', async () => {
    const checks = await preflight({ on: 'here' }, [command([], 'http://127.0.0.1:9')], { env: {}, cwd: folder, inside: null, deploysFirst: true }); // prettier-ignore
    expect(checkLines(checks)).toContain(
      '# preflight unknown server http://127.0.0.1:9: is asked after the cell is deployed',
    );
  });
});

test.each([
  [['vllm', '--serve-cmd', 'vllm serve m'], { port: 8000, gpus: 1 }],
  [['vllm', '--serve-cmd=vllm serve m --port=8123 --tensor-parallel-size 4 -pp 2'], { port: 8123, gpus: 8 }],
  [['aiperf', '--model', 'm'], null],
])('the server that %j starts', (argv, expected) => {
  expect(ownServerOf([command(argv)])).toEqual(expected);
});

test('needs are read from the words of every tool', () => {
  const vllm = command(['vllm', 'bench', 'serve', '--model', '/m', '--served-model-name', 'served', '--tokenizer', './tok'], 'http://a'); // prettier-ignore
  expect(modelAsked(vllm)).toBe('served');
  expect(needsOf([vllm, vllm, command(['x', '--tokenizer', 'org/name'])])).toEqual({
    servers: new Map([['http://a', 'served']]),
    files: ['./tok'],
  });
});
