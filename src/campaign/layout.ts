// Where things lie in a campaign's folder. Names only.
import { join } from 'node:path';

const inFolder =
  (name: string) =>
  (campaign: string): string =>
    join(campaign, name);

export const configPath = inFolder('config.yaml');
export const sourcePath = inFolder('SOURCE.md');
export const summaryPath = inFolder('summary.md');
export const solSummaryPath = inFolder('sol-summary.md');
export const provenancePath = inFolder('provenance.json');
export const cellsFolder = inFolder('cells');
export const commandsFolder = inFolder('commands');
export const atlasPath = inFolder('atlas.jsonl');
export const tpmSummaryPath = (campaign: string, extension: 'json' | 'csv' | 'md'): string =>
  join(campaign, `tpm_summary.${extension}`);
export const reportPath = inFolder('report.pdf');
export const reportStatusPath = inFolder('report_status.json');
/** The pick: for programs, and for people. */
export const CHAMPION_FILES = { select: 'champion_select.json', page: 'CHAMPION.md' } as const;
export const championPath = inFolder(CHAMPION_FILES.select);
/** What was published of the campaign. */
export const lakeReceiptPath = inFolder('lake.json');
/** Where files are written before they take their place. */
export const stagingFolder = inFolder('.staging');
/** What `atlas_aggregate` has seen of each cell, so that it reads only what changed. */
export const aggregateIndexPath = inFolder('.aggregate.json');

/** Files of a cell's folder. */
export const CELL_FILES = {
  rows: 'normalized.json',
  status: 'status.txt',
  backend: 'backend.txt',
  source: 'SOURCE.md',
  raw: 'raw',
  commands: 'commands',
  kernels: 'kernels.json',
  ncuKernels: 'ncu_kernels.json',
  dcgm: 'dcgm_correlation.json',
  /** What `dcgm_correlation.json` is made from. */
  dcgmFrozen: 'dcgm-frozen.yaml',
  roofline: 'roofline_sweep.json',
  /** Rows of the table `roofline_v1` from it. */
  rooflineRows: 'roofline_v1.json',
  /** What was in a bundle and became no row. */
  unread: 'unread.json',
} as const;

export const cellFolder = (campaign: string, cell: string): string => join(cellsFolder(campaign), cell);

export const cellFile = (campaign: string, cell: string, file: keyof typeof CELL_FILES): string =>
  join(cellFolder(campaign, cell), CELL_FILES[file]);
