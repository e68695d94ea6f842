import { describe, expect, it } from 'vitest';
import { runStress } from '../../bench/registry-stress.ts';

describe('processes that record at once while others are killed at every stage', () => {
  it('lose nothing and leave nothing half visible', async () => {
    const report = await runStress({ processes: 3, records: 20, killsPerStage: 1, randomKills: 3 });
    expect(report.faults).toEqual([]);
    expect(report.acknowledged).toBeGreaterThanOrEqual(60);
    expect(report).toMatchObject({
      links: report.entries,
      indexRows: report.entries,
      pageRows: report.entries,
      observed: report.entries,
    });
  });
});
