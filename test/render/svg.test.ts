import { describe, expect, test } from 'vitest';
import { escapeXml, svgDocument, svgDot, svgText } from '../../src/render/svg.ts';
import { xmlProblem } from '../e2e/well-formed.ts';

const NASTY = 'a < b & "c" > d \u0000\u001b[31m </text><script>alert(1)</script>';

describe('SVG', () => {
  test('is well formed whatever stands in names', () => {
    const picture = svgDocument(100, 50, NASTY, [svgText(1, 2, NASTY), svgDot(3, 4, 5, 'fill="red"', NASTY), '']);
    expect(xmlProblem(picture)).toBeNull();
    expect(picture).not.toContain('<script>');
    expect(picture.endsWith('</svg>\n')).toBe(true);
  });

  test('keeps text readable', () => {
    expect(escapeXml('µs ≤ 3')).toBe('µs ≤ 3');
  });
});
