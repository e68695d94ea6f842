// What may stand next on a command line that is being typed: verbs, flags, values, and places of the registry. Made from the
// manifest, so that a new verb completes by itself. Answers quickly or not at all: it loads no verb and reads folder names only.
import { join } from 'node:path';
import { campaignNames } from '../campaign/find-campaign.ts';
import { findVerb, listVerbs } from '../catalog/find-verb.ts';
import { foldersIn } from '../registry/folder-names.ts';
import { registryFolder } from '../registry/layout.ts';
import { shortMeaning } from '../verb/field-text.ts';
import type { FieldSchema, ManifestEntry } from '../verb/manifest.ts';
import { flagOf } from '../verb/next-step.ts';
import { FAMILIES } from '../verb/vocabulary.ts';
import type { Program } from '../verb/program.ts';
import { COLOUR_CHOICES, TERMINAL_FLAGS } from './terminal-flags.ts';

export interface Candidate {
  readonly word: string;
  readonly meaning: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Names of files fit here too; the shell knows them best. */
  readonly files: boolean;
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Words that programs know beside verbs. */
export const PROGRAM_WORDS: readonly Candidate[] = [
  { word: 'completion', meaning: 'Print the completion script of a shell' },
  { word: 'help', meaning: 'Show the help of a verb' },
  { word: 'open', meaning: 'Open a report, a picture, an entry or a campaign' },
];
const SERVE_WORD: Candidate = { word: 'mcp', meaning: 'Serve MCP on stdio' };

/** Where names that complete are looked for. */
export interface Places {
  readonly root: string;
  readonly campaigns: string;
}

const NOTHING: Completion = { candidates: [], files: false };
const FILES: Completion = { candidates: [], files: true };

const values = (words: readonly (string | number)[]): Completion => ({
  candidates: words.map((word) => ({ word: String(word), meaning: '' })),
  files: false,
});

/** Fields that hold `family/measurement`. */
const ADDRESS_FIELDS = ['baseline', 'entry', 'place'];

const variantsOf = (schema: FieldSchema): readonly FieldSchema[] => schema.anyOf?.flatMap(variantsOf) ?? [schema];

const enumOf = (schema: FieldSchema): readonly (string | number)[] =>
  variantsOf(schema).flatMap((variant) => variant.enum ?? variant.items?.enum ?? []);

const isSwitch = (schema: FieldSchema): boolean =>
  variantsOf(schema).every(({ type, const: literal }) => type === 'boolean' || literal === true);

const isText = (schema: FieldSchema): boolean =>
  variantsOf(schema).some(({ type, items }) => type === 'string' || (type === 'array' && items?.type === 'string'));

/** The value that the words give to a flag, `--family llama`. */
const given = (words: readonly string[], flag: string): string | undefined => {
  const at = words.lastIndexOf(flag);
  return at < 0 ? undefined : words[at + 1];
};

const addresses = async (registry: string): Promise<string[]> => {
  const families = await foldersIn(registry);
  const places = families.map(async (family) =>
    (await foldersIn(join(registry, family))).map((measurement) => `${family}/${measurement}`),
  );
  return (await Promise.all(places)).flat();
};

const valueOf = async (
  field: string,
  schema: FieldSchema,
  words: readonly string[],
  entry: ManifestEntry,
  { root, campaigns }: Places,
): Promise<Completion> => {
  const known = enumOf(schema);
  if (known.length > 0) return values(known);
  if (!isText(schema)) return NOTHING;
  const isRegistry = entry.family === 'baseline';
  const registry = registryFolder(root);
  if (isRegistry && field === 'family') return values(await foldersIn(registry));
  if (isRegistry && field === 'measurement') {
    const family = given(words, '--family') ?? words.find((word) => !word.startsWith('-'));
    return family === undefined ? NOTHING : values(await foldersIn(join(registry, family)));
  }
  if (isRegistry && ADDRESS_FIELDS.includes(field)) return { ...values(await addresses(registry)), files: true };
  if (field === 'campaign') return { ...values(campaignNames(campaigns)), files: true };
  return FILES;
};

const flagsOf = (entry: ManifestEntry): Candidate[] => [
  ...Object.entries(entry.input_schema.properties).map(([field, schema]) => ({
    word: flagOf(field),
    meaning: shortMeaning(field, schema),
  })),
  ...TERMINAL_FLAGS.map(({ flag, meaning }) => ({ word: flag, meaning })),
  { word: '--help', meaning: 'Show the flags and examples.' },
];

const fieldOfFlag = (entry: ManifestEntry, flag: string): string | undefined => {
  const name = flag.replace(/^--/, '').replaceAll('-', '_');
  const field = entry.aliases[name] ?? name;
  return field in entry.input_schema.properties ? field : undefined;
};

/** Words without a flag, as far as the schemas say which flags take one. */
const positionalsIn = (words: readonly string[], entry: ManifestEntry): number => {
  let count = 0;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const field = word.startsWith('--') ? fieldOfFlag(entry, word) : undefined;
    const schema = field === undefined ? undefined : entry.input_schema.properties[field];
    if (word === '--color' || (schema !== undefined && !isSwitch(schema))) at += 1;
    else if (!word.startsWith('-')) count += 1;
  }
  return count;
};

/** What may follow the verb and `words`, of which the last is being typed. */
const afterVerb = async (entry: ManifestEntry, words: readonly string[], places: Places): Promise<Completion> => {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { properties } = entry.input_schema;
  const last = before.at(-1) ?? '';
  if (last === '--color') return values(COLOUR_CHOICES);
  const field = last.startsWith('--') ? fieldOfFlag(entry, last) : undefined;
  const schema = field === undefined ? undefined : properties[field];
  if (field !== undefined && schema !== undefined && !isSwitch(schema))
    return valueOf(field, schema, before, entry, places);
  if (typed.startsWith('-')) return { candidates: flagsOf(entry), files: false };
  const open = entry.positionals[Math.min(positionalsIn(before, entry), entry.positionals.length - 1)];
  const openSchema = open === undefined ? undefined : properties[open];
  if (open === undefined || openSchema === undefined) return { candidates: flagsOf(entry), files: false };
  return valueOf(open, openSchema, before, entry, places);
};

const verbWords = ({ prefix }: Program, typed: string): Candidate[] => {
  const kebab = typed.includes('-');
  return listVerbs()
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, annotations }) => {
      const word = name.slice(prefix.length);
      return { word: kebab ? word.replaceAll('_', '-') : word, meaning: annotations.title };
    });
};

/** The verb that the words begin with, and what follows it. */
const startedVerb = (words: readonly string[], { prefix }: Program) => {
  const [first = '', second = ''] = words;
  const one = findVerb(`${prefix}${first}`) ?? findVerb(first);
  if (one !== undefined && words.length > 1) return { entry: one, rest: words.slice(1) };
  const two = findVerb(`${prefix}${first}_${second}`);
  return two !== undefined && words.length > 2 ? { entry: two, rest: words.slice(2) } : undefined;
};

/** Bash hands over `--flag=value` in three words, others in one. */
const splitEquals = (words: readonly string[]): string[] =>
  words
    .flatMap((word) => {
      const [, flag, value] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? [];
      return flag === undefined || value === undefined ? [word] : [flag, value];
    })
    .filter((word, index, all) => word !== '=' || index === all.length - 1)
    .map((word) => (word === '=' ? '' : word));

const allFor = async (words: readonly string[], program: Program, places: Places): Promise<Completion> => {
  const [first = ''] = words;
  if (words.length <= 1) {
    const own = [...PROGRAM_WORDS, ...(program.prefix === '' ? [SERVE_WORD] : [])];
    return { candidates: [...verbWords(program, first), ...own], files: false };
  }
  if (first === 'completion') return values(SHELLS);
  if (first === 'help') return { candidates: verbWords(program, words.at(-1) ?? ''), files: false };
  if (first === 'open') {
    const names = [...(await addresses(registryFolder(places.root))), ...campaignNames(places.campaigns)];
    return { ...values(names), files: true };
  }
  if (first === 'mcp') return words.at(-2) === '--toolset' ? values(['core', ...FAMILIES]) : values(['--toolset']);
  const verb = startedVerb(words, program);
  return verb === undefined ? NOTHING : afterVerb(verb.entry, verb.rest, places);
};

/** What may complete the last of `words`, which may be empty; only candidates that begin with it. */
export const completionsFor = async (
  words: readonly string[],
  program: Program,
  places: Places,
): Promise<Completion> => {
  const split = splitEquals(words);
  const typed = split.at(-1) ?? '';
  const { candidates, files } = await allFor(split, program, places);
  return { candidates: candidates.filter(({ word }) => word.startsWith(typed)), files };
};
