// What a verb may use of the world around it: root, clock, environment, cancel signal, progress. Passed in, never global.
import type { Moment } from '../text/time.ts';
import type { PipeFiles } from './spooled-pipes.ts';

export interface Product {
  readonly name: string;
  readonly version: string;
  /** Commit of the build; null when the build had no repository. */
  readonly sha: string | null;
}

/** A picture for a caller who looks at pictures. Whoever shows it draws it. */
export interface ShownPicture {
  /** What it shows: `page 2 of 4: heatmap`. */
  readonly title: string;
  readonly svg: string;
}

export interface VerbContext {
  /** Absolute path of the root; every result names it. */
  readonly root: string;
  readonly cwd: string;
  /** Absolute path of the folder of all campaigns, unless the call names another. */
  readonly campaigns: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly product: Product;
  readonly dryRun: boolean;
  /** A person waits at a terminal for this very call: long work runs here instead of as a job. */
  readonly foreground: boolean;
  /** Longest text that the caller reads, in characters; infinite at a terminal. */
  readonly textLimit: number;
  /** Width of the terminal in cells, which tables fit; infinite where there is none. */
  readonly columns: number;
  /** The caller prints the rows as a table: lists of rows are whole, not cut to what an agent reads. */
  readonly allRows: boolean;
  readonly now: () => Moment;
  /** Absolute form of a path from the input; of a pipe, the file that holds what came through it. */
  readonly path: (path: string) => string;
  /** What came through pipes, see `spoolPipes`. */
  readonly pipes: PipeFiles;
  /** Reports to a waiting person or client how far the work is; `total` 0 when unknown. Cheap to call often. */
  readonly progress: (done: number, total: number, message: string) => void;
  /** Takes what the work drew, the most telling first, for a caller who looks at pictures; null where nobody does. */
  readonly show: ((pictures: readonly ShownPicture[]) => void) | null;
  /** Takes a web page of the work's result for a caller whose program shows one beside the answer; null where none does. */
  readonly explore: ((page: string) => void) | null;
  /** Folder of the product's own files (`configs/`, `schemas/`, `docs/`). */
  readonly productFolder: string;
}
