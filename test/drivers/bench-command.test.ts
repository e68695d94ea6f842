import { describe, expect, test } from 'vitest';
import {
  amount,
  amounts,
  printedAmount,
  printedResults,
  runCommand,
  valueAt,
} from '../../src/drivers/bench-command.ts';
import { localRunner } from '../../src/exec/run-process.ts';

const place = { run: localRunner({ env: { PATH: process.env['PATH'] ?? '' } }), cwd: process.cwd() };

describe('what a benchmark printed', () => {
  test.each([
    ['an object alone', '{"ms": 2}', 2],
    ['an object over several lines', '{\n  "ms": 2\n}\n', 2],
    ['the last of several objects, between log lines', 'warm-up\n{"ms": 1}\n{"ms": 2}\ndone\n', 2],
    ['an object that has the value, before a line that is a number', '{"ms": 2}\n17\n', 2],
    ['a number after an object that lacks the value', '{"config": {"tile": 8}}\n12.5\n', 12.5],
    ['a number before the last words', '12.5\ndone\n', 12.5],
    ['a number alone', '0.053\n', 0.053],
    ['a number after log lines', 'compiled\n0.053\n', 0.053],
  ])('%s', (_, stdout, value) => {
    expect(printedAmount(stdout, 'ms')).toEqual({ ok: value });
  });

  test.each([
    ['a list', '[1, 2]', 'it printed neither a JSON object nor a number'],
    ['words', 'all good', 'it printed neither a JSON object nor a number'],
    ['nothing', '', 'it printed neither a JSON object nor a number'],
    ['an object without the value', '{"us": 2}', 'the result holds no ms'],
  ])('%s is a reason', (_, stdout, failed) => {
    expect(printedAmount(stdout, 'ms')).toEqual({ failed });
  });

  test('all objects count, the last first', () => {
    expect(printedResults('{"ms": 1}\nlog\n{"ms": 2}\n3').objects).toEqual([{ ms: 2 }, { ms: 1 }]);
  });
});

describe('a value in it', () => {
  const document = { performance: { median_ms: 2, name: 'x' }, trials: [{ ms: 1 }, { ms: 3 }], zero: 0 };

  test('is found by a path of keys, a star goes over a list', () => {
    expect(amount(valueAt(document, 'performance.median_ms'), 'performance.median_ms')).toEqual({ ok: 2 });
    expect(amounts(valueAt(document, 'trials.*.ms'), 'trials.*.ms')).toEqual({ ok: [1, 3] });
  });

  test.each([
    ['performance.p50', 'the result holds no performance.p50'],
    ['performance.name', 'performance.name is "x", not a number above zero'],
    ['zero', 'zero is 0, not a number above zero'],
    ['trials.*.us', 'trials.*.us is [null,null], not a number above zero'],
  ])('%s is a reason', (path, failed) => {
    expect(amounts(valueAt(document, path), path)).toEqual({ failed });
  });
});

describe('a command', () => {
  const node = (script: string): string[] => [process.execPath, '-e', script];

  test('that ends well gives what it printed', async () => {
    expect(await runCommand(node('console.log(7)'), 10_000, place)).toEqual({ ok: '7\n' });
  });

  test('that ends badly is a reason with its last words, one that hangs is stopped', async () => {
    const failed = await runCommand(node('console.error("no GPU"); process.exit(3)'), 10_000, place);
    expect(failed).toEqual({ failed: expect.stringMatching(/3.*no GPU/) });
    expect(await runCommand(node('setTimeout(() => {}, 60000)'), 200, place)).toEqual({
      failed: 'stopped after 0.2 s',
    });
  });

  test('that is cancelled ends the work around it', async () => {
    const signal = AbortSignal.timeout(200);
    const work = runCommand(node('setTimeout(() => {}, 60000)'), 10_000, { ...place, signal });
    await expect(work).rejects.toMatchObject({ kind: 'interrupted', code: 'cancelled' });
  });
});
