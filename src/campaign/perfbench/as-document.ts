// A bundle, a cell or a result as an inference_perfbench_v1 file, which stands for it while a verb records or compares it. A document
// of that format stays as it is. The file goes again with the call, and what is kept names the path that the caller gave.
import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { onFile } from '../../fs/io-fault.ts';
import { readNamedText } from '../../fs/named-text.ts';
import { perfbenchSchema } from '../../importers/perfbench-schema.ts';
import type { Context } from '../../metrics/context.ts';
import { jsonFile, parseJson } from '../../text/json.ts';
import type { VerbContext } from '../../verb/context.ts';
import { faultWithGivenNames, spoolText } from '../../verb/spooled-pipes.ts';
import { benchDocument } from './bench-document.ts';
import { readBenchPoints } from './bench-points.ts';

const FILE = 'inference_perfbench_v1.json';

/** What stands for the source. */
export interface AsDocument {
  /** Absolute path of the document. */
  readonly path: string;
  /** In which the document's own path is that of the source. */
  readonly context: VerbContext;
  /** What each load says of its configuration; empty where the document was there before. */
  readonly contexts: readonly Context[];
  readonly warnings: readonly string[];
}

/** The document that the source is, or holds; undefined where it is to be made of results. */
const ownDocument = async (path: string): Promise<string | undefined> => {
  const isFolder = await onFile(path, async () => statSync(path).isDirectory());
  const file = isFolder ? join(path, FILE) : path;
  if (!existsSync(file) || !file.endsWith('.json')) return undefined;
  const text = await readNamedText(file);
  // A bundle may keep only its settings under the same name, and other results are no documents at all.
  if (!text.includes('"inference_perfbench_v1"')) return undefined;
  return perfbenchSchema.safeParse(parseJson(text, file)).success ? file : undefined;
};

/** Does `work` with the document of what lies at `path`. Throws the Faults of `readBenchPoints`, and those of the work. */
export const withBenchDocument = async <T>(
  path: string,
  select: string | undefined,
  context: VerbContext,
  work: (document: AsDocument) => Promise<T>,
): Promise<T> => {
  const own = await ownDocument(path);
  if (own !== undefined) return work({ path: own, context, contexts: [], warnings: [] });
  const points = await readBenchPoints(path, { select, signal: context.signal });
  const document = benchDocument(points, basename(path));
  const spooled = spoolText(path, FILE, jsonFile(document));
  try {
    const named = { ...context, pipes: { ...context.pipes, ...spooled.files } };
    const contexts = points.points.map((point) => point.context);
    return await work({ path: spooled.files[path] ?? path, context: named, contexts, warnings: points.warnings });
  } catch (error) {
    throw faultWithGivenNames(error, spooled.files);
  } finally {
    spooled.remove();
  }
};
