// Pages as a PDF: tagged, fonts inside, the same bytes for the same pages and clock. Says nothing of its own; what is typeset is
// checked by whoever ordered it.
import { Fault } from '../text/fault.ts';
import { columnWidths } from './column-widths.ts';
import { plainText, spansOf, type Column, type KeyFigure, type Span, type Text } from './document.ts';
import { safeHref, terminalText } from './escape.ts';
import { coveredBy } from './font-coverage.ts';
import type { Page, PageBlock, PageCell } from './page.ts';
import { colourOnLight, type Role } from './palette.ts';
import { pagePictures, type PagePicture } from './page-pictures.ts';
import { loadCompiler, type Compiler } from './typst-package.ts';
import { PAGE_MARGIN, PAGE_SIZES, PAGE_START, TEMPLATE_DATA, TYPST_TEMPLATE, pictureName } from './typst-template.ts';

/** A file inside the PDF. */
export interface Attachment {
  readonly name: string;
  readonly mime: string;
  readonly description: string;
  readonly bytes: Uint8Array;
}

export interface PdfRequest {
  readonly title: string;
  readonly author: string;
  readonly subject: string;
  /** The first bookmark: by it whoever made the file knows it again from its first bytes. */
  readonly mark: string;
  readonly keywords: readonly string[];
  /** Stands at the foot of every page. */
  readonly footer: string;
  readonly pages: readonly Page[];
  readonly attachments?: readonly Attachment[];
  /** CreationDate and ModDate, whole seconds, UTC. */
  readonly created: Date;
  /** DejaVu Sans, its bold and its mono as TrueType. */
  readonly fonts: readonly Uint8Array[];
}

/** The fonts that words are set in; what the mono lacks comes from them. */
const TEXT_FONTS = 2;

/** Where nothing is: files exist for the typesetter alone. */
const WORKSPACE = '/typeset';

const COLOURS = ['ink', 'quiet', 'grid', 'base', 'doubt', 'blue'] as const satisfies readonly Role[];

type Json = Readonly<Record<string, unknown>>;

const spanData = (span: Span): unknown => {
  if (typeof span === 'string') return span;
  if ('figure' in span) return span.figure;
  if ('href' in span) return { link: span.link, href: safeHref(span.href) };
  if ('badge' in span) return { strong: span.badge };
  return 'svg' in span ? span.says : span;
};

/** An array of spans in every case, so that the template has one form to read. */
const textData = (text: Text): unknown => spansOf(text).map(spanData);

const figureData = (figure: KeyFigure): Json => ({
  label: figure.label,
  values: ('value' in figure ? [figure.value] : figure.values).map(textData),
});

const cellData = ({ text, tint, bold = false, outlined = false }: PageCell): Json => ({
  text: textData(text),
  fill: tint?.fill ?? null,
  ink: tint?.ink ?? null,
  bold,
  outlined,
});

/** Shares where the table states them, else by content; nothing is cut. */
const widthsOf = (
  columns: readonly (Column & { readonly share?: number })[],
  rows: readonly (readonly PageCell[])[],
  size: number,
  page: number,
): readonly (string | null)[] => {
  if (columns.some(({ share }) => share !== undefined))
    return columns.map(({ share }) => (share === undefined ? null : `${share}fr`));
  const texts = columns.map(({ title }, index) => ({
    title,
    cells: rows.map((row) => plainText(row[index]?.text ?? '')),
  }));
  return columnWidths(texts, page, size).map((width) => (width === null ? null : `${width}pt`));
};

const tableData = (
  columns: readonly (Column & { readonly share?: number })[],
  rows: readonly (readonly PageCell[])[],
  size: number,
  page: number,
  pad = size < 9 ? 2.2 : 3.2,
): Json => ({
  kind: 'table',
  size,
  inset: pad,
  widths: widthsOf(columns, rows, size, page),
  align: columns.map(({ align = 'left' }) => align),
  head: columns.map(({ title }) => title),
  rows: rows.map((row) => columns.map((_, index) => cellData(row[index] ?? { text: '' }))),
});

const DEFAULT_SIZE = 9;

/** Blocks as the template reads them; pictures are put aside in `pictures`. */
const blockData = (block: PageBlock, width: number, pictures: string[]): readonly Json[] => {
  switch (block.kind) {
    case 'heading':
      return [{ kind: 'heading', level: block.level, text: textData(block.text) }];
    case 'paragraph':
    case 'note':
      return [{ kind: block.kind, text: textData(block.text) }];
    case 'list':
      return [{ kind: 'list', items: block.items.map(textData) }];
    case 'figures':
      return [{ kind: 'figures', items: block.items.map(figureData) }];
    case 'table': {
      const cells = block.rows.map((row) => row.map((text) => ({ text })));
      return [tableData(block.columns, cells, DEFAULT_SIZE, width)];
    }
    case 'page-table':
      return [tableData(block.columns, block.rows, block.size ?? DEFAULT_SIZE, width, block.pad)];
    case 'banner':
      return [{ kind: 'banner', text: textData(block.text), fill: colourOnLight(block.ground), ink: '#ffffff' }];
    case 'folded':
      return [
        { kind: 'heading', level: 3, text: [block.title] },
        ...block.blocks.flatMap((each) => blockData(each, width, pictures)),
      ];
    case 'code':
      return [{ kind: 'code', text: block.text }];
    case 'picture': {
      const index = pictures.push(block.svg) - 1;
      const own = Number(/\bwidth="([\d.]+)"/.exec(block.svg)?.[1] ?? width);
      return [{ kind: 'picture', index, width: Math.min(own, width), alt: block.title }];
    }
    case 'columns': {
      const part = (width - GUTTER * (block.parts.length - 1)) / block.parts.length;
      const parts = block.parts.map((blocks) => blocks.flatMap((each) => blockData(each, part, pictures)));
      return [{ kind: 'columns', parts }];
    }
  }
};

const GUTTER = 18;

const hasPicture = (block: PageBlock): boolean =>
  block.kind === 'picture' ||
  (block.kind === 'columns' && block.parts.flat().some(hasPicture)) ||
  (block.kind === 'folded' && block.blocks.some(hasPicture));

const rowCount = (block: PageBlock): number => {
  if (block.kind === 'table' || block.kind === 'page-table') return block.rows.length;
  return block.kind === 'columns' ? Math.max(...block.parts.map((part) => part.reduce((sum, each) => sum + rowCount(each), 0))) : 0;
}; // prettier-ignore

/** More rows than these fit no sheet. */
const MOST_ROWS = 90;

const pageData = ({ title, subtitle, orientation, blocks }: Page, pictures: string[]): Json => ({
  title: [title],
  subtitle: textData(subtitle),
  // Words and tables may go on overleaf; a picture stays with its title.
  flows: !blocks.some(hasPicture),
  // Longer than any sheet: nobody needs to measure it, which would lay it out twice.
  long: blocks.reduce((sum, block) => sum + rowCount(block), 0) > MOST_ROWS,
  blocks: blocks.flatMap((block) => blockData(block, PAGE_SIZES[orientation].width - 2 * PAGE_MARGIN, pictures)),
});

/** Pages that follow one another on the same paper. */
export const sheetsOf = (pages: readonly Page[]): Page[][] => {
  const sheets: Page[][] = [];
  for (const page of pages) {
    const last = sheets.at(-1);
    if (last?.[0]?.orientation === page.orientation) last.push(page);
    else sheets.push([page]);
  }
  return sheets;
};

const sheetData = (pages: readonly Page[], pictures: string[]): Json => ({
  ...PAGE_SIZES[pages[0]?.orientation ?? 'landscape'],
  pages: pages.map((page) => pageData(page, pictures)),
});

const complaint = (thrown: unknown): string => {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return code === '' ? String(thrown) : code;
};

/** A typeset document, and what is drawn of it only for those who ask. */
export interface Typeset {
  readonly pdf: Uint8Array;
  /** The pages of the PDF as SVG, in order. */
  readonly pictures: () => readonly PagePicture[];
  /** For each page that was given, on which of those it begins, counted from 0: a long one takes several. */
  readonly starts: () => readonly number[];
}

const compileWith = (compiler: Compiler, created: Date): Typeset => {
  const result = compiler.compile({ mainFileContent: TYPST_TEMPLATE });
  const document = result.result;
  if (result.hasError() || document === null) {
    const words = (result.takeDiagnostics()?.shortDiagnostics ?? []).map((each: unknown) => JSON.stringify(each));
    throw new Fault('internal', 'typeset_failed', `the pages cannot be typeset: ${words.join('; ')}`);
  }
  try {
    const pdf = compiler.pdf(document, {
      pdfStandard: 'a-3a',
      creationTimestamp: Math.floor(created.getTime() / 1000),
    });
    return {
      pdf,
      pictures: () => pagePictures(compiler.plainSvg(document), document.numOfPages),
      starts: () => pageStarts(compiler.query(document, { selector: PAGE_START, field: 'value' })),
    };
  } catch (thrown) {
    throw new Fault('internal', 'typeset_failed', `the pages cannot be typeset: ${complaint(thrown)}`, {
      cause: thrown,
    });
  }
};

const pageStarts = (values: unknown): number[] =>
  Array.isArray(values) ? values.map((page: unknown) => Number(page) - 1) : [];

/** Throws a Fault `typesetter_absent` where this platform has no typesetter. */
export const typeset = async (request: PdfRequest): Promise<Typeset> => {
  const { pages, attachments: given = [], fonts, created, title, author, subject, mark, keywords, footer } = request;
  // The typesetter ends the whole program over a file without bytes.
  const attachments = given.filter(({ bytes }) => bytes.byteLength > 0);
  const NodeCompiler = await loadCompiler();
  const pictures: string[] = [];
  const data = {
    title,
    author,
    subject,
    mark,
    keywords,
    footer,
    colours: Object.fromEntries(COLOURS.map((role) => [role, colourOnLight(role)])),
    sheets: sheetsOf(pages).map((sheet) => sheetData(sheet, pictures)),
    attachments: attachments.map(({ name, mime, description }) => ({ name, mime, description, relationship: 'data' })),
  };
  const compiler = NodeCompiler.create({
    workspace: WORKSPACE,
    fontArgs: [{ fontBlobs: fonts.map((font) => Buffer.from(font)) }],
  });
  const place = (name: string, content: string | Uint8Array): void => {
    compiler.mapShadow(`${WORKSPACE}${name}`, Buffer.from(content));
  };
  const covered = coveredBy(fonts.slice(0, TEXT_FONTS));
  const shown = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? covered(terminalText(value)) : value;
  place(TEMPLATE_DATA, JSON.stringify(data, shown));
  for (const [index, svg] of pictures.entries()) place(pictureName(index), covered(svg));
  for (const { name, bytes } of attachments) place(`/${name}`, bytes);
  return compileWith(compiler, created);
};
