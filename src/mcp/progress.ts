// Sends progress notifications when the client asked for them, at most ten a second.
import type { ServerContext } from '@modelcontextprotocol/server';

const INTERVAL_MS = 100;

/** A progress callback, or undefined when the request carries no progress token. */
export const progressReporter = (context: ServerContext) => {
  const progressToken = context.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return undefined;
  let last = -Infinity;
  return (done: number, total: number, message: string): void => {
    const now = performance.now();
    if (now - last < INTERVAL_MS && done !== total) return;
    last = now;
    const params = { progressToken, progress: done, message, ...(total > 0 ? { total } : {}) };
    context.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  };
};
