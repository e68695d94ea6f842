import { describe, expect, it } from 'vitest';
import { Fault, inputFault } from '../../src/text/fault.ts';
import { faultRecord, faultText } from '../../src/verb/failure.ts';

describe('the record of a fault', () => {
  it('lists twenty of many and counts all', () => {
    const numbers = Array.from({ length: 100_000 }, (_, at) => at);
    expect(faultRecord(inputFault('selector_needed', 'many', { data: { numbers } }))['data']).toEqual({
      numbers_count: 100_000,
      numbers: numbers.slice(0, 20),
    });
  });

  it('keeps the count that the fault brings', () => {
    const problems = Array.from({ length: 30 }, (_, at) => at);
    const fault = new Fault('usage', 'invalid_input', 'many', { data: { problems, problems_count: 500 } });
    expect(faultRecord(fault)['data']).toEqual({ problems_count: 500, problems: problems.slice(0, 20) });
  });

  it('keeps short lists as they are', () =>
    expect(faultRecord(inputFault('x', 'y', { data: { missing: ['a'] } }))['data']).toEqual({ missing: ['a'] }));

  it('fits its limit in bytes, also where characters take several', () => {
    const text = faultText(new Fault('input', 'odd', '模'.repeat(5000), { fix: 'ü'.repeat(5000) }), [], 1500);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1500);
    expect(text).toMatch(/^error odd: 模+…\nfix: ü+…$/);
  });

  it('cuts texts that nobody reads to the end', () => {
    const long = 'x'.repeat(1_000_000);
    const record = JSON.stringify(faultRecord(inputFault('x', long, { fix: long, at: long, data: { long } })));
    expect(record.length).toBeLessThan(20_000);
  });
});
