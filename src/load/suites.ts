// The suites: what kind of prompt, how long, how long the answer, and which service level they are held to. A suite states
// its input and output length; nothing about them is left to the data.
import { inputFault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import { parseSlo, type Slo } from './slo.ts';

/** Which word list and sentence frames a prompt is written from. */
export type Flavour = 'chat' | 'prose' | 'code' | 'random';

export interface Suite {
  /** Full id, `llm.inference.chatbot-short`. */
  readonly id: string;
  readonly version: string;
  readonly summary: string;
  readonly flavour: Flavour;
  /** Prompt tokens, chat template included. */
  readonly isl: number;
  /** Output tokens. */
  readonly osl: number;
  /** Leading prompt tokens that all requests share (a system prompt); 0 means that no two prompts begin alike. */
  readonly sharedPrefix: number;
  readonly sloTemplate: keyof typeof SLO_TEMPLATES;
}

/** Named service levels; each limit holds at p95 unless it says otherwise. */
export const SLO_TEMPLATES = {
  'llm.standard': 'ttft:200,tpot:50,e2e:3000',
  'llm.long-output': 'ttft:500,tpot:50',
  'llm.relaxed': 'ttft:1000,e2e:10000',
} as const;

const PREFIX = 'llm.inference.';

const suite = (
  name: string,
  flavour: Flavour,
  [isl, osl, sharedPrefix]: readonly [isl: number, osl: number, sharedPrefix: number],
  sloTemplate: keyof typeof SLO_TEMPLATES,
  summary: string,
): Suite => ({
  id: `${PREFIX}${name}`,
  version: '1.0.0',
  summary,
  flavour,
  isl,
  osl,
  sharedPrefix,
  sloTemplate,
});

export const SUITES: readonly Suite[] = [
  suite('chatbot-short', 'chat', [128, 128, 0], 'llm.standard', 'short question, short answer'),
  suite('chat-long', 'chat', [4096, 512, 512], 'llm.long-output', 'long conversation behind a shared system prompt'),
  suite('summarise', 'prose', [2048, 128, 0], 'llm.relaxed', 'long text in, short summary out'),
  suite('code', 'code', [1024, 512, 0], 'llm.long-output', 'code context in, code out'),
  suite('random', 'random', [1024, 128, 0], 'llm.relaxed', 'words without meaning, lengths as asked'),
];

export const SUITE_IDS: readonly string[] = SUITES.map(({ id }) => id);

/** A suite by full id or by its last part. Throws a Fault `suite_unknown` that names the nearest one. */
export const findSuite = (name: string): Suite => {
  const found = SUITES.find(({ id }) => id === name || id === `${PREFIX}${name}`);
  if (found !== undefined) return found;
  const near = nearestName(
    name.replace(PREFIX, ''),
    SUITE_IDS.map((id) => id.replace(PREFIX, '')),
  );
  throw inputFault('suite_unknown', `no suite ${JSON.stringify(name)}`, {
    fix:
      near === undefined
        ? `use one of ${SUITE_IDS.join(', ')}, or the path of a JSONL file`
        : `did you mean ${PREFIX}${near}?`,
  });
};

/** The service level of a template name or of a text such as `ttft:200,tpot:50@p99`. */
export const resolveSlo = (text: string): { readonly name: string | null; readonly slo: Slo } => {
  const template = Object.entries(SLO_TEMPLATES).find(([name]) => name === text);
  return template === undefined
    ? { name: null, slo: parseSlo(text) }
    : { name: template[0], slo: parseSlo(template[1]) };
};
