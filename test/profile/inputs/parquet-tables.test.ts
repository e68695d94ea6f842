// An export as a folder of Parquet files goes through its own door and gives what the same rows give as SQLite.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diffProfiles } from '../../../src/profile/diff-profiles.ts';
import { readProfile } from '../../../src/profile/read/read-profile.ts';
import { makeExport } from '../make-export.ts';
import type { MadeExport } from '../make-export.ts';
import { execute, inTemporaryFolder, rowsBySqlite } from '../../sqlite/make-database.ts';
import { writeParquet } from './write-parquet.ts';
import type { Cell, Column } from './write-parquet.ts';

const TABLES = ['CUPTI_ACTIVITY_KIND_KERNEL', 'StringIds', 'CUPTI_ACTIVITY_KIND_RUNTIME', 'NVTX_EVENTS'];

const MADE: MadeExport = {
  ranks: 2,
  steps: 6,
  marker: 'iteration',
  kernels: [
    { name: 'nvjet_tst_128x256_64x4_2x1_v_bz_TNT', ns: 400_000 },
    { name: 'void vllm::rms_norm_kernel<c10::BFloat16>(c10::BFloat16*, int)', ns: 30_000 },
    { name: 'ncclDevKernel_AllReduce_Sum_bf16_RING_LL', ns: 100_000 },
  ],
};

const cell = (value: unknown): Cell =>
  typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string' ? value : null;

const columnOf = (name: string, values: readonly Cell[]): Column => {
  if (values.some((value) => typeof value === 'string')) return { name, type: 'text', values };
  const small = values.every((value) => value === null || Math.abs(Number(value)) < 2 ** 31);
  return { name, type: small ? 'int32' : 'int64', values };
};

/** The same rows as one Parquet file a table. */
const asParquet = (sqlite: string, folder: string): string => {
  mkdirSync(folder);
  for (const table of TABLES) {
    const rows = rowsBySqlite(sqlite, table);
    const names = Object.keys(rows[0] ?? {});
    writeParquet(
      join(folder, `${table}.parquet`),
      names.map((name) =>
        columnOf(
          name,
          rows.map((row) => cell(row[name])),
        ),
      ),
    );
  }
  return folder;
};

describe('a parquetdir', () => {
  test.each<[string, Partial<MadeExport>]>([
    ['as it is', {}],
    ['with times since 1970', { origin: 1_779_782_330_176_752_435n }],
    ['with rows in another order', { reversed: true }],
  ])('gives what SQLite gives: %s', (_, change) =>
    inTemporaryFolder(async (folder) => {
      const sqlite = join(folder, 'a.sqlite');
      makeExport(sqlite, { ...MADE, ...change });
      execute(sqlite, ['UPDATE CUPTI_ACTIVITY_KIND_KERNEL SET dynamicSharedMemory = NULL WHERE rowid % 5 = 0']);
      const parquet = await readProfile([asParquet(sqlite, join(folder, 'a.parquetdir'))], { cacheDir: folder });
      const side = await readProfile([sqlite], { cacheDir: folder });
      expect(parquet).toMatchObject({ format: 'nsys-parquet', ranks: side.ranks, steps: side.steps });
      for (const key of ['groups', 'durations', 'kernels', 'configs', 'ranges', 'apis', 'timelines'] as const)
        expect(parquet[key]).toEqual(side[key]);
      expect(diffProfiles([side], [parquet]).totals).toMatchObject({ delta_ns: 0, baseline_calls: 36 });
    }),
  );

  test('lies in a folder of ranks beside other exports', () =>
    inTemporaryFolder(async (folder) => {
      const [ranks, sqlite] = [join(folder, 'ranks'), join(folder, 'a.sqlite')];
      mkdirSync(ranks);
      makeExport(sqlite, { ...MADE, ranks: 1 });
      asParquet(sqlite, join(ranks, 'node0.parquetdir'));
      expect((await readProfile([ranks], { cacheDir: folder })).format).toBe('nsys-parquet');
    }));

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 9)],
    ['empty', () => Buffer.alloc(0)],
    ['text', () => Buffer.from('start,end\n1,2\n')],
  ])('with a table that is %s is a fault that names the file', (_, damage) =>
    inTemporaryFolder(async (folder) => {
      const sqlite = join(folder, 'a.sqlite');
      makeExport(sqlite, MADE);
      const table = join(asParquet(sqlite, join(folder, 'p')), 'CUPTI_ACTIVITY_KIND_KERNEL.parquet');
      writeFileSync(table, damage(readFileSync(table)));
      await expect(readProfile([join(folder, 'p')], { cacheDir: folder })).rejects.toMatchObject({
        code: 'parquet_unreadable',
        details: { path: expect.stringContaining('p') },
      });
    }),
  );

  test('of something else is not an export', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'p');
      mkdirSync(path);
      writeParquet(join(path, 'users.parquet'), [{ name: 'id', type: 'int64', values: [1n, null] }]);
      await expect(readProfile([path], { cacheDir: folder })).rejects.toMatchObject({ code: 'not_an_nsys_export' });
    }));
});
