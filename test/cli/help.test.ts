// Help says of exit codes what the page of exit codes says.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { requireVerb } from '../../src/catalog/find-verb.ts';
import { verbHelp } from '../../src/cli/help.ts';

const [, table = ''] = readFileSync('docs/exit-codes.md', 'utf8').split('## Which verb gives which');
const rows = [...table.matchAll(/^\| ([^|]+)\| ([\d, ]+)\|/gm)].flatMap(([, verbs = '', codes = '']) =>
  [...verbs.matchAll(/`([a-z_]+)`/g)].map(([, verb = '']) => ({ verb, codes: codes.match(/\d+/g) ?? [] })),
);

describe('help', () => {
  it.each(rows)('of $verb names the exit codes $codes', ({ verb, codes }) => {
    const help = verbHelp(requireVerb(verb), { program: 'profile-and-optimize', prefix: '' });
    const listed = help.slice(help.indexOf('\nexit codes:'), help.indexOf('\nenvironment:'));
    for (const code of codes) expect(listed).toMatch(new RegExp(`^ {2}${code} `, 'm'));
  });

  it('shows what a call needs, and where campaigns are looked for', () => {
    const help = verbHelp(requireVerb('perf_tune_report_cell_run'), {
      program: 'perftunereport',
      prefix: 'perf_tune_report_',
    });
    expect(help).toContain('usage: perftunereport cell_run --campaign <campaign> --cell <cell> [flags]');
    expect(help).toMatch(/^ {2}PERFREPORT_CAMPAIGNS_DIR /m);
  });

  it('reads the table of that page', () => expect(rows.length).toBeGreaterThan(5));
});
