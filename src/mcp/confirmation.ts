// Asks the person behind the client to confirm exact commands, in both protocol eras: the call is answered with a
// question and comes again with the answer.
import {
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
  isInputRequiredResult,
  type InputRequiredResult,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { Suspended } from '../verb/host.ts';

const KEY = 'confirm';

const canAsk = (server: Server, context: ServerContext): boolean => {
  const envelope: Readonly<Record<string, unknown>> = context.mcpReq.envelope ?? {};
  const capabilities = envelope[CLIENT_CAPABILITIES_META_KEY] ?? server.getClientCapabilities();
  return typeof capabilities === 'object' && capabilities !== null && 'elicitation' in capabilities;
};

const question = (commands: readonly string[]): InputRequiredResult =>
  inputRequired({
    inputRequests: {
      [KEY]: inputRequired.elicit({
        message: `Start this?\n${commands.map((command) => `  ${command}`).join('\n')}`,
        requestedSchema: {
          type: 'object',
          properties: { confirm: { type: 'boolean', title: 'Yes, start exactly these commands' } },
          required: ['confirm'],
        },
      }),
    },
  });

/** A `confirm` for the run wrapper, or undefined where the client cannot ask its user. */
export const confirmThrough = (server: Server, context: ServerContext) => {
  if (!canAsk(server, context)) return undefined;
  return async (commands: readonly string[]): Promise<boolean> => {
    const answer = inputResponse(context.mcpReq.inputResponses, KEY);
    if (answer.kind === 'missing') throw new Suspended(question(commands));
    return answer.kind === 'elicit' && answer.action === 'accept' && answer.content?.['confirm'] === true;
  };
};

/** The question inside a suspended call. */
export const pendingConfirmation = (value: unknown): InputRequiredResult | undefined =>
  isInputRequiredResult(value) ? value : undefined;
