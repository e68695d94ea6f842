// Writes an argument list as a line that a person can paste. Nothing is ever run through a shell.

const PLAIN_ARGUMENT = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** An argument list as one line for a POSIX shell, quoted where it must be. */
export const shellLine = (argv: readonly string[]): string =>
  argv.map((word) => (PLAIN_ARGUMENT.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
