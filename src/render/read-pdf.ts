// What a PDF holds, as its reader finds it: attachments, the words of each page with their places, and what is drawn. Opens no other
// file, runs nothing of the document, and writes nothing. Only for files that the guard let through.
import { createHash } from 'node:crypto';
import { loadPdfReader, type PdfReaderObjects } from './pdf-reader-package.ts';

export interface PdfWords {
  readonly text: string;
  /** Points from the left and from the bottom. */
  readonly x: number;
  readonly y: number;
}

export interface PdfPage {
  /** Points. */
  readonly width: number;
  readonly height: number;
  readonly words: readonly PdfWords[];
  /** What is drawn, one line an operation with its numbers. */
  readonly operations: readonly string[];
  /** By font and letter how it is drawn: the same letter twice where two shapes pass for it. */
  readonly letters: readonly string[];
  /** Links and notes that lie on the page. */
  readonly annotations: readonly string[];
}

export interface PdfContent {
  /** Bytes by the name of the attachment. */
  readonly attachments: ReadonlyMap<string, Uint8Array>;
  readonly pageCount: number;
  /** Title, author, keywords, dates. */
  readonly facts: Readonly<Record<string, string>>;
  /** One page, counted from 1. */
  readonly page: (number: number) => Promise<PdfPage>;
  readonly close: () => Promise<void>;
}

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Of metadata; the rest is how the file is written. */
const FACTS = ['Title', 'Author', 'Subject', 'Keywords', 'Creator', 'CreationDate', 'ModDate', 'Language'] as const;

const isAttachment = (value: unknown): value is { readonly rawFilename: string; readonly content: Uint8Array } =>
  typeof value === 'object' && value !== null && 'rawFilename' in value && typeof value.rawFilename === 'string' &&
  'content' in value && value.content instanceof Uint8Array; // prettier-ignore

const attachmentsOf = (found: unknown): ReadonlyMap<string, Uint8Array> =>
  new Map(
    Object.values(typeof found === 'object' && found !== null ? found : {}).flatMap((value: unknown) =>
      isAttachment(value) ? [[value.rawFilename, value.content] as const] : [],
    ),
  );

const factsOf = (info: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    FACTS.flatMap((name) => {
      const value: unknown = typeof info === 'object' && info !== null ? Reflect.get(info, name) : undefined;
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );

/** Numbers as far as a reader could see a difference. */
const DECIMALS = 100;

const argumentText = (value: unknown): unknown => {
  if (typeof value === 'number') return Math.round(value * DECIMALS) / DECIMALS;
  if (ArrayBuffer.isView(value) || Array.isArray(value)) return Array.from(value as ArrayLike<unknown>, argumentText); // checked boundary: both are lists
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, argumentText(member)]));
};

/** Operations that draw or place; words come by themselves, and marks of the structure are not seen. */
const isSeen = (name: string): boolean => !/markedContent|Text$|^dependency$|setFont|Word|showText/i.test(name);

/** Of a font that is set: its name is what the reader calls it. */
const sizeOf = (given: unknown): unknown => (Array.isArray(given) ? given[1] : null);

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

/** The name of a font without the mark of its subset, which says nothing. */
const fontName = (font: unknown): string => String(memberOf(font, 'name') ?? '').replace(/^[A-Z]{6}\+/, '');

/**
 * Which outline each letter has: words are read by what a font says its letters mean, which need not be what it draws. By letters and not by
 * files of fonts, since two documents keep different letters of one font.
 */
const lettersOf = (
  names: readonly string[],
  given: readonly unknown[],
  objects: PdfReaderObjects,
): readonly string[] => {
  const found = new Set<string>();
  const known = new Set<string>();
  let font = '';
  for (const [at, name] of names.entries()) {
    const [first]: readonly unknown[] = Array.isArray(given[at]) ? given[at] : [];
    if (name === 'setFont') font = String(first);
    if (!/showText/i.test(name) || !Array.isArray(first)) continue;
    for (const glyph of first) {
      const id = `${font}_path_${String(memberOf(glyph, 'fontChar'))}`;
      const letter = String(memberOf(glyph, 'unicode'));
      if (typeof glyph !== 'object' || known.has(`${id} ${letter}`)) continue;
      known.add(`${id} ${letter}`);
      const outline = objects.has(id) ? JSON.stringify(objects.get(id)) : 'nothing';
      found.add(
        `${JSON.stringify(letter)} of ${fontName(objects.has(font) ? objects.get(font) : null)}: ${sha256Of(outline ?? '')}`,
      );
    }
  }
  return [...found].toSorted();
};

/** Throws what the reader throws on a damaged file. */
export const readPdf = async (bytes: Uint8Array): Promise<PdfContent> => {
  const { getDocument, OPS } = await loadPdfReader();
  const names = new Map(Object.entries(OPS).map(([name, code]) => [code, name]));
  const task = getDocument({
    data: Uint8Array.from(bytes), // the reader takes its bytes over
    isEvalSupported: false,
    disableFontFace: true,
    useSystemFonts: false,
    enableXfa: false,
    useWorkerFetch: false,
    isOffscreenCanvasSupported: false,
    verbosity: 0,
  });
  const document = await task.promise;
  const page = async (number: number): Promise<PdfPage> => {
    const found = await document.getPage(number);
    const { width, height } = found.getViewport({ scale: 1 });
    const { items } = await found.getTextContent();
    const { fnArray, argsArray } = await found.getOperatorList();
    const annotations = await found.getAnnotations();
    const letters = lettersOf(fnArray.map((code) => names.get(code) ?? ''), argsArray, found.commonObjs);
    found.cleanup();
    return {
      width,
      height,
      words: items.flatMap((item) => {
        if (!('str' in item) || item.str.trim() === '') return [];
        const [, , , , x = 0, y = 0] = item.transform;
        return [{ text: item.str, x, y }];
      }),
      operations: fnArray.flatMap((code, at) => {
        const name = names.get(code) ?? String(code);
        if (name === 'setFont') return [`${name} ${JSON.stringify(argumentText(sizeOf(argsArray[at])))}`];
        return isSeen(name) ? [`${name} ${JSON.stringify(argumentText(argsArray[at]))}`] : [];
      }),
      letters,
      annotations: annotations.map(({ subtype, rect, url }) => JSON.stringify([subtype ?? null, argumentText(rect), url ?? null])),
    };
  }; // prettier-ignore
  return {
    attachments: attachmentsOf(await document.getAttachments()),
    pageCount: document.numPages,
    facts: factsOf((await document.getMetadata()).info),
    page,
    close: () => task.destroy(),
  };
};
