// The pages of a typeset document as SVG, each by itself. The typesetter writes all of them into one SVG, but paints the ground of
// every page over the first one; here each page is cut out and stands alone. Knows the form that the typesetter writes and nothing of
// what pages say.
import { Fault } from '../text/fault.ts';

export interface PagePicture {
  /** A whole SVG document on white ground. */
  readonly svg: string;
  /** Points. */
  readonly width: number;
  readonly height: number;
}

/** The ground of a page and the group of what is on it, at the outermost level. */
const PAGE =
  /^ {4}<path class="typst-shape" fill="#ffffff" fill-rule="nonzero" d="M 0 0v ([\d.]+) h ([\d.]+) v -\1 Z "\/>\n {4}<g(?: transform="matrix\(1 0 0 1 0 ([\d.]+)\)")?>\n/gm;
const SHARED = /^ {4}<defs\b/m;
const NESTED =
  /<image( transform="[^"]+")? xlink:href="data:image\/svg\+xml;base64,([^"]+)" width="([\d.]+)" height="([\d.]+)" preserveAspectRatio="none"\/>/g;
const OWN_SIZE = /^<svg ([^>]*?)width="[\d.]+" height="[\d.]+"/;

/** Pictures are SVG inside an address there, whose words a drawing program without fonts for it leaves out: they become elements. */
const unfolded = (content: string): string =>
  content.replace(NESTED, (_whole, place: string | undefined, encoded: string, width: string, height: string) => {
    const svg = Buffer.from(encoded, 'base64').toString('utf8');
    return `<g${place ?? ''}>${svg.replace(OWN_SIZE, `<svg $1width="${width}" height="${height}" preserveAspectRatio="none"`)}</g>`;
  });

/** The pages in the SVG of a document. Throws a Fault `typeset_failed` where it has another number of pages. */
export const pagePictures = (document: string, count: number): readonly PagePicture[] => {
  const starts = [...document.matchAll(PAGE)];
  const end = SHARED.exec(document)?.index ?? document.lastIndexOf('</svg>');
  if (starts.length !== count)
    throw new Fault('internal', 'typeset_failed', `the typesetter drew ${starts.length} of ${count} pages`);
  const shared = document.slice(end);
  return starts.map((start, index): PagePicture => {
    const [ground, height = '', width = '', top = '0'] = start;
    const content = document.slice(start.index + ground.length, starts[index + 1]?.index ?? end);
    const size = `width="${Math.ceil(Number(width))}" height="${Math.ceil(Number(height))}" viewBox="0 ${top} ${width} ${height}"`;
    const head = `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="DejaVu Sans, Verdana, sans-serif" xmlns:xlink="http://www.w3.org/1999/xlink">`;
    const paper = `<rect y="${top}" width="${width}" height="${height}" fill="#ffffff"/>`;
    const group = `<g${top === '0' ? '' : ` transform="translate(0 ${top})"`}>`;
    return {
      svg: [head, paper, group, unfolded(content), shared].join('\n'),
      width: Number(width),
      height: Number(height),
    };
  });
};
