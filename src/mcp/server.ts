// The MCP server: serves the generated manifest as it stands and runs verbs through the one wrapper. Holds no state
// between calls; knows nothing of what the verbs do.
import { ProtocolError, ProtocolErrorCode, Server, type ServerContext } from '@modelcontextprotocol/server';
import { requireVerb } from '../catalog/find-verb.ts';
import type { Toolset } from '../catalog/toolset.ts';
import { Fault } from '../text/fault.ts';
import { faultOf } from '../verb/failure.ts';
import { Suspended, TEXT_LIMIT, type Host, type Outcome } from '../verb/host.ts';
import { failedOutcome, runVerb } from '../verb/run-verb.ts';
import { CALL_VERB_NAMES, meantCall, toolsOf, type MeantCall } from './call-verb.ts';
import { completeArgument } from './completion.ts';
import { confirmThrough, pendingConfirmation } from './confirmation.ts';
import { INSTRUCTIONS } from './instructions.ts';
import { createLinkedFiles, type LinkedFiles } from './linked-files.ts';
import { progressReporter } from './progress.ts';
import { appMeta, createShownPages, readApp, showsApps, withApp, type ShownPages } from './app.ts';
import { createShownPictures, type ShownPictures } from './shown-pictures.ts';
import { listResources, listTemplates, readResource } from './resources.ts';
import { isTooLarge, toolResult } from './tools.ts';

export const SERVER_NAME = 'profile_and_optimize';

export interface ServerSettings {
  readonly host: Omit<Host, 'signal' | 'progress' | 'confirm'>;
  readonly toolset: Toolset;
  /** Aborted when the connection is about to end: calls under way are refused. */
  readonly closing?: AbortSignal;
  /** What results linked to; of one connection where absent. */
  readonly linkedFiles?: LinkedFiles;
  /** What calls drew; of one connection where absent. */
  readonly pictures?: ShownPictures;
  /** Pages that calls made; of one connection where absent. */
  readonly pages?: ShownPages;
}

const unknownTool = (name: string): ProtocolError => {
  try {
    requireVerb(name);
  } catch (error) {
    if (error instanceof Fault) return new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
  }
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `tool ${name} is not in this toolset`);
};

const answerTooLarge = (tool: string): Fault =>
  new Fault('input', 'answer_too_large', `the answer of ${tool} is larger than a message may be`, {
    fix: 'ask for less (a metric, a filter, fewer files), or run it on the command line with --json',
  });

/** One server instance for one connection, of either protocol era. */
export const createServer = (settings: ServerSettings): Server => {
  const { host, toolset, closing, linkedFiles = createLinkedFiles(), pictures = createShownPictures() } = settings;
  const { pages = createShownPages() } = settings;
  const server = new Server(
    { name: SERVER_NAME, title: 'Profile and optimize', version: host.product.version },
    {
      capabilities: { tools: {}, resources: {}, completions: {} },
      instructions: INSTRUCTIONS,
    },
  );
  const tools = toolsOf(toolset);
  server.setRequestHandler('tools/list', (_request, context: ServerContext) => ({
    tools: showsApps(server, context) ? tools.map(withApp) : tools,
  }));
  server.setRequestHandler('tools/call', async (request, context: ServerContext) => {
    const { name, arguments: input } = request.params;
    let meant: MeantCall | undefined;
    try {
      meant = meantCall(name, input, toolset);
    } catch (error) {
      return toolResult(failedOutcome(CALL_VERB_NAMES, faultOf(error), { ...host, textLimit: TEXT_LIMIT }));
    }
    if (meant === undefined) throw unknownTool(name);
    const progress = progressReporter(context);
    const confirm = confirmThrough(server, context);
    let outcome: Outcome;
    try {
      outcome = await runVerb(meant.entry, meant.load, meant.input, {
        ...host,
        signal: context.mcpReq.signal,
        ...(closing === undefined ? {} : { closing }),
        textLimit: TEXT_LIMIT,
        looks: true,
        explores: showsApps(server, context),
        offers: (verb) => toolset.callable.some((entry) => entry.name === verb),
        ...(progress === undefined ? {} : { progress }),
        ...(confirm === undefined ? {} : { confirm }),
      });
    } catch (error) {
      const pending = error instanceof Suspended ? pendingConfirmation(error.value) : undefined;
      if (pending !== undefined) return pending;
      throw error;
    }
    linkedFiles.note(outcome);
    return isTooLarge(outcome)
      ? toolResult(failedOutcome(meant.entry, answerTooLarge(name), { ...host, textLimit: TEXT_LIMIT }))
      : toolResult(outcome, await pictures.blocks(outcome.pictures), appMeta(outcome.page, pages));
  });
  server.setRequestHandler('resources/list', async (request) => {
    try {
      return await listResources(host, request.params?.cursor);
    } catch (error) {
      throw error instanceof Fault ? new ProtocolError(ProtocolErrorCode.InvalidParams, error.message) : error;
    }
  });
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: listTemplates() }));
  server.setRequestHandler(
    'resources/read',
    async ({ params: { uri } }) =>
      pages.read(uri) ?? (await readApp(uri)) ?? (await pictures.read(uri)) ?? readResource(uri, host, linkedFiles),
  );
  server.setRequestHandler('completion/complete', (request) => completeArgument(request.params, host));
  return server;
};
