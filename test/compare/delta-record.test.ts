import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deltaLines, deltaRecord } from '../../src/compare/delta-record.ts';
import { judge } from '../../src/compare/judge.ts';
import { defaults, values } from './sides.ts';

it('a line of a row is its record as JSON', () => {
  const [template] = judge(values({ a: 1 }), values({ a: 1 }), { policy: defaults }).rows;
  if (template === undefined) throw new Error('no row');
  const number = fc.oneof(fc.double(), fc.integer());
  const row = fc.record({
    key: fc.string(),
    baseline: number,
    candidate: number,
    delta: number,
    delta_pct: fc.option(number),
    unit: fc.constantFrom(null, 'GB/s', 'a "unit"'),
    direction: fc.constantFrom('two-sided' as const, 'higher-is-better' as const),
    tolerance: fc.constantFrom({ percent: 5 }, { percent: 3 }, { absolute: 0.5 }),
    headline: fc.boolean(),
    gating: fc.boolean(),
    adverse: fc.boolean(),
    improved: fc.boolean(),
    decision: fc.constantFrom(template.decision, { ...template.decision, basis: 'exact' as const }),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
      const judged = rows.map((each) => ({ ...template, ...each }));
      expect(deltaLines(judged)).toEqual(judged.map((each) => JSON.stringify(deltaRecord(each))));
    }),
    { numRuns: 500 },
  );
});
