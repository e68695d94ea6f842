// A picture under a head of its own, for one that was drawn to stand on a page: what was found and what is shown travel with it.
import { headPart, type Head } from './picture.ts';
import { svgDocument } from './svg.ts';

const MARGIN = 24;

const sizeOf = (svg: string): readonly [width: number, height: number] => {
  const [, width = '0', height = '0'] = /^<svg [^>]*?width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
  return [Number(width), Number(height)];
};

/** A whole document that ends in a newline. */
export const titledPicture = (head: Head, svg: string): string => {
  const [width, height] = sizeOf(svg);
  const { height: top, elements } = headPart(head, MARGIN, width);
  const placed = `<g transform="translate(${MARGIN} ${Math.ceil(top)})">\n${svg.trimEnd().replace(/^<svg /, '<svg overflow="visible" ')}\n</g>`;
  return svgDocument(width + 2 * MARGIN, Math.ceil(top) + height + MARGIN, head.title, [...elements, placed]);
};
