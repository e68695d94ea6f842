// The SVG elements that charts are made of. All text is escaped; no script, font or style sheet is referred to.

export const INK = '#1f2937';
export const GREY = '#6b7280';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as it may stand in an element or an attribute; control characters become blanks. */
export const escapeXml = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f]/g, ' ').replace(/[&<>"]/g, (character) => ESCAPES[character] ?? '');

/** A coordinate to a tenth of a pixel. */
export const pixel = (value: number): string => value.toFixed(1);

export const svgText = (x: number, y: number, content: string, attributes = `fill="${INK}"`): string =>
  `<text x="${pixel(x)}" y="${pixel(y)}" ${attributes}>${escapeXml(content)}</text>`;

export const svgLine = (from: readonly [number, number], to: readonly [number, number], attributes: string): string =>
  `<line x1="${pixel(from[0])}" y1="${pixel(from[1])}" x2="${pixel(to[0])}" y2="${pixel(to[1])}" ${attributes}/>`;

export const svgRect = (x: number, y: number, width: number, height: number, attributes: string): string =>
  `<rect x="${pixel(x)}" y="${pixel(y)}" width="${pixel(width)}" height="${pixel(height)}" ${attributes}/>`;

/** A dot; `title` shows where a pointer rests on it. */
export const svgDot = (x: number, y: number, radius: number, attributes: string, title?: string): string => {
  const start = `<circle cx="${pixel(x)}" cy="${pixel(y)}" r="${radius}" ${attributes}`;
  return title === undefined ? `${start}/>` : `${start}><title>${escapeXml(title)}</title></circle>`;
};

/** A whole document on white that ends in a newline; `label` is what a screen reader says. */
export const svgDocument = (width: number, height: number, label: string, body: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans, sans-serif" font-size="12" role="img" aria-label="${escapeXml(label)}">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...body.filter((element) => element !== ''),
    '</svg>\n',
  ].join('\n');
