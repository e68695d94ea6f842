// What a verb does with the paths that a caller names, declared beside its fields. The run wrapper enforces it. Pure.

/** How a file of ours begins: its first 4 KiB match. */
export type Ours = RegExp;

/** Files that a verb puts into a folder: names that match, and how ours begin (null: an existing one is never replaced). */
export type FolderFiles = readonly (readonly [name: RegExp, ours: Ours | null])[];

type Input = Readonly<Record<string, unknown>>;

export type PathUse =
  /** Read: a file, a folder, or text that may be no path at all. */
  | {
      readonly use: 'read';
      /** It holds patterns of the caller's, which may take any time. */ readonly patterns?: true;
      /** Where a text that is a name and no path lies; undefined where it is none. */
      readonly place?: (text: string, root: string) => string | undefined;
      /** What is read because of it: the recorded sides of new results. `path` is absolute. */
      readonly also?: (path: string, root: string, input: Input) => readonly string[];
    }
  /** A file that is written whole; `beside` are files of the same name with other extensions. */
  | { readonly use: 'write'; readonly ours: Ours; readonly beside: (input: Input) => Readonly<Record<string, Ours>> }
  /** A file that the verb exists to update; it reads it first and refuses another shape itself. */
  | { readonly use: 'update' }
  /** A folder that gets files of known names. */
  | { readonly use: 'fill'; readonly files: (input: Input) => FolderFiles };

export const reads: PathUse = { use: 'read' };
export const readsPatterns: PathUse = { use: 'read', patterns: true };
export const updates: PathUse = { use: 'update' };
export const writes = (ours: Ours, beside: (input: Input) => Readonly<Record<string, Ours>> = () => ({})): PathUse => ({
  use: 'write',
  ours,
  beside,
});
export const fills = (files: FolderFiles | ((input: Input) => FolderFiles)): PathUse => ({
  use: 'fill',
  files: typeof files === 'function' ? files : () => files,
});

/** How a gate's report for build servers begins, whichever verb wrote it. */
export const OUR_JUNIT: Ours =
  /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="[a-z]+(?:_[a-z]+)+" tests="\d+" failures="\d+" errors="0" skipped="\d+">\n/;

/** How every picture of the product begins. */
export const OUR_SVG: Ours =
  /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="\d+" viewBox="[^"]*" font-family="DejaVu Sans, Verdana, sans-serif"/;

/** That, or how every PNG of the product begins: read as text, bytes that are none count as one character each. */
export const OUR_PICTURE: Ours = new RegExp(
  String.raw`${OUR_SVG.source}|^.PNG\r\n[^]{20,40}tEXtSoftware\0profile-and-optimize`,
);
