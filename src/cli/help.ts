// Help texts, made from the manifest alone so that they cost no start-up time.
import type { Column } from '../render/document.ts';
import { textTable } from '../render/table.ts';
import { fullMeaning } from '../verb/field-text.ts';
import type { FieldSchema, ManifestEntry } from '../verb/manifest.ts';
import { callText, flagOf } from '../verb/next-step.ts';
import { FAMILIES } from '../verb/vocabulary.ts';
import { PROGRAM_WORDS } from './completion.ts';
import { shortName, type Program } from '../verb/program.ts';
import { TERMINAL_FLAGS } from './terminal-flags.ts';

const COLUMNS: readonly Column[] = [
  { title: '', fit: 'wrap' },
  { title: '', fit: 'wrap' },
];

/** Rows of two columns below a line that names them. */
const section = (title: string, rows: readonly (readonly string[])[], width: number): string =>
  `${title}${textTable(COLUMNS, rows, width)}`;

/** Most words of a choice that stand beside a flag; of more the meaning lists them. */
const MOST_CHOICES = 8;

const valueText = (schema: FieldSchema): string => {
  const variants = schema.anyOf?.map(valueText);
  if (variants !== undefined) return [...new Set(variants)].join('|');
  if (schema.enum !== undefined) return schema.enum.length > MOST_CHOICES ? 'name' : schema.enum.join('|');
  if (schema.type === 'array') return `${valueText(schema.items ?? {})}…`;
  return schema.type === 'boolean' || schema.const === true ? '' : String(schema.type ?? 'value');
};

/** The words of a choice of many. */
const choicesOf = (schema: FieldSchema): string => {
  const words = schema.enum ?? schema.items?.enum ?? [];
  return words.length > MOST_CHOICES ? ` Names: ${words.join(', ')}.` : '';
};

const takes = ({ input_schema: { properties } }: ManifestEntry, field: string): boolean => field in properties;

/** Exit codes that the verb adds to those of every verb. */
const ownExitCodes = (entry: ManifestEntry): string[][] => {
  if (entry.name === 'perf_baseline_verify') return [['  1', 'an entry is not as recorded']];
  if (entry.name === 'perf_tune_report_campaign_run')
    return [['  1', 'a cell is RED'], ['  4', 'a cell lacks a point']]; // prettier-ignore
  return [
    ...(takes(entry, 'strict')
      ? [
          ['  1', 'adverse, under --strict or --fail-on'],
          ['  3', 'inconclusive, under --strict with repeats'],
          ['  4', 'not comparable, or no valid trial, under --strict, --strict-context or --fail-on'],
        ]
      : []),
  ];
};

const COMMON_EXIT_CODES = [
  ['  0', 'done'],
  ['  2', 'a wrong call, a refusal, a bad file'],
  ['  5', 'a fault of the product'],
  ['  124', 'time limit'],
  ['  130', 'interrupted'],
];

const exitCodes = (entry: ManifestEntry): string[][] =>
  [...COMMON_EXIT_CODES, ...ownExitCodes(entry)].toSorted(([a], [b]) => Number(a) - Number(b));

/** Variables that change what the verb does or shows. */
const variables = (entry: ManifestEntry): string[][] => [
  ['  PROFILE_AND_OPTIMIZE_REPO_ROOT', 'the root, when --repo-root is not given'],
  ...(entry.safety === 'submits_jobs'
    ? [['  PROFILE_AND_OPTIMIZE_REQUIRE_HUMAN_ACK', '1: a person must confirm at the terminal']]
    : []),
  ...(takes(entry, 'campaigns_dir')
    ? [['  PERFREPORT_CAMPAIGNS_DIR', 'the folder of campaigns, when --campaigns-dir is not given']]
    : []),
  ...(takes(entry, 'clickhouse')
    ? [['  PERFREPORT_CLICKHOUSE_USER, PERFREPORT_CLICKHOUSE_PASSWORD', 'the account for --clickhouse']]
    : []),
  ...(takes(entry, 'sol_ceiling_key') ? [['  SOL_CEILINGS_YAML', 'a file of speed-of-light ceilings']] : []),
  ...(takes(entry, 'fail_on') ? [['  GITHUB_STEP_SUMMARY', 'a file to which a gate appends its report']] : []),
  ['  NO_COLOR, FORCE_COLOR, PAGER', 'how answers are shown on a terminal'],
];

const exampleLines = (entry: ManifestEntry, program: Program): string[] =>
  entry.examples.flatMap(({ title, input, needs }) => [
    `  # ${title}${needs === undefined ? '' : ` (needs ${needs})`}`,
    `  ${callText({ verb: entry.name, input }, program)}`,
  ]);

const flagRows = (entry: ManifestEntry): string[][] => {
  const required = entry.input_schema.required ?? [];
  const own = Object.entries(entry.input_schema.properties).map(([name, schema]) => [
    `  ${flagOf(name)} ${valueText(schema)}`,
    `${fullMeaning(name, schema)}${choicesOf(schema)}${required.includes(name) ? ' (required)' : ''}`,
  ]);
  const keyed = Object.keys(entry.keyed_flags).map((stem) => [
    `  --${stem}.<metric> N|N%|abs:N`,
    'One metric or glob.',
  ]);
  const gate = takes(entry, 'fail_on') ? [['  --junit PATH', 'Also write a JUnit file.']] : [];
  const shown = TERMINAL_FLAGS.map(({ flag, value, meaning }) => [`  ${flag} ${value ?? ''}`, meaning]);
  return [...own, ...keyed, ...gate, ...shown];
};

/** Help of one verb; `width` is that of the terminal in cells. */
export const verbHelp = (entry: ManifestEntry, program: Program, width = Infinity): string => {
  const required = entry.input_schema.required ?? [];
  const words = entry.positionals.map((name) => (required.includes(name) ? `<${name}>` : `[${name}]`));
  const needed = required.filter((name) => !entry.positionals.includes(name));
  const flags = needed.map((name) => `${flagOf(name)} <${name}>`);
  return [
    `${entry.annotations.title}: ${entry.description}`,
    '',
    ['usage:', program.program, shortName(entry.name, program), ...words, ...flags, '[flags]'].join(' '),
    section('', flagRows(entry), width).trimEnd(),
    '',
    'examples:',
    ...exampleLines(entry, program),
    section('\nexit codes:', exitCodes(entry), width),
    ...(entry.safety === 'submits_jobs' ? ['  of a job that failed: the code of its error'] : []),
    section('\nenvironment:', variables(entry), width),
  ].join('\n');
};

/** Help of a program: the verbs it knows, by family. */
export const programHelp = (
  { program, prefix }: Program,
  verbs: readonly ManifestEntry[],
  width = Infinity,
): string => {
  const own = verbs.filter((entry) => entry.name.startsWith(prefix));
  const rows = own.map((entry) => [`  ${entry.name.slice(prefix.length)}`, entry.annotations.title]);
  if (own.length === 0)
    return [
      `usage: ${program} <verb> [flags]`,
      `This version has no verb of ${program} yet; those that it has are listed by profile-and-optimize --help.`,
    ].join('\n');
  const serve = prefix === '' ? [['  mcp [--toolset names]', 'Serve MCP on stdio']] : [];
  const others = PROGRAM_WORDS.map(({ word, meaning }) => [`  ${word}`, meaning]);
  return [
    `usage: ${program} <verb> [flags]   (--help after a verb shows its flags)`,
    textTable(COLUMNS, [...rows, ...serve, ...others], width),
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
