// One thing that must hold before a command is started, as it was found. Shape only.

/** `bad` would make the run fail; `unknown` is what may not be read, or cannot be known before. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'bad' | 'unknown';
  readonly says: string;
}

export const check = (name: string, state: Check['state'], says: string): Check => ({ name, state, says });
