// Serves MCP on stdin and stdout until the client closes the stream. Nothing else may write to stdout.
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createServer, type ServerSettings } from './server.ts';

/** Starts serving; resolves when stdin ends. */
export const serve = async (settings: ServerSettings): Promise<void> => {
  const handle = serveStdio(() => createServer(settings), {
    onerror: (error) => void settings.host.log('warn', error.message),
  });
  await new Promise<void>((resolve) => {
    process.stdin.once('end', resolve);
    process.stdin.once('close', resolve);
    process.stdout.once('error', () => resolve());
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await handle.close();
};
