// The programs of the product and the verb prefix of each.

export interface Program {
  readonly program: string;
  /** Put in front of a verb's name: `bench run` is the verb `bench_run`. */
  readonly prefix: string;
}
