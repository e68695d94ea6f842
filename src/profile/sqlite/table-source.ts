// Tables as readers of exports see them, whatever they are stored in: SQLite pages, SQLite itself or Parquet. Types, and the
// one conversion from a stored value to the number that a scan yields.

export type SqlValue = number | bigint | string | null | Uint8Array;

/** What to read of a column. NULL, an absent column and a value of another type all read as NaN. */
export type Want =
  /** The value less `origin`: exact even where the value itself is above 2^53. */
  | { readonly column: string; readonly kind: 'number'; readonly origin?: bigint }
  /** Bits 24 and above (the process in a serialized global id), or the 24 below (the thread): both exact. */
  | { readonly column: string; readonly kind: 'high40' | 'low24' }
  /** Several integer columns as the number that `intern` gives their values (NaN for NULL); -1 where none is there. */
  | {
      readonly column: string;
      readonly kind: 'tuple';
      readonly columns: readonly string[];
      readonly intern: (values: Float64Array) => number;
    }
  /** Text as the number that `intern` gives it. */
  | { readonly column: string; readonly kind: 'text'; readonly intern: (text: string) => number };

/** Receives rows `0..count-1` of each wanted column, in the order of the wants; the arrays are reused after the call. */
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
export const columnsOf = (want: Want): readonly string[] => (want.kind === 'tuple' ? want.columns : [want.column]);

/** The number that a scan yields for a row, given its values by column. */
export const wantedOf = (want: Want, valueOf: (column: string) => unknown): number => {
  if (want.kind !== 'tuple') return wantedValue(want, valueOf(want.column));
  const values = Float64Array.from(want.columns, (column) => wantedValue({ column, kind: 'number' }, valueOf(column)));
  return values.every((value) => Number.isNaN(value)) ? -1 : want.intern(values);
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
