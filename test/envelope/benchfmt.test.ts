import { describe, expect, it } from 'vitest';
import { benchfmtText } from '../../src/envelope/benchfmt.ts';
import { CONTEXT, around, fileOf, type Figures } from './readings.ts';

const LINE = /^Benchmark[A-Z]\S* (\d+)((?: -?[\d.e+-]+ \S+)+)$/;
const SETTING = /^[a-z][^\sA-Z:]*:(?: .*)?$/;
const UNIT = /^Unit \S+ better=(?:higher|lower)$/;

const trials: Figures[] = around('tpot_p50_ms', 12, 5).map((values) => ({ ...values, throughput_tok_per_s: 1000 }));
const figures = { tpot_p50_ms: 12, throughput_tok_per_s: 1000 };
const before = fileOf('/runs/before.json', figures, { trials, invalid: [4] });
const after = fileOf('/runs/after.json', figures, { context: { ...CONTEXT, engine_version: '0.12.0', tp: 2 } });

const textOf = (only = (): boolean => true): string =>
  benchfmtText([before, after], only, ({ name }) => (name.startsWith('tpot') ? 'lower-is-better' : 'higher-is-better'));

describe('the format of Go benchmarks', () => {
  const lines = textOf().trimEnd().split('\n');

  it('holds nothing but configuration, units and results', () => {
    for (const line of lines)
      expect(
        [LINE, SETTING, UNIT].some((form) => form.test(line)),
        line,
      ).toBe(true);
  });

  it('has one line a valid trial, and one where nothing was repeated', () => {
    const of = (name: string): string[] => lines.filter((line) => line.includes(`metric=${name}`));
    expect(of('tpot_p50_ms')).toHaveLength(4 + 1);
    expect(of('throughput_tok_per_s')).toHaveLength(4 + 1);
  });

  it('gives times in ns/op and says which way a unit is better', () => {
    const first = lines.find((line) => line.includes('metric=tpot_p50_ms'));
    const [, iterations, value, unit] = first?.split(' ') ?? [];
    expect([iterations, unit]).toEqual(['1', 'ns/op']);
    expect(Number(value) / 1e6).toBeCloseTo(trials[0]?.['tpot_p50_ms'] ?? 0, 6);
    expect(lines).toContain('Unit ns/op better=lower');
  });

  it('states the context of each file, and takes back what the next one does not state', () => {
    expect(lines).toEqual(expect.arrayContaining(['tp:', 'engine_version: 0.11.0', 'engine_version: 0.12.0', 'tp: 2']));
  });

  it('ends no name in what would be read as a number of processors', () => {
    const odd = fileOf('x.json', { 'gpt-8': 1, 'a b/c': 2 });
    const names = benchfmtText(
      [odd],
      () => true,
      () => null,
    )
      .split('\n')
      .filter((line) => line.startsWith('Benchmark'));
    expect(names).toHaveLength(2);
    for (const name of names) expect(name.split(' ')[0]).not.toMatch(/-\d+$/);
  });
});
