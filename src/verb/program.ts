// The programs of the product, the prefix of verbs that each leaves out, and what verbs are called there. Pure.

export interface Program {
  readonly program: string;
  /** Put in front of a verb's name: `bench run` is the verb `bench_run`. */
  readonly prefix: string;
}

/** The program whose verbs have their whole names. */
export const MAIN_PROGRAM: Program = { program: 'profile-and-optimize', prefix: '' };

/** `atlas_aggregate` for a verb that the program calls so; the whole name for any other. */
export const shortName = (verb: string, { prefix }: Program): string =>
  verb.startsWith(prefix) ? verb.slice(prefix.length) : verb;

/** The words that call a verb: the program's own where it is one of its verbs, else those of the main program. */
export const programWords = (verb: string, program: Program): readonly string[] =>
  verb.startsWith(program.prefix) ? [program.program, shortName(verb, program)] : [MAIN_PROGRAM.program, verb];
