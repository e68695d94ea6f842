// `results.json` of lm-eval, of its present form (`acc,none` with a filter) and of the older one (`acc`): scores of tasks, which
// are no operating point of serving. One row for each file, and no number of speed in it.
import { basename, join } from 'node:path';
import { textAt } from '../../importers/json-fields.ts';
import { readNamedText } from '../../fs/named-text.ts';
import { isJsonObject, parseJson, type JsonObject } from '../../text/json.ts';
import type { CellIdentity } from '../cell-identity.ts';
import { cellName, type Bundle, type BundleFolder, type FoundCell, type Layout } from './bundle.ts';

/** Metrics that say how good answers are; a longer name begins with one of them (`acc_norm`, `f1_macro`). */
const SCORE = /^(acc|exact_match|f1|pass@\d+|score|em)(?=$|_)/;

export interface Score {
  readonly task: string;
  readonly metric: string;
  /** `strict-match`; undefined where the form has none. */
  readonly filter: string | undefined;
  readonly value: number;
}

const scoresOfTask = (task: string, figures: JsonObject): Score[] =>
  Object.entries(figures).flatMap(([key, value]) => {
    const [metric = '', filter] = key.split(',');
    const isScore = SCORE.test(metric) && !metric.includes('stderr') && typeof value === 'number';
    return isScore ? [{ task, metric, filter: filter === 'none' ? undefined : filter, value }] : [];
  });

/** The scores in a document of lm-eval; empty where it is another. */
export const scoresOf = (document: JsonObject): Score[] => {
  const { results, versions, configs } = document;
  if (!isJsonObject(results)) return [];
  const hasFilters = Object.values(results).some(
    (figures) => isJsonObject(figures) && Object.keys(figures).some((key) => key.includes(',')),
  );
  if (!hasFilters && !isJsonObject(versions) && !isJsonObject(configs)) return [];
  return Object.entries(results).flatMap(([task, figures]) =>
    isJsonObject(figures) ? scoresOfTask(task, figures) : [],
  );
};

/** `<task>_<metric>`, with the filter where the task has the metric under several. */
export const namedScores = (scores: readonly Score[]): Readonly<Record<string, number>> => {
  const plain = ({ task, metric }: Score): string => `${task}_${metric}`;
  const shared = (score: Score): boolean => scores.filter((other) => plain(other) === plain(score)).length > 1;
  return Object.fromEntries(
    scores.map((score) => [
      shared(score) && score.filter !== undefined ? `${plain(score)}_${score.filter}` : plain(score),
      score.value,
    ]),
  );
};

/** `pretrained=org/model,dtype=auto` or `model_name`. */
const identityOf = (document: JsonObject): CellIdentity => {
  const { config } = document;
  const given = isJsonObject(config) ? textAt(config, 'model_args') : undefined;
  const model = textAt(document, 'model_name') ?? /(?:^|,)(?:pretrained|model)=([^,]+)/.exec(given ?? '')?.[1];
  return { model, backend: 'model-eval', dataset: 'eval' };
};

interface Evaluation {
  readonly path: string;
  readonly document: JsonObject;
  readonly scores: readonly Score[];
}

const evaluationAt = async (folder: string, path: string): Promise<Evaluation[]> => {
  try {
    const document = parseJson(await readNamedText(join(folder, path)));
    const scores = isJsonObject(document) ? scoresOf(document) : [];
    return isJsonObject(document) && scores.length > 0 ? [{ path, document, scores }] : [];
  } catch {
    return []; // not JSON, so of no evaluation; the layout that takes any file names it
  }
};

const cellOf = ({ path, document, scores }: Evaluation, cellId: string): FoundCell => ({
  cellId,
  identity: identityOf(document),
  points: [],
  runs: [
    {
      path,
      concurrency: 1,
      values: {},
      counts: {},
      extra: {
        metric_kind: 'eval_acc',
        quality_metrics: namedScores(scores),
        eval_tasks: [...new Set(scores.map(({ task }) => task))],
        runner: 'lm-eval',
      },
    },
  ],
  extra: {},
  notes: [],
  files: [],
});

const find = async ({ path, files, cellId }: BundleFolder): Promise<Bundle | undefined> => {
  const documents = files.filter((file) => /\.json$/i.test(file));
  const evaluations: Evaluation[] = [];
  for (const file of documents) {
    const found = await evaluationAt(path, file);
    // A folder in which the first documents are others is no evaluation's: not all of them are read to find that out.
    if (found.length === 0) return undefined;
    evaluations.push(...found);
  }
  if (evaluations.length === 0) return undefined;
  const stem = (file: string): string => basename(file).replace(/\.json$/i, '');
  return {
    layout: 'model_eval',
    cells: evaluations.map((one) =>
      cellOf(one, evaluations.length === 1 ? cellId : cellName(`${cellId}-${stem(one.path)}`)),
    ),
    unread: files
      .filter((file) => !documents.includes(file))
      .map((file) => ({ path: file, reason: 'no results of an evaluation' })),
  };
};

export const modelEval: Layout = { name: 'model_eval', holds: 'results.json of lm-eval', find };
