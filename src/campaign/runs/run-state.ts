// What a run of a campaign has done, in `campaign-run.json`: every step of every cell, and what stands in the world because of it. Written
// before and after each step, so that a run that was killed at any moment goes on where it was.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../fs/atomic-file.ts';
import { inputFault } from '../../text/fault.ts';
import { jsonFile, parseJson } from '../../text/json.ts';

export const RUN_STEPS = [
  'deploy',
  'warm_up',
  'run',
  'counters',
  'dcgm',
  'aggregate',
  'tpm',
  'champion',
  'render',
  'diff',
  'record',
  'compare',
] as const;
export type RunStep = (typeof RUN_STEPS)[number];

const stepSchema = z.strictObject({
  state: z.enum(['done', 'skipped', 'failed']),
  /** What came of it, or why it was skipped or failed. */
  says: z.string(),
  /** ISO 8601 UTC. */
  at: z.string(),
});

const cellSchema = z.strictObject({
  steps: z.partialRecord(z.enum(RUN_STEPS), stepSchema),
  /** Colour of the comparison with the baseline; null where nothing was compared. */
  verdict: z.enum(['GREEN', 'YELLOW', 'RED']).nullable(),
  /** The registry's address of what was recorded. */
  entry: z.string().nullable(),
});

/** Something that was deployed; its words put back what was there before. */
const standingSchema = z.strictObject({
  /** The same deployment has the same key. */
  key: z.string(),
  cell: z.string(),
  restore: z.array(z.string()),
});

const stateSchema = z.strictObject({
  schema_version: z.literal(1),
  started_at: z.string(),
  /** Null while something is left to do. */
  ended_at: z.string().nullable(),
  standing: standingSchema.nullable(),
  cells: z.record(z.string(), cellSchema),
});

export type RunState = z.output<typeof stateSchema>;
export type CellRunState = z.output<typeof cellSchema>;
export type StepState = z.output<typeof stepSchema>;
export type Standing = z.output<typeof standingSchema>;

export const runStatePath = (campaign: string): string => join(campaign, 'campaign-run.json');

/** Null where the campaign was never run. Throws a Fault `run_state_invalid`. */
export const readRunState = (campaign: string): RunState | null => {
  const path = runStatePath(campaign);
  if (!existsSync(path)) return null;
  const found = stateSchema.safeParse(parseJson(readFileSync(path, 'utf8'), path));
  if (found.success) return found.data;
  throw inputFault('run_state_invalid', `${path}: ${found.error.issues[0]?.message ?? 'is no state of a run'}`, {
    path,
    fix: 'remove it: it was changed by hand; measured points stay',
  });
};

export const NO_STEPS: CellRunState = { steps: {}, verdict: null, entry: null };

/** The state in memory and on disk; changes are written one after another. */
export interface RunBook {
  readonly state: () => RunState;
  /** ISO 8601 UTC. */
  readonly now: () => string;
  readonly cell: (cellId: string) => CellRunState;
  readonly update: (patch: Partial<RunState>) => Promise<void>;
  readonly updateCell: (cellId: string, patch: Partial<CellRunState>) => Promise<void>;
  readonly note: (cellId: string, step: RunStep, state: StepState['state'], says: string) => Promise<void>;
}

/** Opens the state of a run; `now` gives ISO 8601 UTC. */
export const openRunBook = (campaign: string, found: RunState | null, now: () => string): RunBook => {
  let state: RunState = found ?? { schema_version: 1, started_at: now(), ended_at: null, standing: null, cells: {} };
  let writing = Promise.resolve();
  const update = (patch: Partial<RunState>): Promise<void> => {
    state = { ...state, ...patch };
    writing = writing.then(() => replaceFile(runStatePath(campaign), jsonFile(state)));
    return writing;
  };
  const cell = (cellId: string): CellRunState => state.cells[cellId] ?? NO_STEPS;
  const updateCell = (cellId: string, patch: Partial<CellRunState>): Promise<void> =>
    update({ cells: { ...state.cells, [cellId]: { ...cell(cellId), ...patch } } });
  return {
    state: () => state,
    now,
    cell,
    update,
    updateCell,
    note: (cellId, step, word, says) =>
      updateCell(cellId, { steps: { ...cell(cellId).steps, [step]: { state: word, says, at: now() } } }),
  };
};
