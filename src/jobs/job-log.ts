// Writes the growing files of a job (`events.jsonl`, `stdout.log`, `stderr.log`), each line redacted before it is written.
// Synchronous appends: what was said is on file when the supervisor is killed in the next moment.
import { appendFileSync } from 'node:fs';
import type { OutputStream } from '../exec/run-process.ts';
import { jsonLine, type JsonObject } from '../text/json.ts';
import { redact } from '../text/redact.ts';
import type { JobFiles } from './job-folder.ts';
import { redactJson } from './redact-json.ts';

export interface JobLog {
  readonly line: (text: string, stream: OutputStream) => void;
  readonly event: (type: string, data?: JsonObject) => void;
  /** How many lines and events could not be written. */
  readonly lostLines: () => number;
}

const KEY_BEGINS = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const KEY_ENDS = /-----END [A-Z ]*PRIVATE KEY-----/;

/** Redacts line by line; a private key that spans lines is left out as a whole. */
export const lineRedactor = (known: readonly string[]): ((line: string) => string) => {
  let inKey = false;
  return (line) => {
    const hidden = inKey;
    inKey = (inKey || KEY_BEGINS.test(line)) && !KEY_ENDS.test(line);
    return hidden ? '[redacted]' : redact(line, known);
  };
};

/** Runs an append; a full disk costs the line, not the work. */
const append = (path: string, text: string): boolean => {
  try {
    appendFileSync(path, text);
    return true;
  } catch {
    return false;
  }
};

/** `known` are secret values of the environment; `now` gives the time of an event. */
export const openJobLog = (files: JobFiles, known: readonly string[], now: () => string): JobLog => {
  const redactors = { stdout: lineRedactor(known), stderr: lineRedactor(known) };
  const paths = { stdout: files.stdout, stderr: files.stderr };
  let lost = 0;
  return {
    line: (text, stream) => {
      if (!append(paths[stream], `${redactors[stream](text)}\n`)) lost += 1;
    },
    event: (type, data = {}) => {
      const event = { at: now(), type, ...(redactJson(data, known) as JsonObject) }; // an object stays one
      if (!append(files.events, jsonLine(event))) lost += 1;
    },
    lostLines: () => lost,
  };
};
