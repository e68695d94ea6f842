import { spawnSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findTuningFile, tuneFiles, type TuneOptions } from '../../src/autotune/tune-files.ts';
import { localRunner } from '../../src/exec/run-process.ts';

const hasGcc = spawnSync('gcc', ['--version']).status === 0;
if (!hasGcc) console.log('skipped: tuning a real program needs gcc');

/** Work in proportion to PASSES; UNUSED changes nothing. Prints the processor time of the best of five repetitions. */
const PROGRAM = `
#include <stdio.h>
#include <time.h>
#ifdef BROKEN
#error "too much shared memory"
#endif
static volatile float cells[4096];
static double now_ms(void) { struct timespec t; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); return t.tv_sec * 1e3 + t.tv_nsec / 1e6; }
static double measure(void) {
  double began = now_ms();
  for (int pass = 0; pass < PASSES * 100; pass++)
    for (int i = 0; i < 4096; i++) cells[i] = cells[i] * 0.5f + 1.0f;
  return now_ms() - began;
}
int main(int argc, char **argv) {
  double best = measure();
  for (int repeat = 0; repeat < 4; repeat++) { double ms = measure(); if (ms < best) best = ms; }
  printf("warming up\\n{\\"name\\": \\"%s\\", \\"performance\\": {\\"median_ms\\": %.6f}}\\n", argc > 1 ? argv[1] : "", best);
  return 0;
}
`;

const SPEC = `
config: passes_4096
parameters:
  PASSES: [4, 1, 2]
  UNUSED: [0, 1]
baseline: { PASSES: 4, UNUSED: 0 }
build:
  command: [gcc, -O1, '{defines}', -o, '{artifact}', work.c]
  artifact: build/{key}/work
bench:
  command: ['{artifact}', '{config}']
  value: performance.median_ms
trials: { screen: 3, confirm: 5 }
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autotune-'));
  await writeFile(join(folder, 'work.c'), PROGRAM);
});
afterEach(() => rm(folder, { recursive: true }));

const tune = async (spec: string, more: Partial<TuneOptions> = {}) => {
  await writeFile(join(folder, 'tune.yaml'), spec);
  return tuneFiles({
    specPath: join(folder, 'tune.yaml'),
    outputFolder: join(folder, 'tuning'),
    cwd: folder,
    run: localRunner({ env: { PATH: process.env['PATH'] } }),
    budgetMinutes: 1,
    now: '2026-11-23T00:00:00Z',
    ...more,
  });
};
const output = (name: string) => readFile(join(folder, 'tuning', name), 'utf8');

describe.skipIf(!hasGcc)('tuning a real program', () => {
  test('finds the fastest build, confirms it, and finds the definition that does nothing', async () => {
    const outcome = await tune(SPEC);
    expect(outcome).toMatchObject({
      status: 'improved',
      strategy: 'exhaustive',
      builds_reproducible: true,
      winner: { parameters: { PASSES: 1 } },
      knobs: { PASSES: 'connected', UNUSED: 'not_connected' },
    });
    expect(outcome.confirmation?.low).toBeGreaterThan(1.5);
    expect(await output('suggestions.md')).toContain('### gcc flags\n```bash\ngcc -DPASSES=1 -DUNUSED=0 work.c\n```');
    expect(JSON.parse(await output('result.json'))).toMatchObject({ schema_version: 1, status: 'improved' });
    expect(await readFile(join(folder, 'work.c'), 'utf8')).toBe(PROGRAM);
  });

  test('goes on after a crash in the middle of a line, without building or measuring anew', async () => {
    await tune(SPEC);
    const log = await output('results.jsonl');
    await rm(join(folder, 'tuning', 'result.json'));
    await appendFile(join(folder, 'tuning', 'results.jsonl'), '{"kind":"tri');
    const outcome = await tune(SPEC);
    expect(outcome.status).toBe('improved');
    expect(await output('results.jsonl')).toBe(log);
  });

  test('programs that went missing are built again before they are measured', async () => {
    await tune(SPEC.replace('confirm: 5', 'confirm: 6'), { budgetMinutes: 1 });
    const lines = (await output('results.jsonl')).split('\n').slice(0, -4);
    await writeFile(join(folder, 'tuning', 'results.jsonl'), `${lines.join('\n')}\n`);
    await rm(join(folder, 'build'), { recursive: true });
    const outcome = await tune(SPEC.replace('confirm: 5', 'confirm: 6'));
    expect(outcome.confirmation?.decision.n).toEqual([6, 6]);
  });

  test.each([
    ['a build that fails', SPEC.replace('gcc, -O1', 'gcc, -DBROKEN, -O1'), /cannot be measured: exit code 1/],
    [
      'a build that makes nothing',
      SPEC.replace(
        "command: [gcc, -O1, '{defines}', -o, '{artifact}', work.c]",
        "command: [gcc, --version, '{defines}']",
      ),
      /the build made no build/,
    ],
    [
      'a benchmark without the value',
      SPEC.replace('performance.median_ms', 'performance.p50'),
      /the result holds no performance.p50/,
    ],
    [
      'a value that is no time',
      SPEC.replace('performance.median_ms', 'name'),
      /name is "passes_4096", not a number above zero/,
    ],
    [
      'a benchmark that hangs',
      SPEC.replace("command: ['{artifact}', '{config}']", "command: [sleep, '9']\n  timeout_s: 0.2"),
      /stopped after 0.2 s/,
    ],
  ])('%s ends a run of the baseline with the reason', async (_, spec, message) => {
    await expect(tune(spec)).rejects.toMatchObject({
      code: 'baseline_failed',
      message: expect.stringMatching(message),
    });
  });

  test('a missing compiler is named', async () => {
    await expect(tune(SPEC.replace('[gcc,', '[nvcc-that-is-absent,'))).rejects.toMatchObject({ code: 'tool_missing' });
  });

  test('another specification does not continue this log', async () => {
    await tune(SPEC);
    await expect(tune(SPEC.replace('[0, 1]', '[0, 2]'))).rejects.toMatchObject({ code: 'tuning_log_of_other_spec' });
  });

  test('a cancel ends the run and keeps what was measured', async () => {
    const cancel = new AbortController();
    const running = tune(SPEC, { signal: cancel.signal, onProgress: () => cancel.abort() });
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect((await output('results.jsonl')).split('\n').length).toBeGreaterThan(4);
  });
});

describe('the tuning file of a configuration', () => {
  test('is the file itself, or the one of that name in tuning', async () => {
    await writeFile(join(folder, 'mine.yaml'), SPEC);
    await mkdir(join(folder, 'tuning'));
    await writeFile(join(folder, 'tuning', 'training_512.yaml'), SPEC);
    expect(await findTuningFile('mine.yaml', folder)).toBe(join(folder, 'mine.yaml'));
    expect(await findTuningFile('training_512', folder)).toBe(join(folder, 'tuning', 'training_512.yaml'));
    await expect(findTuningFile('inference_1', folder)).rejects.toMatchObject({
      code: 'tuning_spec',
      details: { fix: expect.stringContaining('tuning/inference_1.yaml') },
    });
  });
});
