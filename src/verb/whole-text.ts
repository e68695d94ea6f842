// Keeps a text that is too long for an answer as a file below the artifacts: it is never cut, the answer links to it.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../fs/atomic-file.ts';
import { artifactsFolder } from '../fs/root.ts';
import { environmentSecrets, redact } from '../text/redact.ts';
import { timeSlug } from '../text/time.ts';
import type { VerbContext } from './context.ts';

/** Part of a text's limit that is left to warnings and what the call says beside it. */
const OWN_SHARE = 0.6;

/**
 * The path of a file with the whole text, `<artifacts>/<kind>/<time><extension>`; null where the text fits the answer as it is,
 * and in a dry run.
 */
export const keepWhole = async (
  text: string,
  { kind, extension }: { readonly kind: string; readonly extension: string },
  { root, textLimit, dryRun, now, env }: VerbContext,
): Promise<string | null> => {
  if (dryRun || Buffer.byteLength(text) <= OWN_SHARE * textLimit) return null;
  const folder = join(artifactsFolder(root), kind);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${timeSlug(now())}${extension}`);
  await replaceFile(path, redact(text, environmentSecrets(env)));
  return path;
};

/** Longest text in a structured answer that also lies in a file, bytes: clients close a connection over a message of 10 MiB. */
const MOST_ANSWERED = 1024 * 1024;

/** The text as it stands in a structured answer: whole, or empty where it is long and lies in a file that the answer names. */
export const answeredText = (text: string, path: string | null): string =>
  path !== null && Buffer.byteLength(text) > MOST_ANSWERED ? '' : text;
