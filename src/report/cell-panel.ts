// The panel of one cell in a grid of cells: its name, a line of what it is, and rows of bars. Every text is cut to the panel.
import { barRows, barRowsHeight, type BarRows } from '../render/bar-rows.ts';
import { svgText } from '../render/svg.ts';
import { fitText } from '../render/text-width.ts';
import type { GridPanel } from './panel-grid.ts';

export interface CellPanel {
  readonly name: string;
  /** What was measured of it. */
  readonly under: string;
  readonly bars: BarRows;
}

const NAME = { size: 12.5, bold: true } as const;
const UNDER = { size: 9.5 } as const;
const HEAD = 36;

export const cellPanel = ({ name, under, bars }: CellPanel): GridPanel => ({
  height: HEAD + barRowsHeight(bars.rows.length),
  draw: ({ left, top, width }) => {
    const { elements, points } = barRows(bars, { left, top: top + HEAD, width });
    return {
      elements: [
        svgText(left, top + 13, fitText(name, width, NAME), NAME),
        svgText(left, top + 27, fitText(under, width, UNDER), { ...UNDER, fill: 'quiet' }),
        ...elements,
      ],
      points,
    };
  },
});
