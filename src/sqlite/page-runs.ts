// Reads the leaf pages of a table in runs of neighbours, a few hundred kB at a time: large enough that the calls cost
// nothing, small enough that the bytes are still in the processor's cache when they are decoded.
import type { Pager } from './pager.ts';

const RUN_BYTES = 1 << 18;
/** Foreign pages between two leaves that are read along rather than skipped. */
const GAP_PAGES = 8;
/** Readable bytes behind the last record: decoders read whole words. */
const SLACK = 16;

/** Bytes under decode: a run of pages, and after it room for payloads put together from overflow pages. */
export interface Window {
  bytes: Buffer;
  view: DataView;
  /** Where the room that is not yet taken begins. */
  spare: number;
}

/** Hands on each leaf page with its offset in the window; `onRunEnd` comes before the window is filled again. */
export const eachRun = (
  pager: Pager,
  leaves: Uint32Array,
  onPage: (window: Window, start: number, page: number) => void,
  onRunEnd: (window: Window) => void,
): void => {
  const { pageSize } = pager.header;
  const perRun = Math.max(1, Math.floor(RUN_BYTES / pageSize));
  const bytes = Buffer.allocUnsafeSlow(perRun * pageSize + RUN_BYTES);
  const window: Window = { bytes, view: viewOf(bytes), spare: 0 };
  for (let i = 0; i < leaves.length;) {
    const first = leaves[i] ?? 0;
    let end = i + 1;
    while (end < leaves.length && isNear(leaves, end, first, perRun)) end++;
    const count = (leaves[end - 1] ?? first) - first + 1;
    pager.pagesInto(window.bytes, first, count);
    window.spare = perRun * pageSize;
    for (; i < end; i++) {
      const page = leaves[i] ?? 0;
      onPage(window, (page - first) * pageSize, page);
    }
    onRunEnd(window);
  }
};

const isNear = (leaves: Uint32Array, index: number, first: number, perRun: number): boolean => {
  const page = leaves[index] ?? 0;
  return page - first < perRun && page - (leaves[index - 1] ?? 0) <= GAP_PAGES;
};

/** Takes `length` bytes of the room behind the run; returns their offset. */
export const takeRoom = (window: Window, length: number): number => {
  const target = window.spare;
  if (target + length + SLACK > window.bytes.length) {
    const larger = Buffer.allocUnsafeSlow(Math.ceil((target + length + SLACK) * 1.5));
    window.bytes.copy(larger);
    window.bytes = larger;
    window.view = viewOf(larger);
  }
  window.spare = target + length;
  return target;
};

const viewOf = (bytes: Buffer): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
