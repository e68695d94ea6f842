// The one error type of the product: what went wrong, the value seen, and how to fix it. Never carries a stack to a user.

/** Decides the exit code and whether a caller can fix the call. */
export type FaultKind =
  | 'usage' // wrong fields or flags
  | 'refused' // a rule says no (acknowledgement, path policy, tampered baseline)
  | 'input' // a file or value that cannot be used
  | 'not_comparable' // two sides that must not be compared
  | 'timeout'
  | 'interrupted'
  | 'internal';

export interface FaultDetails {
  /** How to fix it, as one sentence the caller can act on. */
  readonly fix?: string;
  /** File that is at fault. */
  readonly path?: string;
  /** Place inside the file: `line:column`, a JSON path, a page number. */
  readonly at?: string;
  readonly cause?: unknown;
  /** Further facts for a program; must be JSON. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** An error with a stable `code` (snake_case) that callers may match on. */
export class Fault extends Error {
  readonly kind: FaultKind;
  readonly code: string;
  readonly details: FaultDetails;

  constructor(kind: FaultKind, code: string, message: string, details: FaultDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Fault';
    this.kind = kind;
    this.code = code;
    this.details = details;
  }
}

/** `bad input` is the commonest fault; `path` and `at` say where. */
export const inputFault = (code: string, message: string, details: FaultDetails = {}): Fault =>
  new Fault('input', code, message, details);

/** The system error code (`ENOENT`, `EACCES`, …) of an unknown error, if it has one. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
