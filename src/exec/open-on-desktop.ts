// Hands a file to the desktop's own viewer. Never through a shell, never waits for the viewer, and starts nothing where nobody
// would see it.
import { spawn } from 'node:child_process';
import { definedVariables, type Environment } from './environment.ts';
import { findTool } from './find-tool.ts';

export interface Desktop {
  readonly platform: NodeJS.Platform;
  readonly env: Environment;
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';

/** The viewer's command without the file; null where there is no display, or no such program. */
export const desktopOpener = ({ platform, env }: Desktop): readonly string[] | null => {
  if (platform === 'win32') return ['explorer.exe'];
  if (platform !== 'darwin' && !isSet(env['DISPLAY']) && !isSet(env['WAYLAND_DISPLAY'])) return null;
  const tool = findTool(platform === 'darwin' ? 'open' : 'xdg-open', env);
  return tool === null ? null : [tool];
};

/** True when the viewer was started with `path`, which is absolute. */
export const openOnDesktop = async (path: string, desktop: Desktop): Promise<boolean> => {
  const [file, ...words] = desktopOpener(desktop) ?? [];
  if (file === undefined) return false;
  const child = spawn(file, [...words, path], {
    env: definedVariables(desktop.env),
    detached: true,
    stdio: 'ignore',
  });
  const started = await new Promise<boolean>((resolve) => {
    child.once('spawn', () => resolve(true));
    child.once('error', () => resolve(false));
  });
  child.unref();
  return started;
};
