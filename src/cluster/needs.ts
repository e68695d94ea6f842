// What commands must reach and read where they run: servers with the models that these serve, and files. Asked there by one script, or from
// this machine; what is found is said, and no value of a variable ever is.
import { check, type Check } from './check.ts';
import { ANSWER_END, probeScript } from './pod-scripts.ts';

/** What commands must find. */
export interface Needs {
  /** Base URLs without `/v1`, with the model that is asked for there; undefined where none is named. */
  readonly servers: ReadonlyMap<string, string | undefined>;
  /** Paths as the commands have them. */
  readonly files: readonly string[];
}

/** How a page was answered, or a file is. */
export interface Answer {
  readonly state: string;
  readonly body: string;
}

const modelsUrl = (server: string): string => `${server}/v1/models`;

/** What is asked about: pages of the servers, then files. */
export const subjectsOf = ({ servers, files }: Needs): string[] => [...[...servers.keys()].map(modelsUrl), ...files];

/** Arguments: script that asks for a page, then pages and files. A line for each: a word, and for a page what it says in base64. */
const ASK = `
probe=$1
shift
for subject in "$@"; do
  case "$subject" in
    http://*|https://*) sh -c "$probe" sh "$subject" | head -n 2 | tr '\\n' ' ' ;;
    *) if [ -r "$subject" ]; then printf readable; elif [ -e "$subject" ]; then printf unreadable; else printf absent; fi ;;
  esac
  echo
done
echo "${ANSWER_END}"
`;

export const askWords = (subjects: readonly string[]): string[] => ['sh', '-c', ASK, 'sh', probeScript, ...subjects];

/** The lines of `askWords` without the last one. */
export const parseAnswers = (lines: readonly string[]): Answer[] =>
  lines.map((line) => {
    const [state = '', body = ''] = line.trim().split(' ');
    return { state, body: Buffer.from(body, 'base64').toString('utf8') };
  });

interface ModelList {
  readonly data?: readonly { readonly id?: string }[];
}

/** Names of models in an answer of `/v1/models`; empty where it is none. */
export const modelsIn = (body: string): string[] => {
  try {
    return ((JSON.parse(body) as ModelList).data ?? []).flatMap(({ id }) => (typeof id === 'string' ? [id] : [])); // checked boundary: strings only
  } catch {
    return [];
  }
};

/** What is wrong with the models of an answer: `serves x, not y`; null where nothing is, or nobody says. */
export const otherModels = (body: string, model: string | undefined): string | null => {
  const models = modelsIn(body);
  if (model === undefined || models.length === 0 || models.includes(model)) return null;
  return `serves ${models.slice(0, 3).join(', ')}, not ${model}`;
};

/** `unseen`: what a server that does not answer, or a file that is not there, means; `unknown` where the commands may see more. */
export type Unseen = 'bad' | 'unknown';

const serverCheck = (server: string, model: string | undefined, { state, body }: Answer, unseen: Unseen): Check => {
  const name = `server ${server}`;
  if (state === 'silent') return check(name, unseen, `does not answer: ${body.trim().slice(0, 200)}`);
  if (state !== 'answers') return check(name, 'unknown', 'there is neither curl nor python3 to ask with');
  const other = otherModels(body, model);
  if (other !== null) return check(name, 'bad', other);
  return check(name, 'ok', model !== undefined && modelsIn(body).includes(model) ? `serves ${model}` : 'answers');
};

const FILES: Readonly<Record<string, string>> = { unreadable: 'may not be read', absent: 'is not there' };

const fileCheck = (path: string, { state }: Answer, unseen: Unseen): Check =>
  state === 'readable'
    ? check(`file ${path}`, 'ok', 'can be read')
    : check(`file ${path}`, state === 'absent' ? unseen : 'bad', FILES[state] ?? 'is not known');

/** Answers in the order of `subjectsOf`. */
export const needsChecks = ({ servers, files }: Needs, answers: readonly Answer[], unseen: Unseen = 'bad'): Check[] => {
  const none: Answer = { state: '', body: '' };
  return [
    ...[...servers].map(([server, model], index) => serverCheck(server, model, answers[index] ?? none, unseen)),
    ...files.map((path, index) => fileCheck(path, answers[servers.size + index] ?? none, unseen)),
  ];
};

/** The same before anybody could ask. */
export const unaskedChecks = ({ servers, files }: Needs, when: string): Check[] =>
  [...[...servers.keys()].map((server) => `server ${server}`), ...files.map((path) => `file ${path}`)].map((name) =>
    check(name, 'unknown', `is asked ${when}`),
  );
