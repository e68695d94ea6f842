// Counts the requests of a connection that are not answered yet, so that its end can wait for them. Changes no message.
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';
import { settledWithin } from '../verb/unfinished.ts';

export interface WatchedTransport {
  readonly transport: Transport;
  /** True when every request was answered or cancelled within `ms` milliseconds. */
  readonly answeredWithin: (ms: number) => Promise<boolean>;
}

/** A transport that notes requests and answers on their way through `inner`. */
export const watchRequests = (inner: Transport): WatchedTransport => {
  const open = new Set<unknown>();
  let whenIdle: (() => void)[] = [];
  const close = (id: unknown): void => {
    open.delete(id);
    if (open.size > 0) return;
    whenIdle.forEach((resolve) => resolve());
    whenIdle = [];
  };
  const onIncoming = (message: JSONRPCMessage): void => {
    if (!('method' in message)) return;
    if ('id' in message) open.add(message.id);
    else if (message.method === 'notifications/cancelled') close(message.params?.['requestId']);
  };
  const transport: Transport = {
    start: () => {
      inner.onmessage = (message, extra) => {
        onIncoming(message);
        transport.onmessage?.(message, extra);
      };
      inner.onerror = (error) => transport.onerror?.(error);
      inner.onclose = () => transport.onclose?.();
      return inner.start();
    },
    send: async (message, options) => {
      await inner.send(message, options);
      if (!('method' in message) && 'id' in message) close(message.id);
    },
    close: () => inner.close(),
  };
  const idle = (): Promise<void> =>
    open.size === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(resolve));
  return { transport, answeredWithin: (ms) => settledWithin([idle()], ms) };
};
