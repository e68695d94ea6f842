import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { hashChecked } from '../../src/registry/snapshot.ts';

const folder = mkdtempSync(join(tmpdir(), 'gzip-'));
afterAll(() => rmSync(folder, { recursive: true }));

const check = (text: string, cut = 0): Promise<unknown> => {
  const path = join(folder, 'trace.json.gz');
  const packed = gzipSync(text);
  writeFileSync(path, packed.subarray(0, packed.length - cut));
  return hashChecked(path, { secrets: ['value-of-the-environment'] });
};

describe('a gzip file', () => {
  it.each([
    ['HF_TOKEN=s3cr3tvalue99', 'secret_field'],
    ['a value-of-the-environment b', 'environment_value'],
    ['AIzaSyA0123456789abcdefghijklmnopqrstuvw', 'access_token'],
    ['https:/user:hunter2pass@host/x', 'password_in_url'],
  ])('that holds %s is refused', async (text, kind) =>
    expect(check(`{"env": "\n${text} "}`)).rejects.toMatchObject({
      code: 'secret_in_source',
      details: { data: { kind }, at: 'line 2' },
    }),
  );

  it('is searched as far as it can be read', async () =>
    expect(check(`HF_TOKEN=s3cr3tvalue99 ${'x'.repeat(100_000)}`, 8)).rejects.toMatchObject({
      code: 'secret_in_source',
    }));

  it('without a secret is taken', async () => expect(check('{"ttft_ms": 3}')).resolves.toMatchObject({ bytes: 34 }));
});
