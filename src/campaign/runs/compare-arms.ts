// Compares each arm of a campaign with the first one when all are measured. The judge decides, asked by the verb that says what to measure
// next; what it says is kept beside the arms.
import { join } from 'node:path';
import { replaceFile } from '../../fs/atomic-file.ts';
import { objectAt, textAt } from '../../importers/json-fields.ts';
import type { JobContext } from '../../jobs/job-context.ts';
import { isJsonObject, jsonFile, type JsonObject } from '../../text/json.ts';
import { commandsFolder } from '../layout.ts';
import { armsFolder } from './arms.ts';
import type { CellRunState, RunBook } from './run-state.ts';
import { callVerb, knowsVerb } from './verb-call.ts';

const NEXT = 'perf_tune_report_campaign_next';

/** From best to worst. */
const COLOURS = ['GREEN', 'YELLOW', 'RED'] as const;
type Colour = CellRunState['verdict'];

const colourIn = (cell: JsonObject): Colour => COLOURS.find((colour) => colour === cell['verdict']) ?? null;

/** The worse of two; nothing is better than any. */
const worse = (one: Colour, other: Colour): Colour => {
  const rank = (colour: Colour): number => (colour === null ? -1 : COLOURS.indexOf(colour));
  return rank(one) >= rank(other) ? one : other;
};

const saysOf = (cell: JsonObject): string => {
  const against = textAt(cell, 'against') ?? 'the first arm';
  const decision = objectAt(cell, 'decision');
  if (decision === undefined) return `not judged against ${against}: ${textAt(cell, 'reason') ?? 'nothing says why'}`;
  const strength = textAt(decision, 'strength');
  return `${colourIn(cell) ?? 'no verdict'} against ${against}, decision ${textAt(decision, 'status') ?? ''}${strength === undefined ? '' : ` ${strength}`}: ${textAt(decision, 'reason') ?? ''}`;
}; // prettier-ignore

export interface ArmsCompared {
  /** Absolute path. */
  readonly campaign: string;
  readonly productFolder: string;
  readonly arms: readonly string[];
}

/** Notes what the judge says of every arm but the first. */
export const compareArms = async ({ campaign, productFolder, arms: [, ...others] }: ArmsCompared, job: JobContext, book: RunBook): Promise<void> => {
  const note = async (state: 'failed' | 'skipped', says: string): Promise<void> => {
    for (const arm of others) await book.note(arm, 'compare', state, says);
  };
  if (others.every((arm) => book.cell(arm).steps.compare?.state === 'done')) return;
  if (!knowsVerb(productFolder, NEXT)) return note('skipped', `this version has no ${NEXT}`);
  const call = { verb: NEXT, words: ['--campaign', campaign], records: commandsFolder(campaign) };
  const outcome = await callVerb(call, productFolder, job);
  if (job.signal.aborted) return;
  if ('failed' in outcome) return note('failed', outcome.failed);
  const { cells } = outcome.answer;
  const compared = (Array.isArray(cells) ? cells : []).filter(isJsonObject).filter((cell) => cell['kind'] === 'arm');
  await replaceFile(join(armsFolder(campaign), 'comparison.json'), jsonFile(compared));
  for (const cell of compared) {
    const arm = textAt(cell, 'cell');
    if (arm === undefined || !others.includes(arm)) continue;
    await book.note(arm, 'compare', 'done', saysOf(cell));
    await book.updateCell(arm, { verdict: worse(book.cell(arm).verdict, colourIn(cell)) });
  }
}; // prettier-ignore
