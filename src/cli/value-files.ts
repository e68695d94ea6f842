// Reads the files of `@file` values. A pipe among them is read before the flags are, with the time limit that they state.
import { isPipe, readPipe } from '../fs/pipe.ts';
import { CONFIGURATION_BYTES, readValueFile } from '../fs/named-text.ts';
import { limitSignal } from '../verb/time-limit.ts';

const DEFAULT_LIMIT_S = 600;

const limitIn = (words: readonly string[]): number => {
  const flag = /^--time[-_]limit[-_]s(?:=(.*))?$/;
  const at = words.findIndex((word) => flag.test(word));
  const seconds = Number(flag.exec(words[at] ?? '')?.[1] ?? words[at + 1]);
  return seconds > 0 ? seconds : DEFAULT_LIMIT_S;
};

/** What reads `@file` for these words. Throws a Fault of `readPipe`. */
export const valueReader = async (words: readonly string[], caller: AbortSignal): Promise<(path: string) => string> => {
  const named = words.flatMap((word) => /^(?:--[^=]+=)?@(.+)$/s.exec(word)?.[1] ?? []).filter(isPipe);
  const piped = new Map<string, string>();
  const { signal, release } = limitSignal([caller], limitIn(words));
  try {
    for (const path of new Set(named)) piped.set(path, await readPipe(path, { signal, limit: CONFIGURATION_BYTES }));
  } finally {
    release();
  }
  return (path) => piped.get(path) ?? readValueFile(path);
};
