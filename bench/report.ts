// The report of the made-up campaign as a whole process, beside a bare Node and the typesetter alone; and the report of a campaign of ten
// thousand points, in time and memory.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { rowLine } from '../src/campaign/row-text.ts';
import { composeReport, typesetReport } from '../src/report/compose.ts';
import { reportData } from '../src/report/report-data.ts';
import { smokeRows } from '../src/report/smoke/fixture.ts';
import { median, table } from './figures.ts';
import { processCost, type ProcessCost } from './process-cost.ts';

const CLI = resolve('dist/perftunereport.mjs');
const RUNS = 5;
const LIMIT = { mb: 500 };
/** Copies of the made-up campaign, each with an engine of its own, that hold ten thousand points. */
const COPIES = 44;

const middle = (costs: readonly ProcessCost[]): ProcessCost => ({
  ms: median(costs.map(({ ms }) => ms)),
  cpu: median(costs.map(({ cpu }) => cpu)),
  mb: median(costs.map(({ mb }) => mb)),
});

const repeated = (argv: readonly string[], runs = RUNS): ProcessCost =>
  middle(Array.from({ length: runs }, () => processCost(argv)));

const typesetAlone = async (): Promise<number> => {
  const request = { campaign: 'bench', title: 'bench', variantsLine: null, dataSourceLine: null, rows: smokeRows(), focus: 'throughput', labelled: [1, 8, 32], invented: true };
  const report = composeReport(reportData(request), new Date(0));
  // The first run alone: later ones find what it laid out.
  const { user, system } = process.cpuUsage();
  await typesetReport(report, 'bench', []);
  const after = process.cpuUsage();
  return (after.user - user + after.system - system) / 1000;
}; // prettier-ignore

const line = (name: string, { ms, cpu, mb }: ProcessCost): string[] => [
  name,
  ms.toFixed(0),
  cpu.toFixed(0),
  mb.toFixed(0),
];

export const benchReport = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-report-'));
  try {
    const campaign = join(folder, 'campaigns', 'large-20260101T000000Z');
    mkdirSync(join(campaign, 'cells'), { recursive: true });
    const copies = Array.from({ length: COPIES }, (_, copy) => smokeRows().map((row) => rowLine({ ...row, cell_id: `${row.cell_id}-${copy}`, engine_version: `v${copy}` }))).flat();
    writeFileSync(join(campaign, 'atlas.jsonl'), copies.join(''));
    const bare = repeated([process.execPath, '-e', '0']);
    const smoke = repeated([process.execPath, CLI, 'smoke', '--out', join(folder, 'smoke.pdf')]);
    const typesetter = await typesetAlone();
    const large = repeated([process.execPath, CLI, 'report_render', '--campaign', campaign, '--campaigns-dir', join(folder, 'campaigns'), '--out', join(folder, 'large.pdf')], 1);
    table('Reports', ['what', 'wall ms', 'CPU ms', 'peak MB'], [
      line('bare Node', bare),
      line('report_smoke', smoke),
      ['its typesetting alone', '', typesetter.toFixed(0), ''],
      line(`report_render of ${copies.length} rows`, large),
    ]);
    if (large.mb > LIMIT.mb) console.log(`\nabove the limit of ${LIMIT.mb} MB`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}; // prettier-ignore
