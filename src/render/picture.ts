// The parts that every picture shares: head with title, what was measured and legend; the two axes with their grid; labels at
// points. Draws values and names that it is given.
import { plural } from './numbers.ts';
import { placeLabels, type Box, type LabelRequest } from './place-labels.ts';
import type { AxisScale } from './scale.ts';
import { svgLine, svgText, type Point } from './svg.ts';
import { fitText, textWidth, wrapText } from './text-width.ts';
import type { Role } from './palette.ts';

export const TITLE = { size: 15, bold: true } as const;
const SUBTITLE = { size: 11.5 } as const;
export const LABEL = { size: 11 } as const;

export interface LegendEntry {
  readonly text: string;
  /** Draws the sample in a field of 22 by 12 pixels around the point. */
  readonly sample: (centre: Point) => string;
}

export interface Head {
  /** The finding. */
  readonly title: string;
  /** What was measured, how often, and what is better. */
  readonly subtitle: string;
  readonly legend?: readonly LegendEntry[];
}

/** Elements, and the height that they take from the top of the picture. */
export interface Part {
  readonly height: number;
  readonly elements: readonly string[];
}

const SAMPLE = 22;
const ENTRY_GAP = 18;
const LINE = 18;

/** Samples with their meaning, broken into lines of at most `width` pixels. */
export const legendPart = (entries: readonly LegendEntry[], left: number, top: number, width: number): Part => {
  let [x, row] = [left, 0];
  const elements = entries.flatMap(({ text, sample }) => {
    const shown = fitText(text, width - SAMPLE - 6, LABEL);
    const taken = SAMPLE + 6 + textWidth(shown, LABEL);
    if (x > left && x + taken > left + width) [x, row] = [left, row + 1];
    const y = top + row * LINE + LINE / 2;
    const drawn = [sample([x + SAMPLE / 2, y]), svgText(x + SAMPLE + 6, y + 4, shown, LABEL)];
    x += taken + ENTRY_GAP;
    return drawn;
  });
  return { height: entries.length === 0 ? 0 : (row + 1) * LINE, elements };
};

/** Title, subtitle and legend between `left` and `left + width`. */
export const headPart = ({ title, subtitle, legend = [] }: Head, left: number, width: number): Part => {
  const titles = wrapText(title, width, TITLE, 3);
  const subtitles = wrapText(subtitle, width, SUBTITLE, 3);
  const belowTitles = 14 + titles.length * 20;
  const belowText = belowTitles + subtitles.length * 16 + 6;
  const key = legendPart(legend, left, belowText, width);
  return {
    height: belowText + key.height + 4,
    elements: [
      ...titles.map((line, index) => svgText(left, 26 + index * 20, line, TITLE)),
      ...subtitles.map((line, index) =>
        svgText(left, belowTitles + 12 + index * 16, line, { ...SUBTITLE, fill: 'quiet' }),
      ),
      ...key.elements,
    ],
  };
};

/** The inside of a plot in pixels. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const named = (name: string, { unit, note }: Pick<AxisScale, 'unit' | 'note'>): string => {
  const withUnit = unit === null || unit === '' ? name : `${name}, ${unit}`;
  return note === null ? withUnit : `${withUnit} (${note})`;
};

/** Ticks of which no label touches another one, kept from the first on. */
const apart = (ticks: AxisScale['ticks']): AxisScale['ticks'] => {
  let end = -Infinity;
  return ticks.filter(({ at, label }) => {
    const half = textWidth(label, LABEL) / 2;
    if (at - half < end + 8) return false;
    end = at + half;
    return true;
  });
};

/** Grid, base line and labels below the frame; the name, if there is one, stands at the end of the axis. */
export const bottomAxis = (scale: AxisScale, name: string | null, { left, right, top, bottom }: Frame): string[] => [
  ...scale.ticks.map(({ at }) => svgLine([at, top], [at, bottom], 'grid')),
  svgLine([left, bottom], [right, bottom], 'base', { width: 1.5 }),
  ...apart(scale.ticks).map(({ at, label }) =>
    svgText(at, bottom + 17, label, { ...LABEL, anchor: 'middle', fill: 'quiet' }),
  ),
  ...(name === null
    ? []
    : [svgText(right, bottom + 36, fitText(named(name, scale), right - left, LABEL), { ...LABEL, anchor: 'end', fill: 'quiet' })]),
]; // prettier-ignore

/** Grid and labels left of the frame; the name stands above the axis, or at `nameAt`. */
export const leftAxis = (
  scale: AxisScale,
  name: string,
  { left, right, top }: Frame,
  nameAt: Point = [left, top - 9],
): string[] => [
  ...scale.ticks.map(({ at }) => svgLine([left, at], [right, at], 'grid')),
  ...scale.ticks.map(({ at, label }) => svgText(left - 8, at + 4, label, { ...LABEL, anchor: 'end', fill: 'quiet' })),
  svgText(nameAt[0], nameAt[1], fitText(named(name, scale), right - nameAt[0], LABEL), { ...LABEL, fill: 'quiet' }),
];

/** Pixels that the labels of a left axis need. */
export const leftAxisWidth = ({ ticks }: AxisScale): number =>
  Math.max(0, ...ticks.map(({ label }) => textWidth(label, LABEL))) + 12;

export interface PointLabel {
  readonly at: Point;
  readonly text: string;
  readonly fill?: Role;
  readonly bold?: boolean;
}

interface LabelSurroundings {
  readonly frame: Frame;
  readonly marks: readonly Box[];
  readonly lines?: readonly (readonly [Point, Point])[];
}

export interface PlacedLabels {
  readonly elements: readonly string[];
  /** Labels that found no room. */
  readonly unplaced: number;
}

/** Labels at their points with thin leaders where they stand off. Whoever draws says how many found no room. */
export const placedLabels = (
  labels: readonly PointLabel[],
  { frame, marks, lines = [] }: LabelSurroundings,
): PlacedLabels => {
  const { left, right, top, bottom } = frame;
  const bounds = { x: left, y: top, width: right - left, height: bottom - top };
  const requests = labels.map(({ at, text, bold = false }): LabelRequest => ({
    at,
    width: textWidth(text, { ...LABEL, bold }),
    height: 12,
  }));
  const places = placeLabels(requests, { bounds, obstacles: marks, lines });
  const elements = places.flatMap((place, index) => {
    const label = labels[index];
    if (place === null || label === undefined) return [];
    const { box, leader } = place;
    return [
      ...(leader === null ? [] : [svgLine(leader[0], leader[1], 'base', { width: 0.8 })]),
      svgText(box.x, box.y + 10, label.text, { ...LABEL, fill: label.fill ?? 'ink', bold: label.bold ?? false }),
    ];
  });
  return { elements, unplaced: places.filter((place) => place === null).length };
};

/** As `placedLabels`, and below the frame how many found no room. */
export const pointLabels = (labels: readonly PointLabel[], surroundings: LabelSurroundings): string[] => {
  const { elements, unplaced } = placedLabels(labels, surroundings);
  if (unplaced === 0) return [...elements];
  const { left, bottom } = surroundings.frame;
  const note = `${plural(unplaced, 'label')} left out for want of room`;
  return [...elements, svgText(left, bottom + 36, note, { ...LABEL, fill: 'quiet' })];
};

/** The square that a mark takes. */
export const markBox = ([x, y]: Point, radius: number): Box => ({
  x: x - radius,
  y: y - radius,
  width: 2 * radius,
  height: 2 * radius,
});
