import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  csvCell,
  markdownCode,
  markdownHref,
  markdownLine,
  markdownText,
  markupText,
  safeHref,
  terminalText,
  visibleText,
} from '../../src/render/escape.ts';
import { parseCsv } from '../../src/text/csv.ts';

const HOSTILE = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\u001b[2J',
        '\u0007',
        '\u009b31m',
        '\u202e',
        '\u2066',
        '\u200b',
        '\ufeff',
        '\u2028',
        '\r\n',
        '\ud800',
      ),
      fc.constantFrom('|', '\\', '`', '<', '&lt;', '*', '[x](javascript:1)', '# ', '"', "'", ',', '=', '$', '~~'),
    ),
  )
  .map((parts) => parts.join(''));

/** Control characters, and characters that show nothing but change what is shown. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

describe('no control character survives', () => {
  test.each([
    ['Markdown text', markdownText],
    ['Markdown code', (text: string) => markdownCode(text, true)],
    ['Markdown addresses', markdownHref],
    ['markup', markupText],
    ['CSV', (text: string) => csvCell(text)],
    ['one line of a terminal', visibleText],
    ['a terminal', (text: string) => terminalText(text).replace(/[\n\t]/g, '')],
  ])('in %s', (_, escape) => {
    fc.assert(fc.property(HOSTILE, (text) => !UNSEEN.test(escape(text))));
  });

  test('hidden characters leave a mark, so that two names that differ still look different', () => {
    expect(visibleText('gemm\u200b_fp8')).toBe('gemm\ufffd_fp8');
    expect(visibleText('µs ≤ 3, 中文, é')).toBe('µs ≤ 3, 中文, é');
  });

  test('line ends and tabs of a terminal stay', () => {
    expect(terminalText('a\tb\r\nc\u001b[31m')).toBe('a\tb\nc [31m');
  });
});

/** Cells of one GitHub table row: a pipe splits unless a backslash escapes it. */
const cellsOf = (row: string): string[] => row.replace(/^\| | \|$/g, '').split(/(?<!(?:^|[^\\])(?:\\\\)*\\)\|/);

describe('Markdown', () => {
  test.each([
    ['x|y\nz', 'x\\|y z'],
    ['a | b \\', 'a \\| b \\\\'],
    ['ttft_p99_ms', 'ttft_p99_ms'],
    ['__init__', '\\_\\_init\\_\\_'],
    ['<b>void</b> f<float*>', '\\<b>void\\</b> f\\<float\\*>'],
    ['[x](javascript:alert(1))', '[x\\](javascript:alert(1))'],
    ['busbw[size=1GB]', 'busbw[size=1GB]'],
    ['&lt; & co', '\\&lt; & co'],
  ])('%j is written as %j', (text, written) => expect(markdownText(text)).toBe(written));

  test('any text stays in one cell', () => {
    fc.assert(
      fc.property(HOSTILE, (text) => {
        for (const cell of [markdownText(text), markdownCode(text, true)])
          expect(cellsOf(`| ${cell} | end |`)).toHaveLength(2);
      }),
    );
  });

  test.each([
    ['# title', '\\# title'],
    ['> quote', '\\> quote'],
    ['- item', '\\- item'],
    ['-4.8%', '-4.8%'],
    ['---', '\\---'],
    ['12. item', '12\\. item'],
    ['12.5 ms', '12.5 ms'],
  ])('%j starts no block', (text, written) => expect(markdownLine(text)).toBe(written));

  test('code spans hold backticks and pipes', () => {
    expect(markdownCode('a`b', false)).toBe('``a`b``');
    expect(markdownCode('a|b', true)).toBe('`a\\|b`');
    expect(markdownCode('', false)).toBe('`  `');
    expect(cellsOf(`| ${markdownCode('a\\|b', true)} | end |`)).toHaveLength(2);
  });
});

describe('addresses', () => {
  test.each([
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'java\u0000script:x',
    'data:text/html,x',
    '//evil.example/x',
  ])('the page does not link to %j', (href) =>
    expect(safeHref(href)).toSatisfy((safe) => safe === null || !/script:|^data:|^\/\//i.test(String(safe))),
  );

  test.each(['https://example.com/a', 'trials-chat.svg', '../a.md#part'])('it links to %s', (href) => {
    expect(safeHref(href)).toBe(href);
  });
});

describe('CSV', () => {
  test('any text comes back in one cell', async () => {
    await fc.assert(
      fc.asyncProperty(HOSTILE, async (text) => {
        const rows = await parseCsv(`first,${csvCell(text)},last\n`, 'x');
        expect(rows).toHaveLength(1);
        expect(rows[0]).toHaveLength(3);
        expect(rows[0]?.[1]).not.toMatch(/^[=+\-@]/);
      }),
    );
  });

  test('numbers keep every digit and are no formula', () => {
    expect(csvCell(-1 / 3)).toBe(String(-1 / 3));
    expect(csvCell(null)).toBe('');
    expect(csvCell('=cmd|x')).toBe("'=cmd|x");
  });
});
