// A fix names fields as the caller writes them.
import { describe, expect, it } from 'vitest';
import { requireVerb } from '../../src/catalog/find-verb.ts';
import { Fault } from '../../src/text/fault.ts';
import { faultIn } from '../../src/verb/fault-dialect.ts';
import { MAIN_PROGRAM } from '../../src/verb/program.ts';

const entry = requireVerb('perf_tune_report_cell_run');
const fixIn = (fix: string, dialect: 'fields' | typeof MAIN_PROGRAM): string | undefined =>
  faultIn(dialect, new Fault('input', 'x', 'y', { fix }), entry).details.fix;

describe('a fix', () => {
  it.each([
    ['name another root with repo_root', 'name another root with --repo-root'],
    ['set dry_run: true to see the plan', 'set --dry-run to see the plan'],
    ['raise --time-limit-s', 'raise --time-limit-s'],
    ['write {"repo_root": "x"}, or repo_root/x', 'write {"repo_root": "x"}, or repo_root/x'],
    ['correct max_num_seqs', 'correct max_num_seqs'],
    ['give the campaign', 'give the campaign'],
  ])('on a command line: %s', (fix, said) => {
    expect(fixIn(fix, MAIN_PROGRAM)).toBe(said);
  });

  it.each([
    ['name an existing folder with --repo-root', 'name an existing folder with repo_root'],
    ['give --experiment-id', 'give --experiment-id'],
    ['set dry_run: true', 'set dry_run: true'],
  ])('over MCP: %s', (fix, said) => {
    expect(fixIn(fix, 'fields')).toBe(said);
  });
});
