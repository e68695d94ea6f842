// Where prompts come from: a suite's generator or the lines of a JSONL file. Every prompt can be had by trial and index alone,
// the same seed gives the same prompts, and no two generated prompts begin alike unless the suite says so.
import { createHash } from 'node:crypto';
import { seededRandom } from '../stats/random.ts';
import { inputFault } from '../text/fault.ts';
import { canonicalJson, isJsonObject, parseJson, type JsonObject, type JsonValue } from '../text/json.ts';
import { INSTRUCTIONS, uniqueHead, writeText } from './prompt-text.ts';
import type { Suite } from './suites.ts';

export interface Message {
  readonly role: string;
  readonly content: string;
}

export interface Prompt {
  readonly messages: readonly Message[];
  /** Output tokens asked for. */
  readonly maxTokens: number;
}

export interface Dataset {
  readonly id: string;
  /** sha256 of the canonical JSON of the prompts, see `sampleHash`. */
  readonly hash: string;
  /** Prompts of one trial that differ; null when there is no end to them. */
  readonly size: number | null;
  readonly prompt: (trial: number, index: number) => Prompt;
}

/** Prompts that go into the hash of a generated data set: the first of the first trial. */
const HASHED_PROMPTS = 64;
/** Words that make a prompt's beginning its own. */
const HEAD_WORDS = 6;

const sha256 = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

/** One 32-bit number from several. */
const mixSeed = (...parts: readonly (number | string)[]): number =>
  createHash('sha256').update(JSON.stringify(parts)).digest().readUInt32LE(0);

export interface GeneratorOptions {
  readonly suite: Suite;
  readonly isl: number;
  readonly osl: number;
  readonly seed: number;
  /** Words in the text of the prompt and of the shared prefix, from `fitWords`. */
  readonly words: { readonly body: number; readonly prefix: number };
  /** Different in every run, so that prompts of an earlier run are not found in the cache; null repeats them exactly. */
  readonly runNonce: string | null;
}

/** The text of one generated prompt; `words` counts the body without head and instruction. */
export const generatePrompt = (
  { suite, osl, seed, runNonce }: Pick<GeneratorOptions, 'suite' | 'osl' | 'seed' | 'runNonce'>,
  words: GeneratorOptions['words'],
  trial: number,
  index: number,
): Prompt => {
  const head = uniqueHead(seededRandom(mixSeed('head', seed, runNonce ?? '', trial, index)), HEAD_WORDS);
  const body = writeText(suite.flavour, seededRandom(mixSeed('body', seed, trial, index)), words.body);
  const user = {
    role: 'user',
    content: [head, body, INSTRUCTIONS[suite.flavour]].filter((part) => part !== '').join('\n'),
  };
  if (words.prefix === 0) return { messages: [user], maxTokens: osl };
  const shared = writeText('prose', seededRandom(mixSeed('prefix', seed)), words.prefix);
  return { messages: [{ role: 'system', content: shared }, user], maxTokens: osl };
};

/** A suite's prompts. The hash is of the first 64 without the run's own heads, so it is the same in every run of one seed. */
export const generatedDataset = (options: GeneratorOptions): Dataset => {
  const plain = { ...options, runNonce: null };
  const sample = Array.from({ length: HASHED_PROMPTS }, (_, index) => generatePrompt(plain, options.words, 0, index));
  return {
    id: `builtin-${options.suite.id.replace('llm.inference.', '')}-${options.isl}-${options.osl}`,
    hash: sha256(sample.map((prompt) => prompt.messages)),
    size: null,
    prompt: (trial, index) => generatePrompt(options, options.words, trial, index),
  };
};

const messagesOf = (line: JsonObject): Message[] | null => {
  const text = line['prompt'] ?? line['text'] ?? line['question'];
  if (typeof text === 'string' && text !== '') return [{ role: 'user', content: text }];
  const turns = line['messages'] ?? line['conversations'];
  if (!Array.isArray(turns)) return null;
  const messages = turns.filter(isJsonObject).map((turn) => ({
    role: String(turn['role'] ?? (turn['from'] === 'gpt' ? 'assistant' : 'user')),
    content: turn['content'] ?? turn['value'],
  }));
  const spoken = messages.flatMap(({ role, content }) => (typeof content === 'string' ? [{ role, content }] : []));
  // A conversation is asked up to its last user turn: what the model answered then is what it is to answer now.
  const last = spoken.findLastIndex(({ role }) => role === 'user');
  return last < 0 ? null : spoken.slice(0, last + 1);
};

const OUTPUT_FIELDS = ['max_tokens', 'output_tokens', 'output_len', 'osl'] as const;

const promptOf = (line: JsonValue, defaultOsl: number, path: string, number: number): Prompt => {
  const messages = isJsonObject(line) ? messagesOf(line) : null;
  if (!isJsonObject(line) || messages === null)
    throw inputFault('prompt_missing', `${path}: line ${number} holds no prompt`, {
      path,
      at: `${number}:1`,
      fix: 'give every line a "prompt" string or a "messages" array with a user turn',
    });
  const asked = OUTPUT_FIELDS.map((field) => line[field]).find((value) => typeof value === 'number' && value >= 1);
  return { messages, maxTokens: typeof asked === 'number' ? Math.floor(asked) : defaultOsl };
};

/** A new array in an order drawn from the seed (Fisher and Yates). */
const shuffled = <T>(values: readonly T[], seed: number): T[] => {
  const random = seededRandom(seed);
  const order = values.map((value) => ({ value, key: random.uniform() }));
  return order.sort((a, b) => a.key - b.key).map(({ value }) => value);
};

export interface FileOptions {
  readonly path: string;
  /** Output tokens where a line does not say. */
  readonly osl: number;
  readonly seed: number;
  /** Trials that share the file: each begins at its own part. */
  readonly trials: number;
}

/**
 * The prompts of a JSONL file in an order drawn from the seed. Lines are `{prompt}`, `{text}`, `{messages}` or ShareGPT's
 * `{conversations}`, with an optional `max_tokens`. Throws a Fault `prompt_missing` or `dataset_empty`, or the JSON reader's.
 */
export const fileDataset = (text: string, { path, osl, seed, trials }: FileOptions): Dataset => {
  const prompts = text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => promptOf(parseJson(line, `${path}:${number}`), osl, path, number));
  const order = shuffled(prompts, mixSeed('order', seed));
  const [first] = order;
  if (first === undefined)
    throw inputFault('dataset_empty', `${path} holds no prompts`, { path, fix: 'write one JSON object per line' });
  const share = Math.floor(prompts.length / trials);
  return {
    id: path.replace(/^.*[/\\]/, ''),
    hash: sha256(prompts.map((prompt) => prompt.messages)),
    size: Math.max(1, share),
    prompt: (trial, index) => order[(trial * share + index) % order.length] ?? first,
  };
};
