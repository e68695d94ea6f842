// What to ship: the page of the last selection, from the same record as CHAMPION.md.
import { championPage } from '../../champion/champion-page.ts';
import type { PageBlock } from '../../render/page.ts';
import { drawn, omitted, type PagePlan } from '../page-plan.ts';

export const championPages: PagePlan = ({ evidence: { champion } }) => {
  if (champion === null)
    return omitted('champion', 'no champion was selected', 'run perf_tune_report_champion_select on the campaign');
  const { blocks } = championPage(champion);
  const finding = `${champion.says.charAt(0).toUpperCase()}${champion.says.slice(1)}`;
  const [, ...rest] = blocks;
  const banner: PageBlock = {
    kind: 'banner',
    text: champion.banner,
    ground: champion.tier === 'verdict' ? 'good' : 'doubt',
  };
  return drawn([
    {
      id: 'champion',
      title: finding,
      subtitle: `${champion.model} on ${champion.hardware} TP${champion.tensor_parallel} · concurrency ${champion.focus_c} · ${champion.shape}`,
      orientation: 'landscape',
      blocks: [banner, ...rest],
    },
  ]);
};
