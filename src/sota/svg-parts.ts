// The few SVG elements that the comparison's plots are made of. All text is escaped; no script, font or style sheet is needed.

export const INK = '#1f2937';
export const GREY = '#6b7280';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const svgText = (x: number, y: number, content: string, attributes = `fill="${INK}"`): string => {
  const safe = content.replace(/[\u0000-\u001f]/g, ' ').replace(/[&<>"]/g, (character) => ESCAPES[character] ?? '');
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${safe}</text>`;
};

export const svgLine = (from: readonly [number, number], to: readonly [number, number], attributes: string): string =>
  `<line x1="${from[0].toFixed(1)}" y1="${from[1].toFixed(1)}" x2="${to[0].toFixed(1)}" y2="${to[1].toFixed(1)}" ${attributes}/>`;

export const svgDot = (x: number, y: number, radius: number, attributes: string): string =>
  `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}" ${attributes}/>`;

/** A whole document that ends in a newline. */
export const svgDocument = (width: number, height: number, body: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...body,
    '</svg>\n',
  ].join('\n');
