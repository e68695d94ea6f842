// Runs that lie beside results and are none: compliance and accuracy runs of MLPerf. Their load and their length are those of a test of
// rules, so that their speed says nothing of a machine.
import type { RowFacts } from './row-facts.ts';
import type { Finding } from './violation.ts';

/** `TEST01` to `TEST09` as a word, or the words themselves. */
const COMPLIANCE = /(?:^|[^a-z0-9])(?:test0\d|compliance|accuracy[ _-]?only)(?:[^a-z0-9]|$)/i;

export const runKind = ({ row }: RowFacts): Finding[] => {
  const { cell_id, raw_path, notes, dataset, extra } = row;
  const kind = typeof extra['run_kind'] === 'string' ? extra['run_kind'] : '';
  const where = [kind, raw_path, notes, dataset, cell_id].find((text) => COMPLIANCE.test(text));
  if (where === undefined) return [];
  const [expected, seen] = [0, row.completed_requests ?? row.num_prompts ?? 0];
  return [
    {
      balance: 'run_kind',
      severity: 'impossible',
      expected,
      seen,
      unit: 'requests',
      cause: 'compliance_run',
      of: `${where.slice(0, 120)} names a compliance run`,
    },
  ];
};
