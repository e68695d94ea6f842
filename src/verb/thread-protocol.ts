// What the thread of a heavy call is given and what it answers. Faults cross as data, since a thrown error loses its fields.
import { Fault, type FaultDetails, type FaultKind } from '../text/fault.ts';
import { presentMoment } from '../text/time.ts';
import type { ShownPicture, VerbContext } from './context.ts';
import { faultOf } from './failure.ts';
import { pathReader } from './spooled-pipes.ts';

/** The facts of a context; what is a function is made anew on the other side. */
export type ContextFacts = Pick<
  VerbContext,
  | 'root'
  | 'cwd'
  | 'env'
  | 'product'
  | 'dryRun'
  | 'foreground'
  | 'textLimit'
  | 'columns'
  | 'allRows'
  | 'productFolder'
  | 'campaigns'
  | 'pipes'
> & { readonly looks: boolean; readonly explores: boolean };

export interface ThreadRequest {
  readonly verb: string;
  readonly input: unknown;
  readonly context: ContextFacts;
}

export interface ThreadFault {
  readonly kind: FaultKind;
  readonly code: string;
  readonly message: string;
  readonly details: Omit<FaultDetails, 'cause'>;
  readonly stack: string | undefined;
}

export type ThreadMessage =
  | { readonly what: 'progress'; readonly done: number; readonly total: number; readonly message: string }
  | { readonly what: 'pictures'; readonly pictures: readonly ShownPicture[] }
  | { readonly what: 'page'; readonly page: string }
  | { readonly what: 'data'; readonly data: Record<string, unknown> }
  | { readonly what: 'fault'; readonly fault: ThreadFault };

/** Sent to a thread whose call was stopped: name and message of the reason. */
export interface ThreadStop {
  readonly name: string;
  readonly message: string;
}

export const factsOf = (context: VerbContext): ContextFacts => {
  const { root, cwd, campaigns, env, product, dryRun, foreground, textLimit, columns, allRows, productFolder, pipes } =
    context;
  return {
    root,
    cwd,
    campaigns,
    env: { ...env },
    product,
    dryRun,
    foreground,
    textLimit,
    columns,
    allRows,
    productFolder,
    pipes,
    looks: context.show !== null,
    explores: context.explore !== null,
  };
};

/** The context inside of the thread. */
export const contextOf = (
  { looks, explores, ...facts }: ContextFacts,
  signal: AbortSignal,
  post: (message: ThreadMessage) => void,
): VerbContext => ({
  ...facts,
  signal,
  now: presentMoment,
  path: pathReader(facts),
  progress: (done, total, message) => post({ what: 'progress', done, total, message }),
  explore: explores ? (page) => post({ what: 'page', page }) : null,
  show: looks ? (pictures) => post({ what: 'pictures', pictures }) : null,
});

export const faultMessage = (error: unknown): ThreadMessage => {
  const { kind, code, message, details, stack } = faultOf(error);
  const { cause, ...told } = details;
  return {
    what: 'fault',
    fault: { kind, code, message, details: told, stack: cause instanceof Error ? cause.stack : stack },
  };
};

/** The fault of the thread, with the stack that it had there. */
export const thrownFault = ({ kind, code, message, details, stack }: ThreadFault): Fault => {
  const cause = new Error(message);
  if (stack !== undefined) cause.stack = stack;
  return new Fault(kind, code, message, { ...details, cause });
};
