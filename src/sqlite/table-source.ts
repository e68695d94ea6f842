// Tables as readers of exports see them, whatever they are stored in: SQLite pages, SQLite itself or Parquet. Types, and the
// one conversion from a stored value to the number that a scan yields.

export type SqlValue = number | bigint | string | null | Uint8Array;

/** An integer column as a number. NULL, an absent column and a value of another type all read as NaN. */
export type NumberWant =
  /** The value less `origin`: exact even where the value itself is above 2^53. */
  | { readonly column: string; readonly kind: 'number'; readonly origin?: bigint }
  /** Bits 24 and above (the process in a serialized global id), or the 24 below (the thread): both exact. */
  | { readonly column: string; readonly kind: 'high40' | 'low24' };

/** What to read of each row. */
export type Want =
  | NumberWant
  /** Text as the number that `intern` gives it; NaN where there is no text. */
  | { readonly column: string; readonly kind: 'text'; readonly intern: (text: string) => number }
  /**
   * Several columns (the row id is none of them) as the number that `intern` gives their values, an integer from 0 on. Equal
   * values must get the same number: it is not asked again for what is remembered. The array is reused after the call. The
   * first `sequence` fields separate what is interleaved (devices, processes): within them rows follow one another as they
   * did before, which makes them faster to read. At most one tuple a scan.
   */
  | {
      readonly kind: 'tuple';
      readonly fields: readonly NumberWant[];
      readonly sequence: number;
      readonly intern: (values: Float64Array) => number;
    };

/** Receives rows `0..count-1` of each wanted column, in the order of the wants. The arrays are reused after the call, until
 * when the sink may write to them. */
export type RowSink = (columns: readonly Float64Array[], count: number) => void;

export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface Table {
  readonly name: string;
  /** Column names as declared. */
  readonly columns: readonly string[];
}

export interface Database {
  readonly path: string;
  /** How the file is read: the page scanner, or SQLite itself and why. */
  readonly reader: { readonly kind: 'pages' } | { readonly kind: 'sqlite'; readonly reason: string };
  /** Tables by lower-case name. */
  readonly tables: ReadonlyMap<string, Table>;
  readonly scan: (table: Table, wants: readonly Want[], sink: RowSink) => void;
  /** All rows of a small table, with the columns as declared. */
  readonly rows: (table: Table) => SqlRow[];
  /** Value of a column in the first row; null in an empty table. */
  readonly first: (table: Table, column: string) => SqlValue;
  readonly estimate: (table: Table) => number;
  readonly close: () => void;
}

/** Columns that a want reads. */
export const columnsOf = (want: Want): readonly string[] =>
  want.kind === 'tuple' ? want.fields.map((field) => field.column) : [want.column];

/** The number that a scan yields for a row, given its values by column. */
export const wantedOf = (want: Want, valueOf: (column: string) => unknown): number => {
  if (want.kind !== 'tuple') return wantedValue(want, valueOf(want.column));
  return want.intern(Float64Array.from(want.fields, (field) => wantedValue(field, valueOf(field.column))));
};

/** The number that a scan yields for a value, exact where the value is above 2^53. */
const wantedValue = (want: Exclude<Want, { kind: 'tuple' }>, value: unknown): number => {
  if (want.kind === 'text') return typeof value === 'string' ? want.intern(value) : NaN;
  if (typeof value !== 'number' && typeof value !== 'bigint') return NaN;
  if (typeof value === 'number' && !Number.isInteger(value)) return want.kind === 'number' ? value : NaN;
  const whole = BigInt(value);
  if (want.kind === 'number') return Number(whole - (want.origin ?? 0n));
  return want.kind === 'high40' ? Number(whole >> 24n) : Number(BigInt.asUintN(24, whole));
};
