// Turns an argument list into the typed input of a verb: flags in kebab-case or snake_case, positionals, repeats, JSON
// values. Used by the command line and for calls that send `args`. The only importer of commander.
import { numberParts } from './number-list.ts';
import { Fault } from '../text/fault.ts';
import { isRoundedInteger, roundedIntegers } from '../text/json.ts';
import { nearestName } from '../text/nearest.ts';
import { parseFinite } from '../text/parse-finite.ts';
import { booleanOf, numberOf } from './heal.ts';
import type { FieldSchema, ManifestEntry } from './manifest.ts';
import { ACK_FIELD } from './vocabulary.ts';

export interface FlagOptions {
  /** The acknowledgement may be a flag only where a person typed it. */
  readonly allowAck: boolean;
  /** Reads `@file` values; refused where absent. */
  readonly readFile?: (path: string) => string;
  /** Flags that the caller reads itself and that a misspelt one may have meant, in snake_case. */
  readonly further?: readonly string[];
}

const kebab = (name: string): string => name.replaceAll('_', '-');

const kindOf = (schema: FieldSchema): string => {
  if (typeof schema.type === 'string') return schema.type;
  const variants = schema.anyOf ?? [];
  const first = variants.map(kindOf).find((kind) => kind !== 'null');
  if (first !== undefined) return first;
  const literal = schema.const ?? schema.enum?.[0];
  return literal === undefined ? 'string' : typeof literal;
};

const usage = (code: string, message: string, fix: string): Fault => new Fault('usage', code, message, { fix });

const parseJsonValue = (text: string, flag: string, options: FlagOptions): unknown => {
  const source = text.startsWith('@') ? options.readFile?.(text.slice(1)) : text;
  if (source === undefined) throw usage('file_value_refused', `${flag} ${text}: no files here`, 'give the JSON itself');
  const [[, written] = []] = roundedIntegers(source);
  if (written !== undefined) parseFinite(written, flag);
  try {
    return JSON.parse(source);
  } catch {
    throw usage('flag_not_json', `${flag} wants JSON, got ${JSON.stringify(text)}`, 'quote the JSON for the shell');
  }
};

const scalar = (schema: FieldSchema, text: string, flag: string, options: FlagOptions): unknown => {
  const kind = kindOf(schema);
  if (kind === 'number' || kind === 'integer') {
    if (schema.anyOf?.some((variant) => kindOf(variant) === 'string') && !/^[+-.\d]/.test(text)) return text;
    return isRoundedInteger(text.trim())
      ? parseFinite(text, flag)
      : (numberOf(text, flag, schema) ?? parseFinite(text, flag));
  }
  return kind === 'object' ? parseJsonValue(text, flag, options) : text;
};

/** A list takes repeats; lists of numbers also take commas and blanks; a text that starts with `[` is JSON. */
const listValues = (schema: FieldSchema, text: string, flag: string, options: FlagOptions): unknown[] => {
  const items = schema.items ?? {};
  if (/^\s*\[/.test(text)) {
    const parsed = parseJsonValue(text, flag, options);
    return Array.isArray(parsed) ? parsed : [parsed];
  }
  const numeric = ['number', 'integer'].includes(kindOf(items));
  const parts = numeric ? numberParts(text) : [text];
  return parts.map((part) => scalar(items, part, flag, options));
};

const assign = (
  input: Record<string, unknown>,
  field: string,
  schema: FieldSchema,
  text: string,
  flag: string,
  options: FlagOptions,
): void => {
  const listed = kindOf(schema) === 'array' || schema.anyOf?.some((variant) => kindOf(variant) === 'array');
  if (listed) {
    const list = schema.anyOf?.find((variant) => kindOf(variant) === 'array') ?? schema;
    const before = input[field];
    input[field] = [...(Array.isArray(before) ? before : []), ...listValues(list, text, flag, options)];
    return;
  }
  if (input[field] !== undefined) throw usage('flag_repeated', `${flag} is given twice`, 'give it once');
  input[field] = scalar(schema, text, flag, options);
};

const keyedFlag = (entry: ManifestEntry, name: string): { field: string; key: string } | undefined => {
  const dot = name.indexOf('.');
  const field = dot > 2 && dot < name.length - 1 ? entry.keyed_flags[name.slice(2, dot)] : undefined;
  return field === undefined ? undefined : { field, key: name.slice(dot + 1) };
};

const assignKeyed = (input: Record<string, unknown>, field: string, key: string, text: string, flag: string): void => {
  const before = input[field];
  const value = text.endsWith('%')
    ? { percent: parseFinite(text.slice(0, -1), flag) }
    : text.startsWith('abs:')
      ? { absolute: parseFinite(text.slice(4), flag) }
      : { percent: parseFinite(text, flag) };
  input[field] = { ...(typeof before === 'object' ? before : {}), [key]: value };
};

/** What a text program makes of two hyphens. */
const PASTED_DASHES = /^[\u2010-\u2015\u2212]-?(?=[A-Za-z])/;

/** `typed` is the flag as it stands on the command line, where that is another. */
const unknownFlag = (entry: ManifestEntry, word: string, further: readonly string[], typed = word): Fault => {
  const [flag = ''] = word.split('=');
  const names = [...Object.keys(entry.input_schema.properties), ...Object.keys(entry.aliases)];
  const near = nearestName(flag.replace(/^--(no-)?/, ''), names) ?? nearestName(flag.slice(2), further);
  const fix = near === undefined ? `see --help of ${entry.name}` : `did you mean --${kebab(near)}?`;
  return new Fault('usage', 'unknown_flag', `${entry.name} has no flag ${typed.split('=')[0]}; ${fix}`, { fix });
};

interface Spec {
  readonly field: string;
  readonly schema: FieldSchema;
}

const flagTable = (entry: ManifestEntry): Map<string, Spec> => {
  const table = new Map<string, Spec>();
  const { properties } = entry.input_schema;
  for (const [field, schema] of Object.entries(properties)) table.set(`--${kebab(field)}`, { field, schema });
  for (const [alias, field] of Object.entries(entry.aliases)) {
    const schema = properties[field];
    if (schema !== undefined) table.set(`--${kebab(alias)}`, { field, schema });
  }
  return table;
};

/** Keyed flags (`--tolerance.ttft_p50_ms 3`) cannot be declared ahead; they are taken out before the declared ones are read. */
const takeKeyedFlags = (entry: ManifestEntry, argv: readonly string[], input: Record<string, unknown>): string[] => {
  const rest: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const token = argv[index] ?? '';
    const [name = '', inline] = token.startsWith('--') ? token.split(/=(.*)/s) : [token];
    const keyed = name.startsWith('--') ? keyedFlag(entry, name) : undefined;
    if (keyed === undefined) {
      rest.push(token);
      continue;
    }
    const value = inline ?? argv[(index += 1)];
    if (value === undefined) throw usage('flag_without_value', `${name} wants a value`, 'write the value after it');
    assignKeyed(input, keyed.field, keyed.key, value, name);
  }
  return rest;
};

/** Words that after a switch can only be its value. */
const SWITCH_WORD = /^(?:true|false|yes|no|on|off)$/i;

/** The switch as commander knows it: `--mtp`, or `--no-mtp`. The acknowledgement is given by no other word than true. */
const switchToken = (flag: string, value: string, { field }: Spec): string => {
  const on = field === ACK_FIELD && value !== 'true' && value !== 'false' ? undefined : booleanOf(value);
  if (on !== undefined) return on ? flag : `--no-${flag.slice(2)}`;
  const fix = `write ${flag}, or --no-${flag.slice(2)}`;
  throw usage('flag_not_boolean', `${flag} wants true or false, got ${JSON.stringify(value)}`, fix);
};

const isFlag = (token: string): boolean => /^--[A-Za-z]/.test(token);

/** The flag whose value `none` is meant by `--no-attach`, where that is one of its words. */
const deniedFlag = (flag: string, table: ReadonlyMap<string, Spec>): string | undefined => {
  if (table.has(flag) || !flag.startsWith('--no-')) return undefined;
  const denied = `--${flag.slice('--no-'.length)}`;
  return table.get(denied)?.schema.enum?.includes('none') === true ? denied : undefined;
};

/**
 * Flags in kebab-case; `--mtp=false`, `--mtp false` and `--mtp no` of switches become `--no-mtp`, `--no-attach` becomes
 * `--attach=none`. Nothing after `--` is a flag.
 */
const normaliseTokens = (tokens: readonly string[], table: ReadonlyMap<string, Spec>): string[] => {
  const done: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? '';
    if (token === '--') return [...done, ...tokens.slice(at)];
    const [name = '', inline] = isFlag(token) ? token.split(/=(.*)/s) : [token];
    const flag = isFlag(token) ? kebab(name) : token;
    const denied = inline === undefined ? deniedFlag(flag, table) : undefined;
    if (denied !== undefined) {
      done.push(`${denied}=none`);
      continue;
    }
    const spec = table.get(flag);
    const isSwitch = spec !== undefined && kindOf(spec.schema) === 'boolean';
    const next = spec === undefined || inline !== undefined ? undefined : tokens[at + 1];
    const value = next !== undefined && (!isSwitch || SWITCH_WORD.test(next)) ? [next] : [];
    if (isSwitch) done.push(switchToken(flag, inline ?? value[0] ?? 'true', spec));
    else done.push(inline === undefined ? flag : `${flag}=${inline}`, ...value);
    at += value.length;
  }
  return done;
};

/** A command given by one flag is a line of words, as one that a client sends as text: `--command 'python3 bench.py'`. */
const wholeCommand = (input: Record<string, unknown>): Record<string, unknown> => {
  const { command } = input;
  const [line, ...others] = Array.isArray(command) ? command : [];
  return typeof line === 'string' && others.length === 0 && /\s/.test(line) ? { ...input, command: line } : input;
};

/** What a word without a flag may have been meant for. */
const flagsLeft = ({ input_schema: { required = [] } }: ManifestEntry, input: Record<string, unknown>): string => {
  const left = required.filter((field) => input[field] === undefined).map((field) => `--${kebab(field)}`);
  return `name the flag it belongs to${left.length === 0 ? '' : `: ${left.join(', ')}`}`;
};

/** Reads an argument list. Throws a usage Fault that names the nearest flag, the flag without value, or the surplus word. */
export const parseFlags = async (
  entry: ManifestEntry,
  argv: readonly string[],
  options: FlagOptions,
): Promise<Record<string, unknown>> => {
  const { Command, CommanderError, Option } = await import('commander');
  const input: Record<string, unknown> = {};
  const table = flagTable(entry);
  const command = new Command(entry.name).exitOverride().allowExcessArguments(true).helpOption(false);
  command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  command.argument('[words...]');
  for (const [flag, { field, schema }] of table) {
    const on = (name: string, set: (value: string) => void): void => {
      command.addOption(new Option(name));
      command.on(`option:${name.replace(/^--/, '').replace(/ <.*/, '')}`, set);
    };
    if (kindOf(schema) === 'boolean') {
      on(flag, () => (input[field] = true));
      on(`--no-${flag.slice(2)}`, () => (input[field] = false));
    } else on(`${flag} <value>`, (value) => assign(input, field, schema, value, flag, options));
  }
  if (!table.has('--json')) command.addOption(new Option('--json'));
  const rest = takeKeyedFlags(entry, argv, input);
  const ackFlag = rest.find((token) => /^--i[-_]understand/.test(token));
  if (ackFlag !== undefined && !options.allowAck)
    throw new Fault('refused', 'ack_in_args', `${ackFlag} inside args is not an acknowledgement`, {
      fix: `set the field ${ACK_FIELD}: true beside args, or dry_run: true`,
    });
  try {
    command.parse(normaliseTokens(rest, table), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const flag = /'([^' ]+)/.exec(error.message)?.[1] ?? '';
    if (error.code === 'commander.unknownOption') throw unknownFlag(entry, flag, options.further ?? []);
    throw usage('flag_without_value', `${flag} wants a value`, 'write the value after it');
  }
  assignPositionals(entry, command.args, input, options);
  return wholeCommand(input);
};

const assignPositionals = (
  entry: ManifestEntry,
  words: readonly string[],
  input: Record<string, unknown>,
  options: FlagOptions,
): void => {
  const open = entry.positionals.filter((field) => input[field] === undefined);
  for (const [index, word] of words.entries()) {
    if (PASTED_DASHES.test(word))
      throw unknownFlag(entry, word.replace(PASTED_DASHES, '--'), options.further ?? [], word);
    const field = open[Math.min(index, open.length - 1)];
    const schema = field === undefined ? undefined : entry.input_schema.properties[field];
    const unexpected = `${entry.name}: unexpected ${JSON.stringify(word)}`;
    if (field === undefined || schema === undefined)
      throw usage('unexpected_word', unexpected, flagsLeft(entry, input));
    if (index >= open.length && kindOf(schema) !== 'array' && !schema.anyOf?.some((v) => kindOf(v) === 'array'))
      throw usage('unexpected_word', unexpected, flagsLeft(entry, input));
    assign(input, field, schema, word, field, options);
  }
};
