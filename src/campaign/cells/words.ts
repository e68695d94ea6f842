// Words that the commands of several tools share: loads, flags, the server, and a fixed length of the answers.
import { serverRoot } from '../../load/server-root.ts';
import { inputFault } from '../../text/fault.ts';
import type { CellCall } from './cell-command.ts';

/** Requests of a point: ten waves, so that a window is steady. */
const WAVES = 10;
export const requestsOf = (concurrency: number, given: number | undefined): number => given ?? WAVES * concurrency;

export const flag = (name: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [`--${name}`, String(value)];

export const endpointOf = ({ cell, endpointUrl }: CellCall, configured: string | undefined): string => {
  const url = endpointUrl ?? configured;
  if (url !== undefined) return serverRoot(url);
  throw inputFault('endpoint_missing', `nothing says where cell ${cell.cell_id} is served`, {
    fix: 'give --endpoint-url, or endpoint_url in the block of the cell',
  });
};

/** A fixed length of the answers: without the two inputs a model ends where it likes, and cells differ in their work. */
export const exactOutput = (tokens: number | undefined): string[] =>
  tokens === undefined
    ? []
    : [
        '--output-tokens-mean',
        `${tokens}`,
        '--extra-inputs',
        'ignore_eos:true',
        '--extra-inputs',
        `min_tokens:${tokens}`,
      ];
