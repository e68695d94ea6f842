// What a pass sends between ranks: all-reduces of tensor parallelism, dispatch and combine of expert parallelism, boundaries
// of pipeline stages. Bytes one way per rank; latencies are not in a bound.
import { remoteRanks } from './experts.ts';
import type { ModelShape, MoeMlp } from './model-shape.ts';
import { tensorRanks, type Deployment, type StepTransfer } from './step.ts';

const HIDDEN_BYTES = 2;

export interface PassRows {
  /** Tokens that one rank computes. */
  readonly tokens: number;
  /** Rows of logits that one rank computes. */
  readonly logits: number;
}

const all = (
  name: StepTransfer['name'],
  count: number,
  messageBytes: number,
  each: readonly [number, number],
): StepTransfer[] =>
  count === 0 || messageBytes === 0
    ? []
    : [
        {
          name,
          count,
          messageBytes,
          ringBytes: count * each[0],
          switchBytes: count * Math.min(...each),
          link: name === 'pipeline' ? 'pipeline' : 'scale_up',
        },
      ];

/** One after each half of a layer, and one of the embedding, which is divided by vocabulary. */
const allReduces = (shape: ModelShape, ranks: number, { tokens, logits }: PassRows): StepTransfer[] => {
  const halves = shape.layers.reduce(
    (sum, { attention, mlp }) => sum + Number(attention !== null) + Number(mlp !== null),
    0,
  );
  const message = tokens * shape.hidden * HIDDEN_BYTES;
  const logitBytes = logits * shape.vocabulary * HIDDEN_BYTES;
  const gathered = (logitBytes * (ranks - 1)) / ranks;
  return [
    ...all('all_reduce', halves + 1, message, [((2 * (ranks - 1)) / ranks) * message, (1 + 1 / ranks) * message]),
    ...all('logits_all_gather', logits > 0 ? 1 : 0, logitBytes, [gathered, gathered]),
  ];
};

const expertTransfers = (shape: ModelShape, { ranks, dispatchBytes }: Deployment, tokens: number): StepTransfer[] => {
  const moe = shape.layers.map(({ mlp }) => mlp).filter((mlp): mlp is MoeMlp => mlp?.kind === 'moe');
  const [first] = moe;
  if (first === undefined) return [];
  const perSelection = (first.perToken * (ranks - 1)) / ranks;
  const perRank = remoteRanks(first.experts, first.perToken, ranks);
  const transfer = (name: 'ep_dispatch' | 'ep_combine', elementBytes: number): StepTransfer[] => {
    const message = tokens * shape.hidden * elementBytes;
    return all(name, moe.length, message, [message * perSelection, message * perRank]);
  };
  return [...transfer('ep_dispatch', dispatchBytes), ...transfer('ep_combine', HIDDEN_BYTES)];
};

/** Transfers of one pass through all stages. */
export const passTransfers = (shape: ModelShape, deployment: Deployment, rows: PassRows): StepTransfer[] => {
  const { mode, ranks, stages } = deployment;
  const boundary = rows.tokens * shape.hidden * HIDDEN_BYTES;
  const pipeline = all('pipeline', stages - 1, boundary, [boundary, boundary]);
  if (ranks === 1) return pipeline;
  if (mode === 'dp_ep') return [...expertTransfers(shape, deployment, rows.tokens), ...pipeline];
  return [...allReduces(shape, tensorRanks(deployment), rows), ...pipeline];
};
