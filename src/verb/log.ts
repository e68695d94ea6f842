// The product's log: JSON lines on stderr through pino, secrets removed. Never writes to stdout.
import { redact, environmentSecrets } from '../text/redact.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';
const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error'];

type Write = (level: Level, fields: Record<string, unknown>, message: string) => void;

const openPino = async (threshold: Level): Promise<Write> => {
  const { pino, destination } = await import('./pino-package.ts');
  const logger = pino(
    { name: 'profile-and-optimize', level: threshold, base: null },
    destination({ fd: 2, sync: true }),
  );
  return (level, fields, message) => logger[level](fields, message);
};

/** A log at the level that `PROFILE_AND_OPTIMIZE_LOG` names (default `warn`); pino loads with the first line that passes. */
export const createLog = (env: Readonly<Record<string, string | undefined>>) => {
  const wanted = LEVELS.find((level) => level === env['PROFILE_AND_OPTIMIZE_LOG']) ?? 'warn';
  const known = environmentSecrets(env);
  let opening: Promise<Write> | undefined;
  return async (level: Level, message: string, fields: Record<string, unknown> = {}): Promise<void> => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(wanted)) return;
    opening ??= openPino(wanted);
    const write = await opening;
    const clean: Record<string, unknown> = JSON.parse(redact(JSON.stringify(fields), known));
    write(level, clean, redact(message, known));
  };
};

export type Log = ReturnType<typeof createLog>;
