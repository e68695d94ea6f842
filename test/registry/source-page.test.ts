import { expect, it } from 'vitest';
import { sourcePage } from '../../src/registry/source-page.ts';
import { openLab, recordEntry, recording, scalarFacts } from './recording.ts';

const baselineWith = async (more: Parameters<typeof recording>[1] = {}) =>
  (await recordEntry(recording(openLab(), more))).baseline;

it('SOURCE.md has every section, and words where there is nothing to say', async () => {
  const baseline = await baselineWith({ registeredAt: { epochMs: Date.parse('2026-11-22T02:08:16Z'), micros: 0 } });
  expect(sourcePage(baseline, 'source-snapshot.json')).toBe(`# SOURCE: perf-baseline b200 / nccl_busbw

**Registered at (UTC):** \`2026-11-22T02:08:16Z\`
**Registered by:** \`ada\` on \`node-1\`
**profile-and-optimize SHA at registration:** \`0123456789ab\`

## Source

- Path: \`${baseline.source_path}\`
- SHA-256 (sha256): \`${baseline.source_sha256}\`
- Snapshot, 14 bytes: \`source-snapshot.json\` beside this file

## Capture command

_(not given)_

## Context

_(none)_

## Workstation

- \`Linux node-1 6.1.0 #1 x86_64\`
- Repository: _(not a repository)_

## Notes

_(none)_

## Attribution

User and host are an audit trail. They name nobody as owner or lead.
`);
});

it('SOURCE.md shows command, context, repository and notes', async () => {
  const baseline = await baselineWith({
    captureCommand: 'run ```x```',
    notes: 'warm cache',
    repoSha: 'abcdef0',
    repoDirty: false,
    facts: () => scalarFacts(310, { context: { model: 'llama', quant: null, gpu_uuids: ['GPU-1'] } }),
  });
  const page = sourcePage(baseline, 'source-snapshot.json');
  expect(page).toContain('## Capture command\n\n````\nrun ```x```\n````\n\n## Context\n\n| Field | Value |');
  for (const part of [
    '| quant | unknown |',
    '| model | llama |',
    '["GPU-1"]',
    '`abcdef0`, clean',
    '## Notes\n\nwarm cache',
  ])
    expect(page).toContain(part);
  expect(sourcePage({ ...baseline, repo_dirty: null }, 'x')).toContain('- Repository: `abcdef0`\n');
});
