// Rows between two steps of a scan: found on their pages, their fields not yet decoded.

export interface Located {
  /** Offset of each record in the window. */
  readonly starts: Int32Array;
  readonly shapes: Int32Array;
  /** Null where nobody asks for the row id. */
  readonly rowids: Float64Array | null;
  /** Number of the tuple of each row; null where nobody asks for one. */
  readonly tuples: Float64Array | null;
  count: number;
}

export const createLocated = (capacity: number, withRowids: boolean, withTuples: boolean): Located => ({
  starts: new Int32Array(capacity),
  shapes: new Int32Array(capacity),
  rowids: withRowids ? new Float64Array(capacity) : null,
  tuples: withTuples ? new Float64Array(capacity) : null,
  count: 0,
});
