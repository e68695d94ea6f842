// Reports of the real nsys through the built command line: exported, summarised and compared. The programs use no GPU, so
// that every answer must say that there are no kernels.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nsysProfileArgv } from '../../src/drivers/nsys.ts';
import { readNsysFacts } from '../../src/drivers/nsys-facts.ts';
import { findTool } from '../../src/exec/find-tool.ts';
import { localRunner } from '../../src/exec/run-process.ts';
import { nsysStatsArgv } from '../drivers/nsys-stats.ts';
import { runTool } from '../exec/run-tool.ts';
import { freshRoot, removeRoot } from '../e2e/connect.ts';
import { jsonOf, runCli, STACK_LINE } from '../e2e/run-cli.ts';

const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], HF_TOKEN: 'hf_CANARYcanaryCANARYcanary1234' };
const has = (tool: string): boolean => findTool(tool, env) !== null;
const present = has('nsys');
if (!present) console.log('skipped: nsys is not installed');

const HEADERS = [
  '/usr/lib/x86_64-linux-gnu/nsight-systems/target-linux-x64/nvtx/include',
  '/usr/local/cuda/include',
].find((folder) => existsSync(join(folder, 'nvtx3', 'nvToolsExt.h')));
const withRanges = present && has('gcc') && HEADERS !== undefined;
if (present && !withRanges) console.log('NVTX ranges are left out: no compiler or no headers');

const PROGRAM = `
#include <stdlib.h>
#include <unistd.h>
#include <nvtx3/nvToolsExt.h>
int main(int count, char **words) {
  for (int i = 0; i < atoi(words[1]); i++) {
    nvtxRangePushA(i % 2 ? "decode" : "prefill");
    usleep(1000);
    nvtxRangePop();
  }
  return 0;
}`;

describe.skipIf(!present)('reports of the real nsys', () => {
  const root = freshRoot();
  const user = join(root, 'user');
  const cache = join(root, 'experiments/artifacts/profile-cache');
  const cli = (...args: string[]) => runCli(args, { root });
  const report = (name: string): string => join(user, `${name}.nsys-rep`);
  const run = (argv: readonly string[]) => runTool(argv, { env, timeoutMs: 60_000 });
  const ask = localRunner({ env, timeoutMs: 60_000 });

  const program = async (): Promise<(steps: number) => string[]> => {
    if (!withRanges) return (steps) => ['sleep', String(steps / 1000)];
    const [source, built] = [join(root, 'ranges.c'), join(root, 'ranges')];
    writeFileSync(source, PROGRAM);
    await run(['gcc', `-I${HEADERS ?? ''}`, source, '-o', built, '-ldl']);
    return (steps) => [built, String(steps)];
  };

  beforeAll(async () => {
    mkdirSync(user);
    const [facts, application] = [await readNsysFacts(ask), await program()];
    for (const [name, steps] of [
      ['before', 20],
      ['after', 30],
    ] as const) {
      const { argv } = nsysProfileArgv(facts, {
        ...{ trace: ['nvtx', 'osrt'], graphNodes: false, forkedProcesses: false },
        ...{ output: join(user, name), session: `pao-diff-${process.pid}-${name}`, application: application(steps) },
      });
      await run(argv);
    }
  });
  afterAll(() => removeRoot(root));

  test('are compared: no kernels, said and not called a regression or a crash', async () => {
    const done = await cli('profile_profile_diff', report('before'), report('after'), '--strict', '--json');
    const said = jsonOf(done);
    expect(said).toMatchObject({
      verdict: 'YELLOW',
      adverse: [],
      kernels_count: 0,
      next_lever: { lever: 'none found' },
    });
    expect(said['decision']).toMatchObject({ status: 'INCOMPARABLE' });
    expect(said['first_line']).toBe('YELLOW: INCOMPARABLE: no GPU kernels were recorded in baseline and candidate.');
    expect(done.stderr).not.toMatch(STACK_LINE);
    expect(JSON.stringify(said)).not.toContain('hf_CANARY');
  });

  test('are exported once, below the root and never beside the reports', async () => {
    await cli('profile_summary', report('before'));
    const exports = readdirSync(cache).filter((name) => name.startsWith('before-'));
    expect(exports).toHaveLength(1);
    const made = statSync(join(cache, exports[0] ?? '')).mtimeMs;
    await cli('profile_summary', report('before'));
    expect(statSync(join(cache, exports[0] ?? '')).mtimeMs).toBe(made);
    expect(readdirSync(user).sort()).toEqual(['after.nsys-rep', 'before.nsys-rep']);
  });

  test.runIf(withRanges)('have their NVTX ranges counted', async () => {
    const { top_ranges: ranges } = jsonOf(await cli('profile_summary', report('before'), '--json'));
    expect(ranges).toEqual(
      expect.arrayContaining(
        ['decode', 'prefill'].map((name) => expect.objectContaining({ name, calls: 10, gpu_ns: null })),
      ),
    );
  });

  test('become CSV by nsys stats, which goes through the CSV door', async () => {
    const facts = await readNsysFacts(ask);
    for (const name of ['before', 'after']) {
      mkdirSync(join(root, `${name}-csv`));
      const wanted = { output: join(root, `${name}-csv`, 'r'), reports: ['cuda_gpu_kern_sum', 'osrt_sum', 'nvtx_sum'] };
      const copy = join(root, `${name}.nsys-rep`);
      writeFileSync(copy, readFileSync(report(name)));
      await run(nsysStatsArgv(facts, { ...wanted, file: copy }).argv);
    }
    const [before, after] = [join(root, 'before-csv'), join(root, 'after-csv')];
    expect(readdirSync(before).length).toBeGreaterThan(0);
    const done = await cli(
      'profile_profile_diff',
      '--baseline-csv-dir',
      before,
      '--candidate-csv-dir',
      after,
      '--json',
    );
    expect(JSON.stringify(jsonOf(done))).toMatch(/no GPU kernels were recorded|no kernel/);
    expect(done.stderr).not.toMatch(STACK_LINE);
  });
});
