// The reader of PDF files (PDF.js, in the form of one file that needs no browser), loaded by those who read one and by nobody else.

export interface PdfTextItem {
  readonly str: string;
  /** `[a, b, c, d, x, y]`. */
  readonly transform: readonly number[];
}

/** By name what the pages of a document share. */
export interface PdfReaderObjects {
  readonly has: (id: string) => boolean;
  readonly get: (id: string) => unknown;
}

interface PdfReaderPage {
  readonly getViewport: (request: { readonly scale: number }) => { readonly width: number; readonly height: number };
  /** Items without `str` are marks of the structure. */
  readonly getTextContent: () => Promise<{ readonly items: readonly (PdfTextItem | { readonly type: string })[] }>;
  readonly getOperatorList: () => Promise<{
    readonly fnArray: readonly number[];
    readonly argsArray: readonly unknown[];
  }>;
  readonly getAnnotations: () => Promise<
    readonly { readonly subtype?: string; readonly rect?: readonly number[]; readonly url?: string }[]
  >;
  /** Fonts and the outlines of their letters, there once the operations are. */
  readonly commonObjs: PdfReaderObjects;
  readonly cleanup: () => void;
}

interface PdfReaderDocument {
  readonly numPages: number;
  readonly getPage: (number: number) => Promise<PdfReaderPage>;
  readonly getAttachments: () => Promise<unknown>;
  readonly getMetadata: () => Promise<{ readonly info: unknown }>;
}

/** The part of the reader that is used; the package's own declarations cannot be resolved from here. */
export interface PdfReader {
  readonly OPS: Readonly<Record<string, number>>;
  readonly getDocument: (request: Readonly<Record<string, unknown>>) => {
    readonly promise: Promise<PdfReaderDocument>;
    readonly destroy: () => Promise<void>;
  };
} // prettier-ignore

export const loadPdfReader = async (): Promise<PdfReader> => (await import('unpdf/pdfjs')) as unknown as PdfReader; // checked boundary: what the package documents
