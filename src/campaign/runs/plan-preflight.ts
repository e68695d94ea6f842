// What a dry run of a campaign sees at the places of its cells. Cells that run at the same place and need the same are asked about once.
import type { Environment } from '../../exec/environment.ts';
import { needsOf, ownServerOf } from '../cells/command-needs.ts';
import type { PlannedCell } from '../cells/measure-cell.ts';
import { checkLines, preflight } from '../cells/preflight.ts';

const NAMED = 3;

const namesOf = (cells: readonly PlannedCell[]): string => {
  const ids = [...new Set(cells.map(({ cellId }) => cellId))];
  return `${ids.slice(0, NAMED).join(', ')}${ids.length > NAMED ? `, … ${ids.length - NAMED} more` : ''}`;
};

/** The same for cells that are asked about together. */
const keyOf = ({ place, commands }: PlannedCell): string => {
  const { servers, files } = needsOf(commands);
  return JSON.stringify([place, [...servers], files, ownServerOf(commands)]);
};

/** `deploys`: servers are deployed before the cells are measured. */
export const preflightSeen = async (
  cells: readonly PlannedCell[],
  { env, deploys }: { readonly env: Environment; readonly deploys: boolean },
): Promise<string[]> => {
  const groups = new Map<string, PlannedCell[]>();
  for (const cell of cells) groups.set(keyOf(cell), [...(groups.get(keyOf(cell)) ?? []), cell]);
  const lines: string[] = [];
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const asker = { env, cwd: first.raw, inside: null, deploysFirst: deploys };
    lines.push(`# preflight of ${namesOf(group)}`, ...checkLines(await preflight(first.place, first.commands, asker)));
  }
  return lines;
};
