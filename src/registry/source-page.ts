// Renders SOURCE.md, the provenance of an entry for people. Pure; shows what `baseline.json` holds and nothing else.
import { markdownCode, markdownLine, markdownText } from '../render/escape.ts';
import { codeBlock, markdownTable } from '../render/markdown.ts';
import type { Baseline } from './entry-schema.ts';

const codeSpan = (text: string): string => markdownCode(text, false);

const contextTable = (baseline: Baseline): string => {
  const rows = Object.entries(baseline.context)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => [
      field,
      value === null ? 'unknown' : typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]);
  return rows.length === 0 ? '_(none)_' : markdownTable([{ title: 'Field' }, { title: 'Value' }], rows);
};

const repositoryLine = (baseline: Baseline): string => {
  if (baseline.repo_sha === null) return '_(not a repository)_';
  const state = baseline.repo_dirty === null ? '' : baseline.repo_dirty ? ', with local changes' : ', clean';
  return `${codeSpan(baseline.repo_sha)}${state}`;
};

/** What somebody wrote, line by line, without meaning as Markdown. */
const notesText = (notes: string): string =>
  notes
    .split(/\r?\n/)
    .map((line) => markdownLine(markdownText(line)))
    .join('\n');

/** SOURCE.md for an entry, ending in a newline. The snapshot is named by its file name in the entry. */
export const sourcePage = (baseline: Baseline, snapshotName: string): string => {
  const { operator_user: user, team } = baseline.registered_by;
  const { hostname, uname } = baseline.workstation;
  const sections = [
    `# SOURCE: perf-baseline ${baseline.family} / ${baseline.measurement}`,
    [
      `**Registered at (UTC):** ${codeSpan(baseline.registered_at_utc)}`,
      `**Registered by:** ${codeSpan(user)} on ${codeSpan(hostname)}${team === null ? '' : ` (${codeSpan(team)})`}`,
      `**profile-and-optimize SHA at registration:** ${codeSpan(baseline.profile_and_optimize_sha.slice(0, 12))}`,
    ].join('\n'),
    '## Source',
    [
      `- Path: ${codeSpan(baseline.source_path)}`,
      `- SHA-256 (${baseline.source_hash_format}): ${codeSpan(baseline.source_sha256)}`,
      `- Snapshot, ${baseline.source_bytes} bytes: ${codeSpan(snapshotName)} beside this file`,
    ].join('\n'),
    '## Capture command',
    baseline.capture_command === null ? '_(not given)_' : codeBlock(baseline.capture_command),
    '## Context',
    contextTable(baseline),
    '## Workstation',
    [`- ${codeSpan(uname)}`, `- Repository: ${repositoryLine(baseline)}`].join('\n'),
    '## Notes',
    baseline.notes === '' ? '_(none)_' : notesText(baseline.notes),
    '## Attribution',
    'User and host are an audit trail. They name nobody as owner or lead.',
  ];
  return `${sections.join('\n\n')}\n`;
};
