// Speaks to the program that shows this page inside a conversation: JSON-RPC by messages to the window above (MCP Apps, 2026-01-26). Takes
// messages from that window alone.

export type Params = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Params => typeof value === 'object' && value !== null;

interface Waiting {
  readonly resolve: (result: Params) => void;
  readonly reject: (reason: Error) => void;
}

const waiting = new Map<number, Waiting>();
let last = 0;

const post = (message: Params): void => window.parent.postMessage({ jsonrpc: '2.0', ...message }, '*');

export const notify = (method: string, params: Params = {}): void => post({ method, params });

/** The result of the host. Rejects with its words where it refuses. */
export const request = (method: string, params: Params = {}): Promise<Params> =>
  new Promise((resolve, reject) => {
    last += 1;
    waiting.set(last, { resolve, reject });
    post({ id: last, method, params });
  });

const settle = ({ id, result, error }: Params): void => {
  const call = waiting.get(Number(id));
  waiting.delete(Number(id));
  if (isRecord(error)) call?.reject(new Error(String(error['message'])));
  else call?.resolve(isRecord(result) ? result : {});
};

/** What the host may ask of any page: whether it lives, and to make room. */
const ANSWERED = ['ping', 'ui/resource-teardown'];
const METHOD_NOT_FOUND = -32601;

const answer = ({ id, method }: Params): void =>
  ANSWERED.includes(String(method))
    ? post({ id, result: {} })
    : post({ id, error: { code: METHOD_NOT_FOUND, message: `this page has no ${String(method)}` } });

/** Hands notifications of the host to their listeners; answers its requests. */
export const listen = (listeners: Readonly<Record<string, (params: Params) => void>>): void =>
  addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
    if (source !== window.parent || !isRecord(data)) return;
    if (!('method' in data)) settle(data);
    else if ('id' in data) answer(data);
    else listeners[String(data['method'])]?.(isRecord(data['params']) ? data['params'] : {});
  });
