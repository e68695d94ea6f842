import { describe, expect, test } from 'vitest';
import { svgDocument, svgMark, svgRect, svgText, SHAPE_NAMES } from '../../src/render/svg.ts';
import { xmlProblem } from '../e2e/well-formed.ts';

const NASTY = 'a < b & "c" > d \u0000\u001b[31m\u009b1m \u202e\u200b\ud800\uffff </text><script>alert(1)</script>';

const picture = svgDocument(100.2, 50, NASTY, [
  svgText(1, 2, NASTY, { fill: 'quiet' }),
  svgMark([3, 4], { role: 'bad', title: NASTY }),
  svgRect(0, 0, 1, 1, { fill: 'band', title: NASTY }),
  '',
]);

describe('SVG', () => {
  test('is well formed whatever stands in names', () => {
    expect(xmlProblem(picture)).toBeNull();
    expect(picture).not.toContain('<script>');
    expect(picture).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u200b\uffff]/);
    expect(picture.endsWith('</svg>\n')).toBe(true);
  });

  test('has light colours in its attributes and a rule for each colour on dark ground', () => {
    const style = /<style>(.*)<\/style>/.exec(picture)?.[1] ?? '';
    expect(style).toMatch(/^@media \(prefers-color-scheme:dark\)/);
    const used = [...picture.matchAll(/class="([^"]+)"/g)].flatMap(([, classes = '']) => classes.split(' '));
    expect(used.length).toBeGreaterThan(0);
    for (const name of used) expect(style).toContain(`.${name}{`);
  });

  test('series differ in shape as well as in colour', () => {
    const outlines = SHAPE_NAMES.map((shape) => / d="([^"]+)"/.exec(svgMark([0, 0], { role: 'blue', shape }))?.[1]);
    expect(new Set(outlines).size).toBe(SHAPE_NAMES.length);
  });
});
