// The report inside a conversation, for clients that show such pages (MCP Apps, the extension `io.modelcontextprotocol/ui` of 2026-01-26): the
// page, the tools that lead to it, and the reports that it may fetch. Clients that say nothing of it see none of this.
import { createHash } from 'node:crypto';
import {
  CLIENT_CAPABILITIES_META_KEY,
  ResourceNotFoundError,
  type ReadResourceResult,
  type Server,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server';
import { findVerb } from '../catalog/find-verb.ts';

export const APP = 'ui://profile-and-optimize/report.html';
export const APP_TYPE = 'text/html;profile=mcp-app';
const EXTENSION = 'io.modelcontextprotocol/ui';

const memberOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;

/** True for a client that shows pages of this kind, by what it says of itself in either protocol era. */
export const showsApps = (server: Server, context: ServerContext): boolean => {
  const envelope: Readonly<Record<string, unknown>> = context.mcpReq.envelope ?? {};
  const capabilities = envelope[CLIENT_CAPABILITIES_META_KEY] ?? server.getClientCapabilities();
  const types = memberOf(memberOf(memberOf(capabilities, 'extensions'), EXTENSION), 'mimeTypes');
  return Array.isArray(types) && types.includes(APP_TYPE);
};

/** The tool with its page, under the key of the specification and the one before it. */
export const withApp = (tool: Tool): Tool =>
  findVerb(tool.name)?.explored === true
    ? { ...tool, _meta: { ui: { resourceUri: APP }, 'ui/resourceUri': APP } }
    : tool;

/** The page itself; null for any other URI. It loads nothing and wants no border. */
export const readApp = async (uri: string): Promise<ReadResourceResult | null> => {
  if (uri !== APP) return null;
  const [{ appPage }, { pageScript }, { REPORT_SCRIPTS }] = await Promise.all([
    import('../report/html/app-page.ts'),
    import('../verb/page-script.ts'),
    import('../report/html/report-page.ts'),
  ]);
  const text = appPage(await pageScript('app'), await Promise.all(REPORT_SCRIPTS.map(pageScript)));
  return { contents: [{ uri, mimeType: APP_TYPE, text, _meta: { ui: { csp: {}, prefersBorder: false } } }] };
};

const REPORTS = 'perf://reports/';
/** Key of a result's `_meta`, which the page reads. */
const REPORT = 'profile-and-optimize/report';
const MOST_KEPT = 4;
/** A message that clients still take. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

/** Pages that calls made, the latest, while the server runs. */
export interface ShownPages {
  readonly keep: (page: string) => string;
  /** Null for any other URI. Throws the protocol's resource-not-found. */
  readonly read: (uri: string) => ReadResourceResult | null;
}

export const createShownPages = (): ShownPages => {
  const kept = new Map<string, string>();
  return {
    keep: (page) => {
      const uri = `${REPORTS}${createHash('sha256').update(page).digest('hex').slice(0, 16)}`;
      kept.delete(uri);
      kept.set(uri, page);
      for (const oldest of kept.keys()) {
        if (kept.size <= MOST_KEPT) break;
        kept.delete(oldest);
      }
      return uri;
    },
    read: (uri) => {
      if (!uri.startsWith(REPORTS)) return null;
      const text = kept.get(uri);
      if (text === undefined) throw new ResourceNotFoundError(uri, `${uri} is not kept any more: render it again`);
      return { contents: [{ uri, mimeType: 'text/html', text }] };
    },
  };
};

/** Says in a result where its page is; nothing where there is none, or where it is larger than a message may be. */
export const appMeta = (page: string | null, pages: ShownPages): Readonly<Record<string, unknown>> =>
  page === null || page.length > MOST_CHARACTERS ? {} : { [REPORT]: pages.keep(page) };
