// What the commands of a cell need, read from their words: servers with the models that they ask for, files, and what a server that they
// start themselves takes. Pure.
import type { Needs } from '../../cluster/needs.ts';
import { serverRoot } from '../../load/server-root.ts';
import type { CellCommand } from './cell-command.ts';
import type { OwnServer } from './preflight-here.ts';

/** The value of the first of these flags, `--flag value` or `--flag=value`. */
const valueOf = (words: readonly string[], ...flags: readonly string[]): string | undefined => {
  for (const [index, word] of words.entries()) {
    if (flags.includes(word)) return words[index + 1];
    const flag = flags.find((each) => word.startsWith(`${each}=`));
    if (flag !== undefined) return word.slice(flag.length + 1);
  }
  return undefined;
};

/** The model that a command asks its server for; undefined where it names none. */
export const modelAsked = ({ argv }: Pick<CellCommand, 'argv'>): string | undefined =>
  valueOf(argv, '--served-model-name') ?? valueOf(argv, '--model');

/** Words of a command that stands as one word behind a flag. */
const wordsBehind = (argv: readonly string[], flag: string): string[] =>
  valueOf(argv, flag)
    ?.split(/\s+/)
    .filter((word) => word !== '') ?? [];

/** Files that every client reads from where it is told. */
const DATA = ['--input-file', '--dataset-path'] as const;
/** Names of models, or folders. */
const FOLDERS = ['--tokenizer'] as const;

const filesIn = (words: readonly string[]): string[] => [
  ...DATA.flatMap((flag) => valueOf(words, flag) ?? []),
  ...FOLDERS.flatMap((flag) => valueOf(words, flag) ?? []).filter((value) => /^\.{0,2}\//.test(value)),
];

/** What the commands must reach and read. */
export const needsOf = (commands: readonly CellCommand[]): Needs => ({
  servers: new Map(
    commands.flatMap((command) => (command.server === undefined ? [] : [[command.server, modelAsked(command)] as const])),
  ),
  files: [...new Set(commands.flatMap(({ argv }) => [...filesIn(argv), ...filesIn(wordsBehind(argv, '--bench-cmd'))]))],
}); // prettier-ignore

const VLLM_PORT = 8000;

/** Base URL of the server that a load of a sweep asks. */
export const loadedServer = (benchCmd: string): string => {
  const words = benchCmd.split(/\s+/);
  const base = valueOf(words, '--base-url');
  if (base !== undefined) return serverRoot(base);
  const host = valueOf(words, '--host') ?? '127.0.0.1';
  return `http://${host.includes(':') ? `[${host}]` : host}:${valueOf(words, '--port') ?? VLLM_PORT}`;
};

/** The server that a command starts itself; null where it starts none. */
export const ownServerOf = (commands: readonly CellCommand[]): OwnServer | null => {
  const words = commands.flatMap(({ argv }) => wordsBehind(argv, '--serve-cmd'));
  if (words.length === 0) return null;
  const size = (...flags: readonly string[]): number => Number(valueOf(words, ...flags) ?? 1);
  return {
    port: Number(valueOf(words, '--port') ?? VLLM_PORT),
    gpus:
      size('--tensor-parallel-size', '-tp') *
      size('--pipeline-parallel-size', '-pp') *
      size('--data-parallel-size', '-dp'),
  };
};
