// The variables that an outside program is to see. Always passed in by the caller; nothing here reads this process's own.

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that have a value, as the operating system takes them. */
export const definedVariables = (env: Environment): Record<string, string> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
