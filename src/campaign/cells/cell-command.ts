// A command of a cell and what it is made from. Types only.
import type { CellConfig } from '../config.ts';
import type { CellRunBackend } from './run-block.ts';

/** A command of a cell. */
export interface CellCommand {
  /** Names its record: `NN-<slug>`. */
  readonly slug: string;
  readonly argv: readonly string[];
  /** The loads that it measures; none where it chooses them itself, beside those that were asked for. */
  readonly concurrencies: readonly number[];
  /** Base URL of the server that it loads, without `/v1`; absent where the tool starts it itself. */
  readonly server?: string;
  /** It reads the GPUs itself, where it runs, into the folder of its point. */
  readonly readsGpus?: true;
  /** It asks the server around each of its loads itself, and leaves the pages beside their results. */
  readonly asksServer?: true;
  /** Files that it reads, written before it starts. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

export interface CellCall {
  readonly cell: CellConfig;
  readonly backend: CellRunBackend;
  /** Win over the config. */
  readonly endpointUrl: string | undefined;
  readonly servedModel: string | undefined;
  /** Absolute path of the folder that takes what the tools write. */
  readonly raw: string;
  /** The words that start our own load generator. */
  readonly bench: readonly string[];
}
