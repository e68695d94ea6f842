// What the judge said of a campaign's cells, on a page of its own: as it was kept, never anew.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NO_EVIDENCE } from '../../src/report/evidence.ts';
import { judgedCells } from '../../src/report/judged-cells.ts';
import { diffPages } from '../../src/report/pages/diff.ts';
import { writeTree } from '../campaign/bundles.ts';
import { scratchFolder } from '../fs/scratch.ts';
import { dataOf, row } from './rows.ts';

const step = (says: string, state = 'done') => ({ state, says, at: '2026-11-20T10:00:00Z' });
const STATE = {
  schema_version: 1, started_at: '2026-11-20T10:00:00Z', ended_at: null, standing: null,
  cells: {
    slow: { steps: { diff: step('RED against night, decision FAIL') }, verdict: 'RED', entry: 'night@3' },
    base: { steps: { diff: step('no baseline is named', 'skipped'), compare: step('GREEN against base, decision PASS: no change') }, verdict: 'GREEN', entry: null },
    lone: { steps: { diff: step('no baseline is named', 'skipped') }, verdict: null, entry: null },
  },
}; // prettier-ignore

describe('the comparisons of a run', () => {
  test('are shown cell by cell in the words that were kept; cells without one are not', () => {
    const judged = judgedCells(writeTree(join(scratchFolder('diff-page'), 'c'), { 'campaign-run.json': STATE }));
    const [page] = diffPages(dataOf([row()], { evidence: { ...NO_EVIDENCE, judged } })).pages;
    expect(page?.title).toBe('2 cells compared: 1 GREEN, 1 RED');
    expect(page?.blocks[0]).toMatchObject({
      rows: [
        [{ text: 'base' }, { text: { strong: 'GREEN' } }, { text: 'not compared' }, { text: 'GREEN against base, decision PASS: no change' }, { text: 'not recorded' }],
        [{ text: 'slow' }, { text: { strong: 'RED' } }, { text: 'RED against night, decision FAIL' }, { text: 'not compared' }, { text: 'night@3' }],
      ],
    });
  }); // prettier-ignore

  test('are no page, and none that is missing, where nothing was compared', () => {
    expect(judgedCells(scratchFolder('diff-page'))).toEqual([]);
    expect(diffPages(dataOf([row()]))).toEqual({ pages: [], omissions: [] });
  });
});
