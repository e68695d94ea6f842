// Canaries in the environment, in flags, in notes and in sources: nothing of them in any file or result.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWorkbench, type Input, type VerbName } from './workbench.ts';

const CANARIES = {
  env: 'canary-env-9f8e7d6c5b4a',
  huggingFace: 'hf_CanaryQ8wZ1xV5bT7mR2cL9dF4',
  bearer: 'canary0bearer1234567890',
  signature: 'canary5ig0123456789abcdef',
  password: 'canarypass77',
};
const bench = openWorkbench('secrets', { env: { WANDB_API_KEY: CANARIES.env } });

const holding = (text: string): string[] => Object.values(CANARIES).filter((canary) => text.includes(canary));

/** Canaries in names and contents of all files but the planted ones. */
const heldByFiles = (): string[] =>
  readdirSync(bench.root, { recursive: true })
    .map((name) => join(bench.root, String(name)))
    .filter((path) => statSync(path).isFile() && !planted.includes(path))
    .flatMap((path) =>
      [...holding(path), ...holding(readFileSync(path, 'latin1'))].map((canary) => `${path}: ${canary}`),
    );

const said: string[] = [];
const call = async (verb: VerbName, input: Input) => {
  const outcome = await bench.call(verb, input);
  said.push(JSON.stringify(outcome));
  return outcome;
};

const spoken = `--api-key ${CANARIES.env} HF_TOKEN=${CANARIES.huggingFace} -H "Authorization: Bearer ${CANARIES.bearer}" https://u:${CANARIES.password}@host/x?X-Amz-Signature=${CANARIES.signature}`;

const sources = Object.entries(CANARIES).map(([kind]) => {
  const text = {
    env: { a_ms: 1, b_ms: 2, note: CANARIES.env },
    huggingFace: { a_ms: 1, b_ms: 2, HF_TOKEN: CANARIES.huggingFace },
    bearer: { a_ms: 1, b_ms: 2, header: `Authorization: Bearer ${CANARIES.bearer}` },
    signature: { a_ms: 1, b_ms: 2, url: `https://s3/x?X-Amz-Signature=${CANARIES.signature}` },
    password: { a_ms: 1, b_ms: 2, url: `https://user:${CANARIES.password}@host/x` },
  }[kind];
  return [kind, bench.file(`sources/${kind}.json`, text)] as const;
});
const planted = sources.map(([, path]) => path);

describe('secrets', () => {
  it('in notes, commands, teams, contexts and argument lists are not kept', async () => {
    const source = bench.file('plain.json', { a_ms: 1, b_ms: 2 });
    const named = { family: 'f', measurement: 'm', source };
    const more = { notes: spoken, capture_command: `vllm serve ${spoken}`, team: `team ${CANARIES.env}` };
    expect((await call('record', { ...named, ...more, context: { image: `r/x?token=${CANARIES.env}` } })).ok).toBe(
      true,
    );
    const args = ['--family', 'f', '--measurement', 'm', '--source', source, '--notes', spoken];
    expect((await call('record', { args })).ok).toBe(true);
    expect((await call('tag', { entry: 'f/m', tag: 'golden', note: spoken })).ok).toBe(true);
    const compared = await call('diff', {
      baseline: 'f/m',
      current: source,
      context: { image: `r/x?token=${CANARIES.env}` },
    });
    expect(compared.ok).toBe(true);
    await call('show', { entry: 'f/m' });
    await call('list', { family: 'f', measurement: 'm' });
    expect(said.flatMap(holding)).toEqual([]);
    expect(heldByFiles()).toEqual([]);
  });

  it.each(sources)('in a source (%s) are neither recorded nor copied by a comparison', async (_, source) => {
    const plain = bench.file('plain.json', { a_ms: 1, b_ms: 2 });
    await call('record', { family: 'f', measurement: 'planted', source: plain });
    for (const dry_run of [true, false]) {
      const recorded = await call('record', { family: 'f', measurement: 'planted', source, dry_run });
      expect(recorded.structured).toMatchObject({ error: { code: 'secret_in_source', path: source } });
    }
    const compared = await call('diff', { baseline: 'f/planted', current: source });
    expect(compared.structured).toMatchObject({ error: { code: 'secret_in_source', path: source } });
    const several = await call('diff', { baseline: 'f/planted', current: [plain, source] });
    expect(several.ok).toBe(false);
    expect(said.flatMap(holding)).toEqual([]);
    expect(heldByFiles()).toEqual([]);
  });
});
