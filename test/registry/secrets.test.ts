import { readdirSync, readFileSync, writeFileSync, mkdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { secretScan } from '../../src/registry/secret-scan.ts';
import { tagEntry } from '../../src/registry/tags.ts';
import { environmentSecrets } from '../../src/text/redact.ts';
import { openLab, placeIn, recording, scalarFacts, recordEntry } from './recording.ts';

const scan = (text: string | Buffer, known: readonly string[] = [], block = 1 << 20) => {
  const bytes = Buffer.from(text);
  const { push, finish } = secretScan(known);
  for (let at = 0; at < bytes.length; at += block) push(bytes.subarray(at, at + block));
  return finish();
};

const TOKEN = 'hf_AbCdEfGhIjKlMnOpQrStUvWx';

describe('a source', () => {
  it.each([
    ['a Hugging Face token', `x\n"note": "${TOKEN}"`, { kind: 'access_token', at: 'line 2' }],
    ['a GitHub token', 'ghp_0123456789abcdefghij', { kind: 'access_token', at: 'line 1' }],
    ['an API key', 'key sk-proj-0123456789abcdefghij', { kind: 'access_token', at: 'line 1' }],
    ['an AWS key', '\n\nAKIAABCDEFGHIJKLMNOP', { kind: 'access_token', at: 'line 3' }],
    ['a JSON web token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc', { kind: 'access_token', at: 'line 1' }],
    ['a private key', 'a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE', { kind: 'private_key', at: 'line 2' }],
    ['a bearer header', 'Authorization: Bearer abcDEF123456', { kind: 'bearer_header', at: 'line 1' }],
    ['a password in a URL', 'http://ada:l0velace@host/x', { kind: 'password_in_url', at: 'line 1' }],
    ['a signed URL', 'https://s3/x?X-Amz-Signature=0123456789abcdef', { kind: 'signed_url', at: 'line 1' }],
    ['a field in JSON', '{"api_key": "correct horse"}', { kind: 'secret_field', at: 'line 1' }],
    ['a field in YAML', 'db:\n  password: correct-horse', { kind: 'secret_field', at: 'line 2' }],
    ['a flag', 'serve --hf-token abcdefgh12', { kind: 'secret_field', at: 'line 1' }],
    [
      'an environment dump in a binary file',
      Buffer.from('\0\0SHELL=/bin/sh\0WANDB_API_KEY=0123456789abcdef\0'),
      { kind: 'secret_field', at: 'byte 16' },
    ],
  ])('with %s is found out', (_, text, expected) => {
    expect(scan(text)).toEqual(expected);
  });

  it.each([
    [
      'token counts',
      '{"total_output_tokens": 123456789, "output_token_throughput": 1234.5678, "max_token": "12345678"}',
    ],
    ['a headline about tokens', '---------------Inter-token Latency----------------\nMean TPOT (ms): 12.34'],
    ['special tokens', '{"image_token": "<|image_pad_token|>", "eos_token": "<|endoftext|>"}'],
    ['names that begin like a token', '{"hf_overrides_config": null, "hf_quant_config": "hf_quant_config.json"}'],
    ['empty and referenced secrets', 'HF_TOKEN=\nHF_TOKEN=$HF_TOKEN_FILE_X\n"api_key": null, "password": "none"'],
    ['short placeholders', 'MODAL_TASK_SECRET=dummy'],
    ['prose', 'basic measurements of the bearer network, see https://example.com/a:b/c@d'],
  ])('with %s is taken', (_, text) => {
    expect(scan(text)).toBeUndefined();
  });

  it.each([100, 4096, 8190, 12_000, 100_000])(
    'is searched across blocks, wherever they are cut (%i bytes before)',
    (before) => {
      for (const block of [1000, 4096, 65_536])
        expect(scan(`${'x\n'.repeat(before / 2)}${TOKEN}`, [], block)).toEqual({
          kind: 'access_token',
          at: `line ${before / 2 + 1}`,
        });
    },
  );

  it('is searched for the values of the environment, also in other alphabets', () => {
    expect(scan(`a\nb pässwörtchen c`, ['pässwörtchen'])).toEqual({ kind: 'environment_value', at: 'line 2' });
  });

  it('takes no longer when it is one endless word', () => {
    expect(scan('a'.repeat(3_000_000))).toBeUndefined();
  });
});

const SAMPLES = join(import.meta.dirname, '..', '..', '..', 'shared', 'samples');

describe.skipIf(!existsSync(SAMPLES))(`real tool outputs (skipped where ${SAMPLES} is absent)`, () => {
  it('are taken, except for a profile that holds the token of an editor', () => {
    const found = readdirSync(SAMPLES, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .filter((entry) => scan(readFileSync(join(entry.parentPath, entry.name))) !== undefined)
      .map(({ name }) => name);
    expect(found).toEqual(['export_mock.sqlite']);
  });
});

describe('a canary', () => {
  const env = { HF_TOKEN: 'canary-in-environment', WANDB_API_KEY: 'canary-in-wandb-variable', HOME: '/home/ada' };
  const secrets = environmentSecrets(env);
  const planted = [
    ...secrets,
    'hf_CanaryInNotes0123456789',
    'CanaryInFlag0123',
    'ghp_CanaryInContext01234567',
    'sk-canary-in-environment-facts-0',
  ];

  /** Everything that was written below a folder, names included. */
  const everything = (folder: string): string =>
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return `${path}\n${entry.isFile() ? readFileSync(path, 'latin1') : ''}`;
      })
      .join('\n');

  it('planted in notes, command, context, facts and tags is nowhere in what is written', async () => {
    const lab = openLab();
    const { slug, baseline } = await recordEntry(
      recording(lab, {
        secrets,
        notes: `token hf_CanaryInNotes0123456789 and ${env.HF_TOKEN}`,
        captureCommand: `HF_TOKEN=${env.HF_TOKEN} vllm serve --api-key CanaryInFlag0123 --model x`,
        team: env.WANDB_API_KEY,
        environment: { HF_TOKEN: 'CanaryInFlag0123', gpu: ['B200', 'sk-canary-in-environment-facts-0'] },
        facts: () => scalarFacts(310, { context: { model_path: 'https://ghp_CanaryInContext01234567@hub/x' } }),
      }),
    );
    await tagEntry(placeIn(lab), { tag: 'golden', slug, by: env.WANDB_API_KEY, note: env.HF_TOKEN, secrets });
    const written = everything(lab.registry);
    for (const secret of planted) expect(written).not.toContain(secret);
    expect(baseline.capture_command).toContain('vllm serve --api-key [redacted] --model x');
  });

  it.each([
    ['a text', 'result.json', `{\n "value": 1,\n "cmd": "--api-key CanaryInFlag0123"\n}`, 'line 3'],
    ['a profile', 'p.sqlite', `SQLite\0\0HF_TOKEN=canary-in-environment\0`, 'byte 17'],
  ])('in %s refuses the recording, names the place and not the secret', async (_, name, text, at) => {
    const lab = openLab();
    const source = join(lab.root, name);
    writeFileSync(source, text);
    const refusal = await recordEntry(recording(lab, { source, secrets })).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'secret_in_source', details: { at, path: source } });
    for (const secret of planted) expect(String(refusal) + JSON.stringify(refusal)).not.toContain(secret);
    expect(existsSync(placeIn(lab).folder)).toBe(false);
    for (const secret of planted) expect(everything(lab.registry)).not.toContain(secret);
  });

  it('in one file of a folder names that file', async () => {
    const lab = openLab();
    const source = join(lab.root, 'run');
    mkdirSync(source);
    writeFileSync(join(source, 'ok.json'), '{}');
    writeFileSync(join(source, 'env.txt'), 'A=1\nHF_TOKEN=canary-in-environment\n');
    await expect(recordEntry(recording(lab, { source, secrets }))).rejects.toMatchObject({
      code: 'secret_in_source',
      details: { path: join(source, 'env.txt'), at: 'line 2' },
    });
  });
});
