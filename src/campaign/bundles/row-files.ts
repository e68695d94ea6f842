// Files that hold rows already: `normalized.json` of cells and `atlas.jsonl` of a campaign. Rows are kept as they are, of whatever
// age; an atlas gives only the cells that no file of their own holds.
import { basename, join } from 'node:path';
import { readNamedText } from '../../fs/named-text.ts';
import { atlasRows, parseRows } from '../row-text.ts';
import type { AtlasRow } from '../row.ts';
import type { Bundle, BundleFolder, FoundCell, Layout } from './bundle.ts';

const isNamed = (name: string) => (file: string) => basename(file) === name;

interface RowsOf {
  readonly path: string;
  readonly rows: AtlasRow[];
}

const cellOf = (cellId: string, { path, rows }: RowsOf): FoundCell => ({
  cellId,
  identity: {},
  points: [],
  rows,
  raw: [path],
  extra: {},
  notes: [],
  files: [],
});

const find = async ({ path, files }: BundleFolder): Promise<Bundle | undefined> => {
  const own = files.filter(isNamed('normalized.json'));
  const atlases = files.filter(isNamed('atlas.jsonl'));
  if (own.length + atlases.length === 0) return undefined;
  const cells = new Map<string, RowsOf>();
  const take = (row: AtlasRow, file: string): void => {
    const cell = cells.get(row.cell_id);
    if (cell === undefined) cells.set(row.cell_id, { path: file, rows: [row] });
    else if (cell.path === file) cell.rows.push(row);
  };
  for (const file of own)
    for (const row of parseRows(await readNamedText(join(path, file)), join(path, file))) take(row, file);
  for (const file of atlases) for await (const row of atlasRows(join(path, file))) take(row, file);
  const used = new Set([...cells.values()].map((cell) => cell.path));
  return {
    layout: 'rows',
    cells: [...cells].map(([cellId, cell]) => cellOf(cellId, cell)),
    unread: files
      .filter((file) => !used.has(file))
      .map((file) => ({ path: file, reason: atlases.includes(file) ? 'cells hold the same rows' : 'holds no rows' })),
  };
};

export const rowFiles: Layout = { name: 'rows', holds: 'normalized.json or atlas.jsonl', find };
