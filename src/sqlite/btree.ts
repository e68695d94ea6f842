// Walks table b-trees: the leaf pages of a table, and whole payloads that continue on overflow pages. Checks every page
// number and type, so that a damaged file ends in a fault and never in wrong rows.
import { INTERIOR_TABLE_PAGE, LEAF_TABLE_PAGE, damaged } from './format.ts';
import type { Pager } from './pager.ts';

/** Offset of the b-tree header inside a page: page 1 starts with the file header. */
export const treeStart = (page: number): number => (page === 1 ? 100 : 0);

/** Leaf pages of the table rooted at `root`, ascending. All leaves of a b-tree are at one depth. */
export const leafPages = (pager: Pager, root: number): Uint32Array => {
  let level: Uint32Array = Uint32Array.of(root);
  for (let depth = 0; depth < 24; depth++) {
    const first = level[0] ?? root;
    const type = pager.page(first)[treeStart(first)];
    if (type === LEAF_TABLE_PAGE) return level.sort();
    if (type !== INTERIOR_TABLE_PAGE) throw damaged(pager.path, `page ${first}`, `page type ${type} in a table`);
    level = childrenOfAll(pager, level);
    if (level.length > pager.pageCount) throw damaged(pager.path, `page ${root}`, 'the b-tree holds a cycle');
  }
  throw damaged(pager.path, `page ${root}`, 'the b-tree is too deep');
};

/** Children of all pages of one level, in their order. */
const childrenOfAll = (pager: Pager, level: Uint32Array): Uint32Array => {
  const most = pager.header.usableSize >> 1; // a cell has a pointer of two bytes
  let children = new Uint32Array(Math.min(level.length * most, pager.pageCount + most));
  let count = 0;
  for (const number of level) {
    if (count + most > children.length) {
      if (count > pager.pageCount) throw damaged(pager.path, `page ${number}`, 'the b-tree holds a cycle');
      const larger = new Uint32Array(2 * (count + most));
      larger.set(children);
      children = larger;
    }
    count = addChildren(pager, number, children, count);
  }
  return children.slice(0, count);
};

/** Writes the children of an interior page to `children` from `count` on; returns the new count. */
const addChildren = (pager: Pager, number: number, children: Uint32Array, count: number): number => {
  const bytes = pager.page(number);
  const start = treeStart(number);
  const type = bytes[start];
  if (type !== INTERIOR_TABLE_PAGE)
    throw damaged(pager.path, `page ${number}`, `page type ${type} among interior pages`);
  const cells = bytes.readUInt16BE(start + 3);
  if (start + 12 + 2 * cells > pager.header.usableSize) throw damaged(pager.path, `page ${number}`, 'too many cells');
  for (let cell = 0; cell < cells; cell++) {
    const pointer = bytes.readUInt16BE(start + 12 + 2 * cell);
    if (pointer + 4 > pager.header.usableSize) throw damaged(pager.path, `page ${number}`, 'cell outside its page');
    children[count + cell] = bytes.readUInt32BE(pointer);
  }
  children[count + cells] = bytes.readUInt32BE(start + 8);
  return count + cells + 1;
};

/** Appends the rest of a payload, which continues on the chain of pages from `next` on, to `target` at `at`. */
export const readOverflow = (pager: Pager, next: number, target: Buffer, at: number, end: number): void => {
  const room = pager.header.usableSize - 4;
  let page = next;
  for (let filled = at; filled < end;) {
    if (page === 0) throw damaged(pager.path, 'overflow', 'an overflow chain ends too early');
    const bytes = pager.page(page);
    filled += bytes.copy(target, filled, 4, 4 + Math.min(room, end - filled));
    page = bytes.readUInt32BE(0);
  }
};
