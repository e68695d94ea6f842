// How the cells of a run stand against the baseline that their campaign names and against its first arm: the judge's own words, as the run
// kept them. Decides nothing; a campaign that compared nothing has no such page and lacks none.
import { plural } from '../../render/numbers.ts';
import { pageTable } from '../../render/page.ts';
import type { JudgedCell } from '../judged-cells.ts';
import { drawn, type PagePlan } from '../page-plan.ts';

const COLOURS = ['GREEN', 'YELLOW', 'RED'] as const;

const findingOf = (cells: readonly JudgedCell[]): string => {
  const counts = COLOURS.flatMap((colour) => {
    const count = cells.filter(({ verdict }) => verdict === colour).length;
    return count === 0 ? [] : [`${count} ${colour}`];
  });
  return `${plural(cells.length, 'cell')} compared: ${counts.length === 0 ? 'no verdict' : counts.join(', ')}`;
};

export const diffPages: PagePlan = ({ evidence: { judged } }) => {
  if (judged.length === 0) return drawn([]);
  const table = pageTable(
    [{ title: 'cell' }, { title: 'verdict' }, { title: 'against the baseline' }, { title: 'against the first arm' }, { title: 'recorded as' }],
    judged.map(({ cell, verdict, baseline, arm, entry }) => [cell, verdict === null ? 'none' : { strong: verdict }, baseline ?? 'not compared', arm ?? 'not compared', entry ?? 'not recorded']),
    10,
  );
  return drawn([
    {
      id: 'diff',
      title: findingOf(judged),
      subtitle: 'the worse of both comparisons is the verdict of a cell; rows of each: perf_baseline_diff on the baseline',
      orientation: 'landscape',
      blocks: [table],
    },
  ]);
}; // prettier-ignore
