// Asks a server for its metrics before, during and after a command that loads it, and keeps the pages beside what the command writes: from
// them the importer makes what the server says of the point. A server without metrics is said, and never stops a measurement.
import { existsSync } from 'node:fs';
import { appendFile, mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFile } from '../../fs/atomic-file.ts';
import { onFile } from '../../fs/io-fault.ts';
import { createDeferredQueue } from '../../load/deferred.ts';
import { createHttpClient, untilAborted } from '../../load/http-client.ts';
import { readMetricsText } from '../../load/server.ts';
import { readScrape } from '../scrape.ts';
import { gaugesOf } from '../server-gauges.ts';
import { scrapeFiles, scrapesIn } from '../server-times.ts';
import { sweptLoads } from './around-load.ts';

/** The metrics page of a server at its base URL; null where it has none. A pod asks from inside of the cluster. */
export type ReadMetrics = (server: string, signal: AbortSignal) => Promise<string | null>;

const PERIOD_MS = 2000;
const ANSWER_MS = 5000;

/** Asks from this machine. */
export const readMetricsHere: ReadMetrics = async (server, signal) => {
  if (!URL.canParse(server)) return null;
  const client = createHttpClient({ baseUrl: new URL(server), apiKey: null }, createDeferredQueue());
  try {
    return await readMetricsText(untilAborted(client, signal), ANSWER_MS);
  } finally {
    client.close();
  }
};

export interface WatchedPoint {
  /** Base URL; absent where the tool starts the server itself. */
  readonly server?: string;
  readonly concurrencies: readonly number[];
  readonly asksServer?: true;
}

export interface Watch {
  /** Ends it; why there are no metrics of the server, or null. */
  readonly stop: () => Promise<string | null>;
}

const without = (reason: string): Watch => ({ stop: () => Promise.resolve(reason) });

/** Appends the gauges of a page every two seconds, never two at a time; a page that cannot be had or kept is left out. */
const followGauges = (path: string, page: () => Promise<string | null>) => {
  let busy: Promise<void> | null = null;
  const take = async (): Promise<void> => {
    const text = await page();
    if (text === null) return;
    const line = { at: new Date().toISOString(), ...gaugesOf(readScrape(text)) };
    await appendFile(path, `${JSON.stringify(line)}\n`);
  };
  const timer = setInterval(() => {
    busy ??= take()
      .catch(() => undefined)
      .finally(() => (busy = null));
  }, PERIOD_MS);
  return async (): Promise<void> => {
    clearInterval(timer);
    await busy;
  };
};

/** Takes up what the words of the loads left; a load of which a page is lacking is said. */
const aroundLoads = (raw: string, concurrencies: readonly number[]): Watch => ({
  stop: async () => {
    const known = (await sweptLoads(raw)).filter(({ folder, concurrency }) => {
      const { before, after } = scrapesIn(folder, concurrency);
      return existsSync(before) && existsSync(after);
    });
    const lacks = concurrencies.filter((load) => !known.some(({ concurrency }) => concurrency === load));
    return lacks.length === 0 ? null : `no metrics of the server at concurrency ${lacks.join(', ')}: its /metrics did not answer there`;
  },
}); // prettier-ignore

/** Begins to watch the server of a command that measures one load; `raw` is the folder that the command writes into. */
export const watchServer = async (
  { server, concurrencies, asksServer }: WatchedPoint,
  { raw, read, signal }: { readonly raw: string; readonly read: ReadMetrics; readonly signal: AbortSignal },
): Promise<Watch> => {
  if (asksServer === true) return aroundLoads(raw, concurrencies);
  const [concurrency, ...others] = concurrencies;
  if (server === undefined) return without('no metrics of the server: the tool starts it itself');
  if (concurrency === undefined || others.length > 0) return without('no metrics of the server: one command measures several loads');
  const page = () => read(server, signal);
  const files = scrapeFiles(raw, concurrency);
  const before = await page();
  if (before === null) return without(`no metrics of the server: ${server} has no /metrics that answers`);
  await onFile(files.before, () => mkdir(dirname(files.before), { recursive: true }));
  await rm(files.during, { force: true });
  await replaceFile(files.before, before);
  const stopGauges = followGauges(files.during, page);
  const stop = async (): Promise<string | null> => {
    await stopGauges();
    const after = await page();
    if (after === null) return `no metrics of the server after concurrency ${concurrency}: ${server} did not answer`;
    await replaceFile(files.after, after);
    return null;
  };
  return { stop };
}; // prettier-ignore
