// The commands of the backend `aa`: AIPerf with the shapes of Artificial Analysis.
import { join } from 'node:path';
import { inputFault } from '../../text/fault.ts';
import type { CellCall, CellCommand } from './cell-command.ts';
import { settingsOf, type RunSettings } from './run-block.ts';
import { endpointOf, flag, requestsOf } from './words.ts';

/** Shapes of Artificial Analysis: tokens of a prompt and the fewest of its answer. */
const AA_SHAPES = {
  'aa-1k': { isl: 1000, osl: 1000 },
  'aa-10k': { isl: 10_000, osl: 1500 },
  'aa-100k': { isl: 100_000, osl: 2000 },
} as const;

/** The shape that the block names, else the one that the cell is called after, else the one of its lengths. */
const aaShape = ({ cell }: CellCall, named: keyof typeof AA_SHAPES | undefined) => {
  const shapes = Object.entries(AA_SHAPES);
  const found =
    shapes.find(([name]) => name === (named ?? cell.cell_id)) ??
    shapes.find(([, { isl, osl }]) => named === undefined && isl === cell.isl && osl === cell.osl);
  if (found === undefined)
    throw inputFault('run_block_invalid', `aa of cell ${cell.cell_id}: shape is missing`, {
      at: 'aa.shape',
      fix: `give one of ${shapes.map(([name]) => name).join(', ')}`,
    });
  const [name, { isl, osl }] = found;
  if ((cell.isl ?? isl) === isl && (cell.osl ?? osl) === osl) return { isl, osl };
  throw inputFault('run_block_invalid', `cell ${cell.cell_id} says isl ${cell.isl} and osl ${cell.osl}, its shape ${name} is ${isl} and ${osl}`, {
    at: 'aa.shape',
    fix: 'leave isl and osl out, or give the shape that they are of',
  });
}; // prettier-ignore

const aaPrompts = ({ cell }: CellCall, { mode, input_file, custom_dataset_type = 'mooncake_trace' }: RunSettings<'aa'>, isl: number, osl: number): string[] => {
  if (mode !== 'dataset-replay')
    return ['--synthetic-input-tokens-mean', `${isl}`, '--synthetic-input-tokens-stddev', '0', '--output-tokens-mean', `${osl}`, '--output-tokens-stddev', '0'];
  if (input_file !== undefined) return ['--input-file', input_file, '--custom-dataset-type', custom_dataset_type];
  throw inputFault('run_block_invalid', `aa of cell ${cell.cell_id}: dataset-replay needs the file that is replayed`, {
    at: 'aa.input_file',
    fix: 'give input_file, with prompts that differ: one prompt over and over is answered from the prefix cache',
  });
}; // prettier-ignore

/** The path of the requests: as given, with the slash that AIPerf wants; else that of chats, and of another type the tool's own. */
const pathOf = ({ endpoint, endpoint_type: type = 'chat' }: RunSettings<'aa'>): string | undefined => {
  if (endpoint !== undefined) return endpoint.startsWith('/') ? endpoint : `/${endpoint}`;
  return type === 'chat' ? '/v1/chat/completions' : undefined;
};

/** Inputs that make answers as long as the shape says; a trace of Baseten has a least length for each turn, and AIPerf refuses another. */
const controlsOf = ({ extra_output_controls: wanted, mode, custom_dataset_type: type }: RunSettings<'aa'>, osl: number): string[] => {
  if (wanted === false) return [];
  return mode === 'dataset-replay' && type === 'baseten_trace' ? ['ignore_eos:true'] : [`min_tokens:${osl}`, 'ignore_eos:true'];
}; // prettier-ignore

/** The workload of Artificial Analysis: one shape, greedy, answers of a fixed least length, by AIPerf. */
export const aa = (call: CellCall): CellCommand[] => {
  const { cell, raw } = call;
  const settings = settingsOf('aa', cell);
  const { isl, osl } = aaShape(call, settings.shape);
  const url = endpointOf(call, settings.endpoint_url ?? settings.url);
  return cell.concurrencies.map((concurrency) => ({
    slug: `aa-c${concurrency}`,
    server: url,
    argv: [
      'aiperf', 'profile',
      '--model', call.servedModel ?? settings.served_model ?? settings.model ?? cell.model,
      '--endpoint-type', settings.endpoint_type ?? 'chat',
      ...flag('endpoint', pathOf(settings)),
      '--streaming',
      '--url', url,
      ...flag('tokenizer', settings.tokenizer),
      ...(settings.tokenizer_trust_remote_code === true ? ['--tokenizer-trust-remote-code'] : []),
      ...aaPrompts(call, settings, isl, osl),
      ...['temperature:0', 'top_p:1', ...controlsOf(settings, osl)].flatMap((input) => ['--extra-inputs', input]),
      '--concurrency', String(concurrency),
      '--request-count', String(requestsOf(concurrency, settings.requests ?? settings.request_count)),
      '--output-artifact-dir', join(raw, `c${concurrency}`),
    ],
    concurrencies: [concurrency],
    files: [],
  }));
}; // prettier-ignore
