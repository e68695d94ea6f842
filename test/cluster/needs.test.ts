// What commands must reach and read, asked by the script that a pod is asked with, and what is made of its answers.
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  askWords,
  needsChecks,
  otherModels,
  parseAnswers,
  subjectsOf,
  unaskedChecks,
} from '../../src/cluster/needs.ts';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';

let server: StandIn;
let folder: string;
beforeAll(async () => {
  server = await startStandIn({ models: ['org/model', 'adapter'] });
  folder = mkdtempSync(join(tmpdir(), 'needs-'));
  writeFileSync(join(folder, "a 'quoted' file.jsonl"), '{}\n');
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const asked = async (servers: Record<string, string | undefined>, files: readonly string[]) => {
  const needs = { servers: new Map(Object.entries(servers)), files };
  const [program = '', ...words] = askWords(subjectsOf(needs));
  const { stdout } = await promisify(execFile)(program, words);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.pop()).toBe('#end');
  return needsChecks(needs, parseAnswers(lines)).map(({ state, says }) => [state, says]);
};

describe('what commands need', () => {
  test('a server that serves the model, another one, and none', async () => {
    const baseUrl = new URL(server.baseUrl).origin;
    expect(await asked({ [baseUrl]: 'org/model' }, [])).toEqual([['ok', 'serves org/model']]);
    expect(await asked({ [baseUrl]: 'tiny' }, [])).toEqual([['bad', 'serves org/model, adapter, not tiny']]);
    expect(await asked({ [baseUrl]: undefined }, [])).toEqual([['ok', 'answers']]);
    const [[state, says] = []] = await asked({ 'http://127.0.0.1:9': 'org/model' }, []);
    expect([state, says]).toEqual(['bad', expect.stringMatching(/^does not answer: .*127\.0\.0\.1/)]);
  });

  test('files beside a server, each in its place', async () => {
    const there = join(folder, "a 'quoted' file.jsonl");
    const found = await asked({ 'http://127.0.0.1:9': undefined }, [there, join(folder, 'none')]);
    expect(found.slice(1)).toEqual([['ok', 'can be read'], ['bad', 'is not there']]);
  }); // prettier-ignore

  test.skipIf(process.getuid?.() === 0)('a file that may not be read', async () => {
    const closed = join(folder, 'closed');
    writeFileSync(closed, '');
    chmodSync(closed, 0);
    expect(await asked({}, [closed])).toEqual([['bad', 'may not be read']]);
  });

  test('what only the nodes may see is not known, a wrong model is wrong from anywhere', () => {
    const needs = { servers: new Map([['http://a', 'm'], ['http://b', 'm']]), files: ['/data/x'] };
    const answers = [{ state: 'silent', body: 'refused' }, { state: 'answers', body: '{"data":[{"id":"other"}]}' }, { state: 'absent', body: '' }];
    expect(needsChecks(needs, answers, 'unknown').map(({ state }) => state)).toEqual(['unknown', 'bad', 'unknown']);
    expect(unaskedChecks(needs, 'later').map(({ name, says }) => `${name} ${says}`)).toEqual(['server http://a is asked later', 'server http://b is asked later', 'file /data/x is asked later']);
  }); // prettier-ignore

  test.each([
    ['{"data":[{"id":"m"}]}', null],
    ['{"data":[]}', null],
    ['<html>', null],
    ['{"data":[{"id":"old"}]}', 'serves old, not m'],
  ])('models in %s', (body, says) => {
    expect(otherModels(body, 'm')).toBe(says);
  });
});
