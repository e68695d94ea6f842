// The definition of a verb: one constant from which the MCP tool, the command line, the schemas and the documentation
// are made. Holds types and the defaults that every verb shares; starts nothing.
import { z } from 'zod';
import type { Rows } from '../render/rows.ts';
import { controlCharacter } from './paths.ts';
import type { VerbContext } from './context.ts';
import type { Say } from './dry-run.ts';
import type { GateAnswer } from './gate-report.ts';
import { nextStepSchema, type NextStep } from './next-step.ts';
import type { PathUse } from './path-use.ts';
import { ACK_FIELD, type Family, type Safety } from './vocabulary.ts';

/** Where warnings are read: on a terminal with room for every word, or at the head of an answer that must stay short. */
export type NoticeRoom = 'terminal' | 'answer';

export interface Link {
  /** Absolute path of a file or folder that the call wrote or that the caller should read next. */
  readonly path: string;
  readonly title: string;
  readonly mime_type: string;
}

export interface Example<Input> {
  readonly title: string;
  readonly input: Input;
  /** What must be there for it to run: `a GPU and nvcc`. */
  readonly needs?: string;
}

type Shape = Record<string, z.ZodType>;

export interface VerbDefinition<Fields extends Shape, Data extends Shape> {
  /** At most 38 characters, snake_case. */
  readonly name: string;
  readonly family: Family;
  /** `library` and `verb` of the result envelope. */
  readonly library: string;
  readonly verb: string;
  readonly title: string;
  /** What it does and when to use it, at most 220 characters; the list of tools carries it whole. */
  readonly description: string;
  readonly safety: Safety;
  /** Calling twice with the same input leaves the same state. */
  readonly idempotent?: boolean;
  /** Reaches beyond this machine. */
  readonly open_world?: boolean;
  readonly fields: Fields;
  readonly data: Data;
  /** Fields that name files or folders, and what the verb does with them. */
  readonly paths?: Readonly<Partial<Record<keyof Fields & string, PathUse>>>;
  /** Fields that the command line also takes without a flag, in order; the last may be a list. */
  readonly positionals?: readonly (keyof Fields & string)[];
  /** Fields that a caller seldom needs: accepted and documented, but left out of the list of tools. */
  readonly seldom?: readonly (keyof Fields & string)[];
  /** Old flag names and the field each one sets. */
  readonly aliases?: Readonly<Record<string, keyof Fields & string>>;
  /** Record fields that take `--<field>.<key> value` on the command line, by flag stem. */
  readonly keyed_flags?: Readonly<Record<string, keyof Fields & string>>;
  /** Fields of one value, and the field that takes several of them: a list sent for the first is meant for the second. */
  readonly lists?: Readonly<Record<string, keyof Fields & string>>;
  /**
   * Its work takes long whatever it reads: it runs in a thread, which time limit and cancellation end. `in_turns`: it minds both by itself,
   * so that only a server, which answers others meanwhile, needs the thread.
   */
  readonly computes?: boolean | 'in_turns';
  /** Its result is a page to explore, which programs that show pages beside an answer show. */
  readonly explored?: boolean;
  /** Ends by itself when interrupted and keeps what it has; a foreground call waits for that. */
  readonly keeps_partial?: boolean;
  /** Seconds after which the call is stopped when the caller names no limit; default 600. */
  readonly time_limit_s?: number;
  readonly examples: readonly Example<
    z.input<z.ZodObject<Fields>> & { readonly dry_run?: true; readonly [ACK_FIELD]?: true }
  >[];
  /** Does the work. Prints nothing; throws a Fault for what the caller can fix. */
  readonly run: (input: z.output<z.ZodObject<Fields>>, context: VerbContext) => Promise<z.input<z.ZodObject<Data>>>;
  /** The short answer: verdict first, three to five numbers with unit and n, what is missing. What was done, or would be, by `say`. */
  readonly render: (data: z.input<z.ZodObject<Data>>, say: Say) => string;
  /** Calls that may follow, the best first: each works as it is, and names only what exists. After a dry run: the call for good. */
  readonly next?: (data: z.input<z.ZodObject<Data>>, input: z.output<z.ZodObject<Fields>>) => readonly NextStep[];
  /** The answer as rows, for `--csv` and `--markdown` on the command line; titles of columns are the names of the fields. */
  readonly rows?: (data: z.input<z.ZodObject<Data>>) => Rows;
  /** Warnings, said before the answer; the command line prints them on stderr, where there is room for how to fix each. */
  readonly notices?: (data: z.input<z.ZodObject<Data>>, room: NoticeRoom) => readonly string[];
  readonly links?: (data: z.input<z.ZodObject<Data>>) => readonly Link[];
  /** The call worked, but what it reports has failed: the answer is marked as an error. */
  readonly failed?: (data: z.input<z.ZodObject<Data>>) => boolean;
  /** Exit code of a call that worked; 0 when absent. */
  readonly exit_code?: (data: z.input<z.ZodObject<Data>>, input: z.output<z.ZodObject<Fields>>) => number;
  /** The verb is a gate: what a build server shows of its answer, case by case; null while there is none. */
  readonly gate?: (data: z.input<z.ZodObject<Data>>) => GateAnswer | null;
  /** The exact commands an acknowledged call would start, for a person to confirm. */
  readonly plan?: (input: z.output<z.ZodObject<Fields>>, context: VerbContext) => Promise<readonly string[]>;
}

/** Fields that every verb takes. */
const COMMON_FIELDS = {
  repo_root: z.string().min(1).optional().describe('Root folder; default: environment, then nearest marker.'),
  time_limit_s: z.number().positive().max(86_400).optional().describe('Stop the call after this many seconds.'),
};

const WRITING_FIELDS = {
  dry_run: z.boolean().optional().describe('Say what would be done; write nothing.'),
};

const OVERWRITE_FIELD = {
  overwrite: z.boolean().optional().describe('Replace files that this verb did not write.'),
};

const ACK_FIELDS = {
  [ACK_FIELD]: z.literal(true).optional().describe('Must be true: this starts work on a cluster or runs commands.'),
};

const LONGEST_DESCRIPTION = 220;

/** A verb with its whole input and output schema. */
export type Verb = ReturnType<typeof defineVerb>;

/** Checks the definition's limits and completes its schemas. Throws a RangeError when a limit is broken. */
export const defineVerb = <Fields extends Shape, Data extends Shape>(definition: VerbDefinition<Fields, Data>) => {
  const { name, description, safety } = definition;
  const paths: Readonly<Record<string, PathUse>> = Object.fromEntries(
    Object.entries<PathUse | undefined>(definition.paths ?? {}).flatMap(([field, use]) => (use ? [[field, use]] : [])),
  );
  if (!/^[a-z][a-z0-9_]{2,37}$/.test(name)) throw new RangeError(`verb name ${name} is not snake_case of at most 38`);
  if (description.length > LONGEST_DESCRIPTION)
    throw new RangeError(`${name}: description has ${description.length} characters`);
  const input = z.strictObject({
    ...definition.fields,
    ...(safety === 'read_only' ? {} : WRITING_FIELDS),
    ...(Object.values(paths).some(({ use }) => use === 'write' || use === 'fill') ? OVERWRITE_FIELD : {}),
    ...(safety === 'submits_jobs' ? ACK_FIELDS : {}),
    ...COMMON_FIELDS,
  });
  const output = z.object({
    tool: z.literal(name),
    library: z.literal(definition.library),
    verb: z.literal(definition.verb),
    safety: z.literal(safety),
    repo_root: z.string(),
    dry_run: z.literal(true).optional(),
    ...definition.data,
    next: z.array(nextStepSchema).describe('Calls that may follow; those with `with` need that first.'),
  });
  return {
    ...definition,
    paths,
    input,
    output,
    run: definition.run as (input: unknown, context: VerbContext) => Promise<Record<string, unknown>>,
    render: definition.render as (data: unknown, say: Say) => string,
    next: definition.next as ((data: unknown, input: unknown) => readonly NextStep[]) | undefined,
    rows: definition.rows as ((data: unknown) => Rows) | undefined,
    notices: definition.notices as ((data: unknown, room: NoticeRoom) => readonly string[]) | undefined,
    links: definition.links as ((data: unknown) => readonly Link[]) | undefined,
    failed: definition.failed as ((data: unknown) => boolean) | undefined,
    exit_code: definition.exit_code as ((data: unknown, input: unknown) => number) | undefined,
    gate: definition.gate as ((data: unknown) => GateAnswer | null) | undefined,
    plan: definition.plan as ((input: unknown, context: VerbContext) => Promise<readonly string[]>) | undefined,
    examples: definition.examples as readonly Example<unknown>[],
    seldom: definition.seldom as readonly string[] | undefined,
    positionals: definition.positionals as readonly string[] | undefined,
    aliases: definition.aliases as Readonly<Record<string, string>> | undefined,
    keyed_flags: definition.keyed_flags as Readonly<Record<string, string>> | undefined,
    lists: definition.lists as Readonly<Record<string, string>> | undefined,
  };
};

/** A field that holds a path: `~` and relative paths are allowed, control characters are not. */
export const pathField = (description: string) =>
  z
    .string()
    .min(1)
    .max(4096)
    .refine((value) => !controlCharacter.test(value), 'holds a control character')
    .describe(description);

/** A list field that also takes a single value. */
export const oneOrMany = (description: string) =>
  z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .describe(description);
