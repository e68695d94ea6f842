// Help texts, made from the manifest alone so that they cost no start-up time.
import { textTable } from '../render/table.ts';
import { fullMeaning } from '../verb/field-text.ts';
import type { FieldSchema, ManifestEntry } from '../verb/manifest.ts';
import { FAMILIES } from '../verb/vocabulary.ts';
import type { Program } from './program.ts';

const flag = (name: string): string => `--${name.replaceAll('_', '-')}`;

const valueText = (schema: FieldSchema): string => {
  const variants = schema.anyOf?.map(valueText);
  if (variants !== undefined) return [...new Set(variants)].join('|');
  if (schema.enum !== undefined) return schema.enum.join('|');
  if (schema.type === 'array') return `${valueText(schema.items ?? {})}…`;
  return schema.type === 'boolean' || schema.const === true ? '' : String(schema.type ?? 'value');
};

/** Help of one verb. */
export const verbHelp = (entry: ManifestEntry, { program, prefix }: Program): string => {
  const required = entry.input_schema.required ?? [];
  const words = entry.positionals.map((name) => (required.includes(name) ? `<${name}>` : `[${name}]`));
  const rows = Object.entries(entry.input_schema.properties).map(([name, schema]) => [
    `  ${flag(name)} ${valueText(schema)}`,
    `${fullMeaning(name, schema)}${required.includes(name) ? ' (required)' : ''}`,
  ]);
  const keyed = Object.keys(entry.keyed_flags).map((stem) => [
    `  --${stem}.<metric> N|N%|abs:N`,
    'One metric or glob.',
  ]);
  const gates = 'fail_on' in entry.input_schema.properties ? [['  --junit PATH', 'Also write a JUnit file.']] : [];
  const table = textTable(
    [{ title: '' }, { title: '' }],
    [...rows, ...keyed, ...gates, ['  --json', 'Print one JSON object.']],
  );
  const usage = [
    program,
    entry.name.startsWith(prefix) ? entry.name.slice(prefix.length) : entry.name,
    ...words,
    '[flags]',
  ].join(' ');
  return [`${entry.annotations.title}: ${entry.description}`, '', `usage: ${usage}`, table.trimEnd()].join('\n');
};

/** Help of a program: the verbs it knows, by family. */
export const programHelp = ({ program, prefix }: Program, verbs: readonly ManifestEntry[]): string => {
  const own = verbs.filter((entry) => entry.name.startsWith(prefix));
  const rows = own.map((entry) => [`  ${entry.name.slice(prefix.length)}`, entry.annotations.title]);
  if (own.length === 0)
    return [
      `usage: ${program} <verb> [flags]`,
      `This version has no verb of ${program} yet; those that it has are listed by profile-and-optimize --help.`,
    ].join('\n');
  const serve = prefix === '' ? [['  mcp [--toolset names]', 'Serve MCP on stdio']] : [];
  return [
    `usage: ${program} <verb> [flags]   (--help after a verb shows its flags)`,
    textTable([{ title: '' }, { title: '' }], [...rows, ...serve]),
  ].join('\n');
};

/** Help of the server. */
export const mcpHelp = (empty: readonly string[]): string =>
  [
    'usage: profile-and-optimize mcp [--toolset names]   (also: profile-and-optimize-mcp)',
    'Serves MCP on stdin and stdout until stdin ends; logs go to stderr (PROFILE_AND_OPTIMIZE_LOG=info).',
    `  --toolset   comma list of core, ${FAMILIES.join(', ')}; default all`,
    '              (core: the main verbs, and call_verb for the rest)',
    ...(empty.length === 0 ? [] : [`              (no verb in this version: ${empty.join(', ')})`]),
  ].join('\n');
