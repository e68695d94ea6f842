import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCeilings } from '../../src/hardware/ceilings.ts';
import { deltaRecord } from '../../src/compare/delta-record.ts';
import { renderDiffMarkdown } from '../../src/compare/diff-markdown.ts';
import { judge } from '../../src/compare/judge.ts';
import type { Judgement } from '../../src/compare/judgement.ts';
import { nextLever } from '../../src/compare/next-lever.ts';
import { type Shape, recommend } from '../../src/compare/recommend.ts';
import type { Side } from '../../src/source/side.ts';
import { freezeSol } from '../../src/hardware/speed-of-light.ts';
import { type DiffReport, scalarBlock, summariseDiff } from '../../src/compare/summarise.ts';
import { defaults, metric, repeated, side, values } from './sides.ts';

const CEILINGS = 'configs/sol-ceilings.yaml';
const table = await parseCeilings(readFileSync(CEILINGS, 'utf8'), CEILINGS);

const judged = (baseline: Side, candidate: Side) => judge(baseline, candidate, { policy: defaults });

const report = (judgement: Judgement, shape: Shape): DiffReport => ({
  judgement,
  family: 'llama31_8b',
  measurement: 'nccl_busbw',
  shape,
  recommendation: recommend(judgement, shape),
  lever: nextLever(judgement),
});

const text = (baseline: Side, candidate: Side, shape: Shape = 'structured') =>
  summariseDiff(report(judged(baseline, candidate), shape));

const busbw = (value: number, more: Partial<Side> = {}) =>
  side([metric('nccl_all_reduce_busbw', value, 'GB/s', { size: '1GB' })], more);
const against = (ceiling: string): Side =>
  busbw(310, { sol: { 'nccl_all_reduce_busbw[size=1GB]': freezeSol(table, `b200_sm100.${ceiling}`, 310, 'GB/s') } });
const recorded = against('nvlink5_tbps');

const BLOCK = `measurement: nccl_all_reduce_busbw @ 1GB
  baseline:  310 GB/s   (17.2% of nvlink5_tbps SoL)
  current:   295 GB/s   (16.4% of nvlink5_tbps SoL)
  delta:     -15 GB/s   (-4.8% absolute, -0.8 pp SoL)
  verdict:   YELLOW (within 5% tolerance, but trending away from peak)`;

describe('a scalar', () => {
  it('with a share of its ceiling comes out as the skill prints it', () => {
    expect(text(recorded, busbw(295), 'scalar')).toContain(
      `YELLOW: llama31_8b/nccl_busbw\n${BLOCK}\ndecision: INCONCLUSIVE`,
    );
  });

  const SEEDS = '../shared/seeds';
  it.skipIf(!existsSync(SEEDS))(
    'and that block is the one in the skill file (skipped where ../shared is absent)',
    () => {
      const skill = readdirSync(SEEDS).find((name) => name.startsWith('000_')) ?? '';
      expect(readFileSync(join(SEEDS, skill), 'utf8')).toContain(BLOCK);
    },
  );

  it.each([
    ['without a share', busbw(310), 295, 'delta:     -15 GB/s   (-4.8% absolute)', 'GREEN (within 5% tolerance)'],
    [
      'beyond tolerance',
      recorded,
      270,
      'delta:     -40 GB/s   (-12.9% absolute, -2.2 pp SoL)',
      'RED (-12.9% is beyond 5% tolerance)',
    ],
    [
      'improved',
      recorded,
      360,
      'delta:     +50 GB/s   (+16.1% absolute, +2.8 pp SoL)',
      'GREEN (improved beyond 5% tolerance)',
    ],
  ])('%s', (_, baseline, value, delta, verdict) => {
    const result = judged(baseline, busbw(value));
    const [row] = result.rows;
    const lines = row === undefined ? [] : scalarBlock(row, result.sol[0], result);
    expect(lines).toContain(`  ${delta}`);
    expect(lines.at(-1)).toBe(`  verdict:   ${verdict}`);
  });
});

describe('the text', () => {
  it('says an improvement first', () => {
    expect(text(values({ a_ms: 10 }), values({ a_ms: 5 }), 'scalar')).toMatch(
      /^GREEN, improved beyond tolerance: check it and record anew: /,
    );
  });

  it('warns of a context mismatch before anything else', () => {
    const lines = text(
      values({ a_ms: 10 }, { context: { tp: 4 } }),
      values({ a_ms: 10 }, { context: { tp: 8 } }),
    ).split('\n');
    expect(lines.slice(0, 2)).toEqual([
      'CONTEXT MISMATCH outside the declared axis: tp 4 -> 8',
      'GREEN: llama31_8b/nccl_busbw',
    ]);
  });

  it('names adverse and vanished metrics, headline first, with unit, tolerance and n', () => {
    const before = side([
      metric('throughput_tok_per_s', 100, 'tok/s'),
      metric('ttft_p50_ms', 50, 'ms'),
      metric('lost_ms', 3, 'ms'),
    ]);
    const after = side([metric('throughput_tok_per_s', 75, 'tok/s'), metric('ttft_p50_ms', 80, 'ms')]);
    const lines = text(before, after).split('\n');
    expect(lines.slice(0, 5)).toEqual([
      'RED: llama31_8b/nccl_busbw',
      '  2 metrics compared: 2 adverse, 0 improved, 1 vanished, 0 new',
      '  lost_ms: 3 ms -> vanished; ADVERSE',
      '  throughput_tok_per_s: 100 -> 75 tok/s (-25.0%), tolerance 5%; ADVERSE, headline',
      '  ttft_p50_ms: 50 -> 80 ms (+60.0%), tolerance 5%; ADVERSE',
    ]);
    expect(lines[5]).toBe('decision: INCONCLUSIVE: a metric vanished (rule V1, n 1 against 1)');
  });

  it('says what repeats decided and which trials were left out', () => {
    const base = repeated('tpot_p50_ms', 'ms', [10.12, 10.05, 10.21, 10.08, 10.15]);
    const bad = repeated('tpot_p50_ms', 'ms', [11, 11.1, 11.2, 11.05, 11.15], { trial: { validity: [] } });
    const [spoilt, ...good] = bad.trials;
    const trials = spoilt === undefined ? [] : [{ ...spoilt, validity: ['throttle' as const] }, ...good];
    const result = text(base, { ...bad, trials });
    expect(result).toContain('decision: FAIL proven: tpot_p50_ms +9.9% (+9.1% to +10.8%) (rule V6, n 5 against 4)');
    expect(result).toContain('invalid trials left out: 0 of the baseline, 1 of the current side (throttle in 1)');
  });

  it('ends with the lever', () => {
    const last = text(recorded, busbw(270), 'scalar').split('\n').at(-1);
    expect(last).toMatch(/^next lever: win back .*; unlock \+40 GB\/s .*; gate: /);
  });

  it('stays under one and a half kilobytes, one line per fact, whatever the names', () => {
    const name = fc.string({ minLength: 1, maxLength: 400, unit: 'binary' });
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 40 }), (names) => {
        const at = (value: number) => side(names.map((each) => metric(each, value, 'ms')));
        const result = text(at(1), at(2));
        expect(result.length).toBeLessThanOrEqual(1500);
        expect(result.split('\n').filter((line) => line.startsWith('decision: '))).toHaveLength(1);
      }),
      { numRuns: 30 },
    );
  });
});

describe('diff.md', () => {
  it('has the headings, bullets and columns that readers know', () => {
    const page = renderDiffMarkdown(report(judged(recorded, busbw(295)), 'scalar'));
    const lines = page.split('\n');
    expect(lines.slice(0, 5)).toEqual([
      '# Performance baseline diff: llama31_8b / nccl_busbw',
      '',
      '- Direction: higher-is-better (from catalogue)',
      '- Tolerance: 5%',
      '- Verdict: **YELLOW** (trending away from peak)',
    ]);
    expect(lines.find((line) => line.startsWith('| Key'))).toMatch(
      /^\| Key \| Baseline \| Current \| Delta \| Delta % \| Adverse beyond tolerance \|/,
    );
    expect(page).toContain('| nccl_all_reduce_busbw[size=1GB] (headline) | 310 | 295 | -15 | -4.8% | no | GB/s | 5% |');
    expect(page).toContain(
      '| nccl_all_reduce_busbw[size=1GB] | b200_sm100.nvlink5_tbps | 1800 GB/s | 17.2 | 16.4 | -0.8 |',
    );
    for (const heading of ['Largest changes', 'Speed of light', 'Context', 'Recommendation', 'Next lever'])
      expect(lines).toContain(`## ${heading}`);
  });

  it('shows the twenty largest and says that there are more', () => {
    const of = (factor: number) =>
      values(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`m${index}_ms`, 10 + index * factor])));
    const page = renderDiffMarkdown(report(judged(of(0), of(1)), 'structured'));
    expect(page.split('\n').filter((line) => /^\| m\d+_ms/.test(line))).toHaveLength(20);
    expect(page).toContain('The 20 largest of 30');
    expect(page).toContain('| m29_ms |');
  });

  it('lists mismatches first, then what vanished, what is new, what one side does not state', () => {
    const page = renderDiffMarkdown(
      report(
        judged(
          values({ a: 1, b: 1 }, { context: { tp: 4, driver: '5' } }),
          values({ a: 1, c: 1 }, { context: { tp: 8 } }),
        ),
        'structured',
      ),
    );
    expect(page).toContain('> **CONTEXT MISMATCH outside the declared axis: tp 4 -> 8**');
    expect(page).toContain('## Vanished\n- b: 1');
    expect(page).toContain('## New\n- c: 1');
    expect(page).toContain('| tp | 4 | 8 | mismatch |');
    expect(page).toContain('- Not stated by one side: driver (current)');
  });

  it('keeps hostile names inside their cell', () => {
    const hostile = 'a|b\n# owned | <x>';
    const page = renderDiffMarkdown(
      report(judged(values({ [hostile]: 1, z: 1 }), values({ [hostile]: 2, z: 1 })), 'structured'),
    );
    expect(page).toContain('| a\\|b # owned \\| \\<x> | 1 | 2 |');
    expect(page.split('\n')).not.toContain('# owned | <x>');
  });
});

describe('deltaRecord', () => {
  it('says only what there is to say', () => {
    const [row] = judged(busbw(310), busbw(270)).rows;
    expect(row === undefined ? null : deltaRecord(row)).toEqual({
      key: 'nccl_all_reduce_busbw[size=1GB]',
      baseline: 310,
      current: 270,
      delta: -40,
      delta_pct: (100 * -40) / 310,
      unit: 'GB/s',
      direction: 'higher-is-better',
      tolerance: { percent: 5 },
      headline: true,
      gating: true,
      adverse: true,
    });
  });

  it('carries the decision where something was repeated', () => {
    const [row] = judged(repeated('x_ms', 'ms', [1, 1.1, 1.2]), repeated('x_ms', 'ms', [1, 1.1, 1.2])).rows;
    expect(row === undefined ? null : deltaRecord(row)).toMatchObject({ decision: { n: [3, 3], basis: 'interval_t' } });
  });
});

describe('docs/METHODOLOGY.md', () => {
  it.each([
    'Full-context reporting',
    'Verdict rigor: DRAFT vs VERDICT',
    'Speed-of-light framing',
    'Always be grinding',
  ])('has the section "%s" that skill files point to', (title) => {
    expect(readFileSync('docs/METHODOLOGY.md', 'utf8').split('\n')).toContain(`## ${title}`);
  });

  it('shows the block that the product prints', () => {
    const page = readFileSync('docs/METHODOLOGY.md', 'utf8');
    const block = /^measurement: nccl_all_reduce_busbw .*?^  verdict: .*?$/ms.exec(page)?.[0] ?? 'no block';
    expect(text(against('nvlink5_oneway_tbps'), busbw(295), 'scalar')).toContain(block);
  });
});
