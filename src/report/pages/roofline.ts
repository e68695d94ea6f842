// Prefill and decode under the roofline, and how busy memory and tensor cores were at each load: every sweep of the campaign on one page.
// What limits decode is said by the sweep's own answer, never worked out here. A sweep without a model's config has no place under the
// roof but a proxy, and the page says so.
import { plural } from '../../render/numbers.ts';
import type { DrawnPoint } from '../../render/document.ts';
import type { Page, PageBlock } from '../../render/page.ts';
import { legendPart } from '../../render/picture.ts';
import { scatterPanel } from '../../render/scatter-panel.ts';
import { svgDocument } from '../../render/svg.ts';
import { answerLines, memorySentence } from '../../roofline/sweep-questions.ts';
import { shortName } from '../arms.ts';
import type { Evidence } from '../evidence.ts';
import { drawn, omitted, type Omission, type PagePlan } from '../page-plan.ts';
import { listHeight, pageWidth, pictureRoom } from '../page-room.ts';
import { corePanel, hasProxy, memoryPanel, roofPanel, sweepLegend, sweepsOf } from '../roofline-panels.ts';
import type { AnsweredSweep, RooflinePoint } from '../roofline-points.ts';

const WIDTH = pageWidth('landscape');
const GUTTER = 26;
/** The picture is never lower: a long list of answers goes overleaf. */
const LEAST_HEIGHT = 240;

interface Picture {
  readonly svg: string;
  readonly alt: string;
  readonly values: readonly DrawnPoint[];
  readonly unplaced: number;
}

const pictureOf = ({ roofline: points, ceilings }: Evidence, room: number): Picture => {
  const sweeps = sweepsOf(points);
  const legend = legendPart(sweepLegend(sweeps, ceilings), 0, 0, WIDTH);
  const top = legend.height + 8;
  const width = (WIDTH - GUTTER) / 2;
  const half = (room - top) / 2;
  const panels = [
    scatterPanel(roofPanel(sweeps, ceilings), { left: 0, top, width, height: 2 * half }),
    scatterPanel(memoryPanel(sweeps), { left: width + GUTTER, top, width, height: half }),
    scatterPanel(corePanel(sweeps), { left: width + GUTTER, top: top + half, width, height: half }),
  ];
  const alt = `Roofline, memory and core activity of ${sweeps.map(({ name }) => name).join(', ')}`;
  return {
    svg: svgDocument(WIDTH, room, alt, [...legend.elements, ...panels.flatMap((panel) => panel.elements)]),
    alt,
    values: panels.flatMap((panel) => panel.points),
    unplaced: panels.reduce((sum, { unplaced }) => sum + unplaced, 0),
  };
};

const NO_SHAPE: Omission = {
  page: 'roofline',
  why: 'a sweep has no place under the roof: no config of its model was given',
  how_to_fix:
    'import it again with --model-config, or measure it with perf_tune_report_roofline_sweep, which keeps the config',
};

type Answered = AnsweredSweep & { readonly answers: NonNullable<AnsweredSweep['answers']> };

const isAnswered = (sweep: AnsweredSweep): sweep is Answered => sweep.answers !== null;

/** The sweep that reads memory most says it for the page. */
const mostOf = (sweeps: readonly AnsweredSweep[]): Answered | undefined => {
  const shareOf = ({ answers: { memory } }: Answered): number => memory?.delivered_percent ?? -1;
  return sweeps.filter(isAnswered).toSorted((a, b) => shareOf(b) - shareOf(a))[0];
};

const findingOf = (sweeps: readonly AnsweredSweep[]): Pick<Page, 'title' | 'from'> => {
  const most = mostOf(sweeps);
  if (most === undefined) return { title: 'The sweep holds no answer to what limits decode: import it again' };
  return {
    title: `${sweeps.length > 1 ? `${shortName(most.sweep)}: ` : ''}${memorySentence(most.answers)}`,
    from: { rows: [most.file], fields: ['answers.memory'] },
  };
};

const answersOf = (sweeps: readonly AnsweredSweep[]): string[] =>
  sweeps.map(
    ({ sweep, answers }) =>
      `${shortName(sweep)}: ${answers === null ? 'no answer in its file' : answerLines(answers).join('; ')}`,
  );

const shapesOf = (points: readonly RooflinePoint[]): string[] => [
  ...new Set(
    points
      .filter(({ phase }) => phase === 'decode')
      .map(
        ({ model, hardware, quant, tp, isl, osl }) =>
          `${model} ${quant} on ${hardware} TP${tp}, ISL/OSL ${isl ?? '?'}/${osl ?? '?'}`,
      ),
  ),
];

const shortList = (items: readonly string[]): string =>
  items.length > 3
    ? `${items.slice(0, 3).join(' · ')} · ${plural(items.length - 3, 'more configuration')}`
    : items.join(' · ');

const NOTE =
  'Numbers are concurrencies of decode; hollow under the roof is prefill. Right: filled is counted (DRAM, tensor cores active), hollow the bandwidth of the bytes that a step must read, or SM active. Activity is time, not FLOPs.';
const PROXY_NOTE =
  ' A proxy stands where the units would if they worked at their peak whenever they are in use: it is no measurement of FLOPs or bytes.';

export const rooflinePages: PagePlan = ({ evidence }) => {
  const { roofline: points, sweeps, ceilings } = evidence;
  if (points.length === 0)
    return omitted(
      'roofline',
      'no cell has roofline_v1.json',
      'measure with perf_tune_report_roofline_sweep, or bring a sweep with perf_tune_report_import_roofline_sweep',
    );
  const notes = `${NOTE}${hasProxy(sweepsOf(points), ceilings) ? PROXY_NOTE : ''}`;
  const answers = answersOf(sweeps);
  const head = { ...findingOf(sweeps), subtitle: shortList(shapesOf(points)), orientation: 'landscape' } as const;
  const room = pictureRoom(head, `${notes} 10 labels found no room.`) - listHeight(answers, 'landscape');
  const { svg, alt, values, unplaced } = pictureOf(evidence, Math.max(room, LEAST_HEIGHT));
  const blocks: PageBlock[] = [
    { kind: 'picture', title: alt, href: 'roofline.svg', svg, points: values },
    ...(answers.length === 0 ? [] : [{ kind: 'list', items: answers } as const]),
    {
      kind: 'paragraph',
      text: [notes, ...(unplaced > 0 ? [`${plural(unplaced, 'label')} found no room.`] : [])].join(' '),
    },
  ];
  const hasCounters = points.some(({ dram, tensor, sm }) => dram !== null || tensor !== null || sm !== null);
  return drawn(
    [{ id: 'roofline', ...head, blocks }],
    points.every(({ intensity }) => intensity === null) ? [NO_SHAPE] : [],
    hasCounters ? 'L3' : undefined,
  );
};
