// Samples of zymtrace out of its ClickHouse, by the HTTP interface and the queries that lie beside the tables they would fill
// (`zymtrace/top-gpu-frames.sql`). What has not arrived yet is not absent: an answer counts when it is not empty and the next one
// says the same. Credentials come from the environment and go into headers, never into a URL, a file or a message.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readNamedText } from '../../fs/named-text.ts';
import { formatFixed } from '../../render/numbers.ts';
import { Fault, inputFault } from '../../text/fault.ts';

export interface ClickHouse {
  readonly url: string;
  /** Parameters of the queries, `{since:String}` there; absent ones are not sent. */
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** Longest wait for samples that are still on their way. */
  readonly waitS: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly onWait: (message: string) => void;
}

/** Seconds between two questions: a part of the wait, at most five. */
const pollOf = (waitS: number): number => Math.min(5, waitS / 8);

/** Longest part of an error of the server that is repeated. */
const LONGEST_ANSWER = 300;

const endpointOf = ({ url, since, until }: ClickHouse): URL => {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw inputFault('clickhouse_url', `${JSON.stringify(url)} is no http address`, { fix: 'give http://host:8123' });
  const endpoint = new URL(url);
  if (endpoint.username !== '' || endpoint.password !== '')
    throw inputFault('clickhouse_url', 'the address holds credentials', {
      fix: 'set PERFREPORT_CLICKHOUSE_USER and PERFREPORT_CLICKHOUSE_PASSWORD instead',
    });
  endpoint.searchParams.set('default_format', 'TabSeparatedWithNames');
  endpoint.searchParams.set('readonly', '1');
  if (since !== undefined) endpoint.searchParams.set('param_since', since);
  if (until !== undefined) endpoint.searchParams.set('param_until', until);
  return endpoint;
};

const headersOf = ({ env }: ClickHouse): Record<string, string> => {
  const user = env['PERFREPORT_CLICKHOUSE_USER'];
  const password = env['PERFREPORT_CLICKHOUSE_PASSWORD'];
  return {
    ...(user === undefined ? {} : { 'X-ClickHouse-User': user }),
    ...(password === undefined ? {} : { 'X-ClickHouse-Key': password }),
  };
};

const answerTo = async (server: ClickHouse, sql: string, name: string): Promise<string> => {
  const endpoint = endpointOf(server);
  const request = { method: 'POST', body: sql, headers: headersOf(server), signal: server.signal };
  const response = await fetch(endpoint, request).catch((error: unknown) => {
    server.signal.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new Fault('input', 'clickhouse_unreachable', `${endpoint.origin} does not answer: ${cause}`, {
      fix: 'check the address, or give a bundle with the tables of zymtrace/',
    });
  });
  const text = await response.text();
  if (response.ok) return text;
  throw inputFault('clickhouse_refused', `${endpoint.origin} refuses ${name}: ${text.trim().slice(0, LONGEST_ANSWER)}`, {
    path: name,
    fix: 'correct the query, or the account in PERFREPORT_CLICKHOUSE_USER',
  });
}; // prettier-ignore

const ESCAPES: Readonly<Record<string, string>> = { t: ' ', n: ' ', r: ' ', "'": "'", '\\': '\\', '0': '' };

/** Fields as they are: ClickHouse escapes quotes and control characters in this format. */
const unescaped = (text: string): string => text.replace(/\\(.)/g, (whole, letter: string) => ESCAPES[letter] ?? whole);

export interface QueriedTable {
  /** Name of the table that the query fills. */
  readonly name: string;
  readonly text: string;
}

const linesOf = ({ text }: QueriedTable): number => text.split('\n').filter((line) => line.trim() !== '').length - 1;

/**
 * The tables as the queries of a folder give them, named after the `.sql` files. Throws a Fault `clickhouse_unreachable`,
 * `clickhouse_refused`, `clickhouse_url`, or `samples_absent` when the wait ends without samples.
 */
export const queryTables = async (folder: string, names: readonly string[], server: ClickHouse): Promise<QueriedTable[]> => {
  const queries = await Promise.all(names.map(async (name) => {
    const path = join(folder, name.replace(/\.tsv$/, '.sql'));
    if (!existsSync(path))
      throw inputFault('query_missing', `${path} is missing`, { path, fix: `write the query that fills ${name}: its columns in order, samples last` });
    return { name, path, sql: await readNamedText(path) };
  }));
  const ask = (): Promise<QueriedTable[]> =>
    Promise.all(queries.map(async ({ name, path, sql }) => ({ name, text: unescaped(await answerTo(server, sql, path)) })));
  const poll = pollOf(server.waitS);
  let tables = await ask();
  for (let waited = 0; waited < server.waitS; waited += poll) {
    server.onWait(`waiting for samples, ${formatFixed(waited, 0)} s`);
    await sleep(poll * 1000, undefined, { signal: server.signal });
    const next = await ask();
    const settled = next.every((table, index) => table.text === tables[index]?.text);
    tables = next;
    if (settled && tables.every((table) => linesOf(table) > 0)) return tables;
  }
  const empty = tables.filter((table) => linesOf(table) < 1).map(({ name }) => name);
  if (empty.length === 0) return tables;
  throw inputFault('samples_absent', `no samples for ${empty.join(', ')} after ${server.waitS} s`, {
    path: folder,
    fix: 'wait longer (--wait-s), or check that since and until cover the window',
  });
}; // prettier-ignore
