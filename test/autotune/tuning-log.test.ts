import { describe, expect, test } from 'vitest';
import { logLine, parseTuningLog, type LogRecord } from '../../src/autotune/tuning-log.ts';

const start: LogRecord = { kind: 'start', spec_sha256: 'abc', config: 'training_512', at: '2026-11-23T00:00:00Z' };
const built: LogRecord = { kind: 'build', key: 'A-1', fingerprint: 'f', ms: 12.5, error: null };
const tried: LogRecord = { kind: 'trial', key: 'A-1', phase: 'confirm', block: 2, value: 0.05, ms: 3, error: null };
const failed: LogRecord = {
  kind: 'trial',
  key: 'A-1',
  phase: 'screen',
  block: null,
  value: null,
  ms: 3,
  error: 'exit code 1',
};

describe('the log of a tuning run', () => {
  test('reads back what was written', () => {
    const records = [start, built, tried, failed];
    expect(parseTuningLog(records.map(logLine).join(''), 'results.jsonl', 'abc')).toEqual(records);
  });

  test('an empty log has no records', () => {
    expect(parseTuningLog('', 'results.jsonl', 'abc')).toEqual([]);
  });

  test.each([
    ['another specification', logLine({ ...start, spec_sha256: 'def' }), 'tuning_log_of_other_spec'],
    ['no start', logLine(built), 'tuning_log_of_other_spec'],
    ['a foreign line', `${logLine(start)}{"kind":"note"}\n`, 'tuning_log'],
    ['a value in words', `${logLine(start)}${logLine(tried).replace('0.05', '"fast"')}`, 'tuning_log'],
    ['a torn line in the middle', `${logLine(start)}{"kind":"bui\n${logLine(built)}`, 'json_syntax'],
  ])('%s is refused', (_, text, code) => {
    expect(() => parseTuningLog(text, 'results.jsonl', 'abc')).toThrow(expect.objectContaining({ code }));
  });
});
