// What a host gives to a call and what a call gives back: the contract between the one way a verb is run and its front ends.
import type { GateReport } from '../render/junit.ts';
import type { Rows } from '../render/rows.ts';
import type { Product, ShownPicture } from './context.ts';
import type { Link } from './define-verb.ts';
import type { Log } from './log.ts';
import type { Dialect } from './next-step.ts';
import type { Unfinished } from './unfinished.ts';

/** Longest text that an agent reads, in bytes. */
export const TEXT_LIMIT = 1500;

export interface Host {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly product: Product;
  readonly productFolder: string;
  readonly log: Log;
  readonly signal?: AbortSignal;
  /** Aborted when all calls of the host are to end. */
  readonly closing?: AbortSignal;
  /** See `VerbContext.textLimit`; default none. */
  readonly textLimit?: number;
  /** See `VerbContext.columns`; default infinite. */
  readonly columns?: number;
  /** See `VerbContext.allRows`; the outcome then has the rows of the answer. */
  readonly allRows?: boolean;
  /**
   * The caller is a command line: without a root around the working folder, campaigns lie in that folder, and a gate reports to a
   * build server.
   */
  readonly commandLine?: boolean;
  /** See `VerbContext.foreground`. */
  readonly foreground?: boolean;
  /** How the caller writes calls; default as fields. */
  readonly dialect?: Dialect;
  /** The caller looks at pictures; the outcome then has those that the work drew. */
  readonly looks?: boolean;
  /** The caller's program shows a web page beside the answer; the outcome then has that of the work. */
  readonly explores?: boolean;
  /** Whether the caller can call the verb of this name; default any. */
  readonly offers?: (verb: string) => boolean;
  /** Takes in what a call started and may leave behind when it is stopped. */
  readonly unfinished?: Unfinished;
  readonly resolveRoot: (explicit: string | undefined) => { readonly root: string; readonly source: string };
  readonly progress?: (done: number, total: number, message: string) => void;
  /** The caller is a shell on this machine, whose pipes may stand for files that are read. */
  readonly pipes?: boolean;
  /** Where the caller will write the report of a gate; refused before anything is done where that is not ours to write. */
  readonly junit?: string | undefined;
  /** Asks the person behind the client to confirm the exact commands; absent where nobody can be asked. */
  readonly confirm?: (commands: readonly string[]) => Promise<boolean>;
}

export interface Outcome {
  readonly ok: boolean;
  /** It worked and reports a failure, such as that of a job. */
  readonly reportsFailure: boolean;
  readonly structured: Record<string, unknown>;
  readonly text: string;
  /** Warnings that belong before the text. */
  readonly notices: readonly string[];
  readonly links: readonly Link[];
  /** What the work drew, the most telling first; none where the host does not look. */
  readonly pictures: readonly ShownPicture[];
  /** A web page of the result, where the host shows one and the work made one. */
  readonly page: string | null;
  readonly exitCode: number;
  /** What a gate reports to a build server; null of other verbs, of a dry run, elsewhere than on a command line, and while there is no result. */
  readonly report: GateReport | null;
  /** The rows of the answer, where the host asked for them and the verb has some. */
  readonly rows: Rows | null;
}

/** Thrown through `run` by a host whose confirmation needs another round trip; never turned into a result. */
export class Suspended extends Error {
  readonly value: unknown;
  constructor(value: unknown) {
    super('the call continues after the person has answered');
    this.value = value;
  }
}
