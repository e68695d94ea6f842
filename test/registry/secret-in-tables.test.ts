// Credentials in SQLite files, where name and value stand in two columns: found by the search that every stored file passes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { keepSource } from '../../src/compare/diff-bundle.ts';
import { hashChecked } from '../../src/registry/snapshot.ts';
import { execute } from '../sqlite/make-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'tables-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

/** An export whose notes are these statements, beside a table of kernels. */
const exported = (...statements: string[]): string => {
  const path = join(folder, `capture-${(count += 1)}.sqlite`);
  execute(path, ['CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER, name TEXT, token TEXT)', ...statements]);
  return path;
};

const OPTIONS = { secrets: ['value-of-the-environment'], signal: new AbortController().signal };
const check = (...statements: string[]): Promise<unknown> => hashChecked(exported(...statements), OPTIONS);

describe('a SQLite file', () => {
  it.each([
    [
      'a variable of the environment',
      'CREATE TABLE TARGET_INFO_SYSTEM_ENV (globalVid INTEGER, devStateName TEXT, name TEXT, nameEnum INTEGER, value TEXT)',
      "INSERT INTO TARGET_INFO_SYSTEM_ENV VALUES (1, 'CPU', 'cores', 1, '64'), (1, 'Env', 'WANDB_API_KEY', 2, 'a1b2c3d4e5f6a7b8')",
      'secret_field',
      'table TARGET_INFO_SYSTEM_ENV, row 2',
    ],
    [
      'a value that stands before its name',
      'CREATE TABLE META_DATA_CAPTURE (value TEXT, name TEXT)',
      "INSERT INTO META_DATA_CAPTURE VALUES ('correcthorse99', 'DB_PASSWORD')",
      'secret_field',
      'table META_DATA_CAPTURE, row 1',
    ],
    [
      'a value of the environment of who records',
      'CREATE TABLE PROCESSES (name TEXT, args BLOB, note TEXT)',
      "INSERT INTO PROCESSES VALUES ('serve', NULL, 'value-of-the-environment')",
      'environment_value',
      /^byte \d+$/,
    ],
    [
      'a command line',
      'CREATE TABLE ANALYSIS_DETAILS (id INTEGER, commandLine TEXT)',
      "INSERT INTO ANALYSIS_DETAILS VALUES (1, 'vllm serve m --api-key a1b2c3d4e5f6a7b8')",
      'secret_field',
      /^byte \d+$/,
    ],
  ])('with %s is refused', async (_, create, insert, kind, at) => {
    const error = await check(create, insert).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'secret_in_source', details: { data: { kind } } });
    expect(Object(error).details.at).toMatch(at);
    expect(JSON.stringify(error)).not.toMatch(/a1b2c3|correcthorse|value-of/);
  });

  it('with a variable of the environment is refused packed as well', async () => {
    const path = exported(
      'CREATE TABLE M (name TEXT, padding TEXT, value TEXT)',
      "INSERT INTO M VALUES ('cores', 'x', '64'), ('WANDB_API_KEY', 'y', 'a1b2c3d4e5f6a7b8')",
    );
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)));
    await expect(hashChecked(`${path}.gz`, OPTIONS)).rejects.toMatchObject({
      code: 'secret_in_source',
      details: { at: 'table M, row 2 of the packed file' },
    });
  });

  it('with a secret far down a row that spans pages is refused', async () => {
    const rows = `INSERT INTO E VALUES ('${'x'.repeat(3995)}', 'HF_TOKEN', 'abcdefgh12345678')`;
    await expect(check('CREATE TABLE E (long TEXT, name TEXT, value TEXT)', rows)).rejects.toMatchObject({
      code: 'secret_in_source',
    });
  });

  it.each([
    ["('max_tokens', '4096')"],
    ["('HF_TOKEN', '')"],
    ["('API_KEY', '[redacted]')"],
    ["('EXPORT_LAZY', 'true')"],
    ["('tokenizer', 'meta-llama/Llama-3.1-8B')"],
    ["('NVTX_EVENTS', 'TARGET_INFO_GPU')"],
  ])('that notes %s is taken', async (row) => {
    await expect(
      check('CREATE TABLE META_DATA_CAPTURE (name TEXT, value TEXT)', `INSERT INTO META_DATA_CAPTURE VALUES ${row}`),
    ).resolves.toMatchObject({ sha256: expect.any(String) });
  });

  it('is no attachment of a comparison either, copied or referred to', async () => {
    const path = exported(
      'CREATE TABLE M (name TEXT, value TEXT)',
      "INSERT INTO M VALUES ('WANDB_API_KEY', 'a1b2c3d4e5f6a7b8')",
    );
    const staged = mkdtempSync(join(folder, 'staged-'));
    for (const copyLimit of [undefined, 1])
      await expect(
        keepSource(staged, 'current-snapshot', path, { ...OPTIONS, copy: false, copyLimit }),
      ).rejects.toMatchObject({
        code: 'secret_in_source',
      });
  });

  it('that is damaged is searched as far as its bytes go', async () => {
    const path = exported('CREATE TABLE M (name TEXT, value TEXT)');
    writeFileSync(path, readFileSync(path).subarray(0, 5000));
    await expect(hashChecked(path, OPTIONS)).resolves.toMatchObject({ bytes: 5000 });
  });
});
