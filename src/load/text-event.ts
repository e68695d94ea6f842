// Recognises the events that make up most of a stream without reading them as JSON: those that differ from one that was read
// only in the text they bring. Whatever differs in anything else is left to the parser.
import { readStreamEvent } from './completion-chunk.ts';

export interface TextEvents {
  /** `bytes[start, end)` is a piece of text without a finish reason or usage. False where that is not certain. */
  readonly recognises: (bytes: Buffer, start: number, end: number) => boolean;
  /** Takes an event that the parser found to be a piece of text as the model of those to come. */
  readonly learn: (data: string) => void;
}

const TEXT_VALUE = /"(?:content|text|reasoning_content|reasoning)" ?: ?"([^"\\]+)"/g;
const QUOTE = 34;
const BACKSLASH = 92;
const FIRST_PRINTABLE = 32;

/** Streams whose events differ in more than their text are not worth learning again and again. */
const VAIN_LESSONS = 4;

const isPlainText = (data: string): boolean => {
  const event = readStreamEvent(data);
  return event.kind === 'chunk' && event.hasText && event.finishReason === null && event.usage === null;
};

const isEmptyChunk = (data: string): boolean => {
  const event = readStreamEvent(data);
  return event.kind === 'chunk' && !event.hasText;
};

/** What stands before and after the text; the text alone makes it a piece of text, so any other in its place does too. */
const surroundingsOf = (data: string): readonly [before: string, after: string] | null => {
  for (const match of data.matchAll(TEXT_VALUE)) {
    const to = match.index + match[0].length - 1;
    const [before, after] = [data.slice(0, to - (match[1] ?? '').length), data.slice(to)];
    if (isPlainText(`${before}x${after}`) && isEmptyChunk(before + after)) return [before, after];
  }
  return null;
};

const isAt = (part: Buffer, bytes: Buffer, at: number): boolean => {
  for (let i = 0; i < part.length; i += 1) if (bytes[at + i] !== part[i]) return false;
  return true;
};

/** No quote ends it, no escape has to be read, and it is valid inside a JSON string. */
const isPlain = (bytes: Buffer, start: number, end: number): boolean => {
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === QUOTE || byte === BACKSLASH || byte < FIRST_PRINTABLE) return false;
  }
  return true;
};

export const createTextEvents = (): TextEvents => {
  let before: Buffer | null = null;
  let after: Buffer | null = null;
  let lessonsLeft = VAIN_LESSONS;

  const recognises = (bytes: Buffer, start: number, end: number): boolean => {
    if (before === null || after === null) return false;
    const [from, to] = [start + before.length, end - after.length];
    if (from >= to || !isAt(after, bytes, to) || !isAt(before, bytes, start) || !isPlain(bytes, from, to)) return false;
    lessonsLeft = VAIN_LESSONS;
    return true;
  };

  const learn = (data: string): void => {
    if (lessonsLeft === 0) return;
    lessonsLeft -= 1;
    const around = surroundingsOf(data);
    if (around === null) return;
    before = Buffer.from(around[0]);
    after = Buffer.from(around[1]);
  };
  return { recognises, learn };
};
