// Keeps a bounded part of what a process prints and hands on its lines. Never holds more than the limit, however much the
// process prints.
import { StringDecoder } from 'node:string_decoder';

/** Which part is kept when there is more than the limit: results start at the front, errors come last. */
export type Kept = 'first' | 'last';

export interface CapturedOutput {
  readonly add: (chunk: Buffer) => void;
  /** Flushes the unfinished last line and returns what was kept, as UTF-8. */
  readonly end: () => { readonly text: string; readonly truncated: boolean };
}

const LONGEST_LINE = 64 * 1024;

/** Splits text into lines at `\n`, `\r\n` or a lone `\r` (progress bars). Lines over 64 Ki characters come in pieces. */
export const lineSplitter = (onLine: (line: string) => void): { add: (text: string) => void; end: () => void } => {
  let rest = '';
  const emit = (line: string): void => {
    if (line !== '') onLine(line);
  };
  return {
    add: (text) => {
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      for (const line of lines) emit(line);
      while (rest.length > LONGEST_LINE) {
        emit(rest.slice(0, LONGEST_LINE));
        rest = rest.slice(LONGEST_LINE);
      }
    },
    end: () => {
      emit(rest.replace(/\r$/, ''));
      rest = '';
    },
  };
};

const keepFirst = (limit: number): { add: (chunk: Buffer) => void; kept: () => Buffer; size: () => number } => {
  const chunks: Buffer[] = [];
  let held = 0;
  let size = 0;
  return {
    add: (chunk) => {
      size += chunk.length;
      if (held < limit) chunks.push(chunk.subarray(0, limit - held));
      held = Math.min(limit, held + chunk.length);
    },
    kept: () => Buffer.concat(chunks),
    size: () => size,
  };
};

const keepLast = (limit: number): { add: (chunk: Buffer) => void; kept: () => Buffer; size: () => number } => {
  let chunks: Buffer[] = [];
  let held = 0;
  let size = 0;
  return {
    add: (chunk) => {
      size += chunk.length;
      held += chunk.length;
      chunks.push(chunk);
      if (held <= 2 * limit) return;
      const last = Buffer.concat(chunks).subarray(-limit);
      chunks = [Buffer.from(last)];
      held = limit;
    },
    kept: () => Buffer.concat(chunks).subarray(-limit),
    size: () => size,
  };
};

/** Collects one output stream; `onLine` gets every line, also those beyond the limit, without its line end. */
export const captureOutput = (limit: number, kept: Kept, onLine?: (line: string) => void): CapturedOutput => {
  const bytes = kept === 'first' ? keepFirst(limit) : keepLast(limit);
  const decoder = new StringDecoder('utf8');
  const lines = onLine === undefined ? undefined : lineSplitter(onLine);
  return {
    add: (chunk) => {
      bytes.add(chunk);
      lines?.add(decoder.write(chunk));
    },
    end: () => {
      lines?.add(decoder.end());
      lines?.end();
      return { text: bytes.kept().toString('utf8'), truncated: bytes.size() > limit };
    },
  };
};
