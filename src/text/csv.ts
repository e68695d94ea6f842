// Reads comma-separated tables (RFC 4180). The only importer of `csv-parse`.
import { inputFault } from './fault.ts';

export interface CsvOptions {
  readonly delimiter?: string;
}

/** Rows of cells, ragged rows allowed, cells trimmed. Throws a Fault `csv_syntax` with the line. */
export const parseCsv = async (text: string, path: string, options: CsvOptions = {}): Promise<string[][]> => {
  const { parse } = await import('csv-parse/sync');
  try {
    return parse(text, {
      bom: true,
      trim: true,
      relax_column_count: true,
      skip_empty_lines: true,
      delimiter: options.delimiter ?? ',',
    });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw inputFault('csv_syntax', `${path}: ${message}`, { path, cause, fix: 'correct the quoting at that line' });
  }
};
