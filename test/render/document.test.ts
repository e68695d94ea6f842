import { describe, expect, test } from 'vitest';
import { heading, paragraph, table, type Block, type Document } from '../../src/render/document.ts';
import { documentHtml } from '../../src/render/html.ts';
import { blocksMarkdown, documentMarkdown, markdownTable } from '../../src/render/markdown.ts';
import { svgDocument, svgText } from '../../src/render/svg.ts';
import { textTable } from '../../src/render/table.ts';
import { blocksText } from '../../src/render/terminal.ts';
import { xmlProblem } from '../e2e/well-formed.ts';

const picture = svgDocument(40, 20, 'a picture', [svgText(1, 10, 'p50')]);

const report: Document = {
  title: 'Kernels <compared>',
  blocks: [
    paragraph('# no heading'),
    { kind: 'note', text: 'one trial a cell' },
    heading('Found'),
    {
      kind: 'figures',
      items: [
        { label: 'Speedup', value: [{ strong: '1.23×' }, ' (n = 10)'] },
        { label: 'Parameters', values: [{ code: 'BLOCK_M = 128' }] },
      ],
    },
    heading('Kernels'),
    heading('gemm', 3),
    table([{ title: 'Kernel' }, { title: 'ms', align: 'right' }], [['f<float*>|g', '1.5']]),
    { kind: 'list', items: ['- nested', ['see ', { link: 'all [rows]', href: 'a b.json' }]] },
    { kind: 'code', language: 'bash', text: 'make\necho "```"\u001b[31m' },
    { kind: 'picture', title: 'Trials', href: 'trials.svg', svg: picture },
    paragraph({ link: 'click', href: 'javascript:alert(1)' }),
  ],
};

describe('a document', () => {
  test('as Markdown', () => {
    expect(documentMarkdown(report)).toBe(`# Kernels \\<compared>

\\# no heading

> one trial a cell

## Found
**Speedup**: **1.23×** (n = 10)
**Parameters**:
- \`BLOCK_M = 128\`

## Kernels
### gemm

| Kernel | ms |
| --- | ---: |
| f\\<float\\*>\\|g | 1.5 |

- \\- nested
- see [all (rows)](a%20b.json)

\`\`\`\`bash
make
echo "\`\`\`" [31m
\`\`\`\`

![Trials](trials.svg)

click
`);
  });

  test('as HTML that needs no other file and runs nothing', () => {
    const page = documentHtml(report);
    const body = page.slice(page.indexOf('<body>'), page.indexOf('</body>') + '</body>'.length);
    expect(xmlProblem(body)).toBeNull();
    expect(body.replace(picture.trim(), 'PICTURE')).toBe(`<body>
<h1>Kernels &lt;compared&gt;</h1>
<p># no heading</p>
<p class="note">one trial a cell</p>
<h2>Found</h2>
<dl><dt>Speedup</dt><dd><strong>1.23×</strong> (n = 10)</dd><dt>Parameters</dt><dd><ul><li><code>BLOCK_M = 128</code></li></ul></dd></dl>
<h2>Kernels</h2>
<h3>gemm</h3>
<div class="table"><table>
<thead><tr><th>Kernel</th><th class="number">ms</th></tr></thead>
<tbody>
<tr><td>f&lt;float*&gt;|g</td><td class="number">1.5</td></tr>
</tbody>
</table></div>
<ul><li>- nested</li><li>see <a href="a b.json" rel="noreferrer">all [rows]</a></li></ul>
<pre><code>make
echo &quot;\`\`\`&quot; [31m</code></pre>
<figure>PICTURE</figure>
<p>click</p>
</body>`);
    expect(page).toContain(`default-src 'none'`);
    expect(page).not.toMatch(/<script|javascript:|\u001b/);
  });

  test('gives the same bytes each time', () => {
    expect(documentHtml(report)).toBe(documentHtml(report));
  });
});

describe('a part that is folded away', () => {
  const folded: Block = { kind: 'folded', title: 'All <2>', blocks: [heading('b|c', 3), paragraph('x')] };

  test.each([
    ['Markdown', blocksMarkdown([folded]), '<details><summary>All &lt;2&gt;</summary>\n\n### b\\|c\n\nx\n\n</details>'],
    ['a terminal', blocksText([folded]), 'All <2>\nb|c\nx'],
  ])('in %s', (_where, text, expected) => expect(text).toBe(expected));

  test('in HTML', () => {
    const page = documentHtml({ title: 't', blocks: [folded] });
    expect(page).toContain('<details><summary>All &lt;2&gt;</summary><h3>b|c</h3>\n<p>x</p></details>');
  });
});

describe('tables', () => {
  test('escape what would break a Markdown cell', () => {
    expect(markdownTable([{ title: 'a' }, { title: 'b', align: 'right' }], [['x|y\nz', '1']])).toBe(
      '| a | b |\n| --- | ---: |\n| x\\|y z | 1 |',
    );
  });

  test('align plain text and show what hides in it', () => {
    expect(textTable([{ title: 'k' }, { title: 'value', align: 'right' }], [['long\u001b', '1']])).toBe(
      'k      value\nlong       1',
    );
  });
});
