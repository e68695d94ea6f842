// What to ship: the page of the last selection, from the same record as CHAMPION.md.
import { championPage } from '../../champion/champion-page.ts';
import type { PageBlock } from '../../render/page.ts';
import { legendPart } from '../../render/picture.ts';
import { scatterPanel } from '../../render/scatter-panel.ts';
import { svgDocument } from '../../render/svg.ts';
import type { ShownRecord } from '../../champion/champion-record.ts';
import type { Evidence } from '../evidence.ts';
import { pageWidth } from '../page-room.ts';
import { memoryPanel, roofPanel, sweepLegend, sweepsOf } from '../roofline-panels.ts';
import { drawn, omitted, type PagePlan } from '../page-plan.ts';

const WIDTH = pageWidth('landscape');
const GUTTER = 26;
const HEIGHT = 210;

/** Sweeps of what was compared, on the axes of the page of rooflines. */
const rooflines = ({ variants }: ShownRecord, { roofline, ceilings }: Evidence): PageBlock[] => {
  const names = new Set(variants.map(({ cell_id: cell }) => cell));
  const sweeps = sweepsOf(roofline.filter(({ sweep }) => names.has(sweep)));
  if (sweeps.length === 0) return [];
  const legend = legendPart(sweepLegend(sweeps, ceilings), 0, 0, WIDTH);
  const top = legend.height + 8;
  const width = (WIDTH - GUTTER) / 2;
  const panels = [
    scatterPanel(roofPanel(sweeps, ceilings), { left: 0, top, width, height: HEIGHT }),
    scatterPanel(memoryPanel(sweeps), { left: width + GUTTER, top, width, height: HEIGHT }),
  ];
  const title = `Rooflines of ${sweeps.map(({ name }) => name).join(', ')}`;
  const svg = svgDocument(WIDTH, top + HEIGHT, title, [...legend.elements, ...panels.flatMap(({ elements }) => elements)]);
  return [
    { kind: 'heading', level: 2, text: 'Rooflines of what was compared, on the axes of the page of rooflines' },
    { kind: 'picture', title, href: 'champion-roofline.svg', svg, points: panels.flatMap(({ points }) => points) },
  ];
}; // prettier-ignore

/** The title says it already. */
const isFinding = (block: PageBlock, { says }: ShownRecord): boolean =>
  block.kind === 'paragraph' && block.text === `${says}.`;

export const championPages: PagePlan = ({ evidence }) => {
  const { champion } = evidence;
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
      blocks: [banner, ...rest.filter((block) => !isFinding(block, champion)), ...rooflines(champion, evidence)],
    },
  ]);
};
