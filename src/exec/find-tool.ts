// Finds a program on PATH the way execvp does, without starting anything. Never looks into the working folder.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Environment } from './environment.ts';
import { toolMissing } from './tool-fault.ts';

const isExecutableFile = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/**
 * Absolute path of `tool`, or null. A name with a slash stands for itself when it is absolute; other names are looked up
 * in `env.PATH`, then in `folders` (absolute, in order of preference).
 */
export const findTool = (tool: string, env: Environment, folders: readonly string[] = []): string | null => {
  if (tool.includes('/')) return isAbsolute(tool) && isExecutableFile(tool) ? tool : null;
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const candidates = [...onPath, ...folders].map((folder) => join(folder, tool));
  return candidates.find(isExecutableFile) ?? null;
};

/** Like `findTool`, but throws `tool_missing` with the way to get the program. */
export const requireTool = (tool: string, env: Environment, folders: readonly string[] = []): string => {
  const found = findTool(tool, env, folders);
  if (found === null) throw toolMissing(tool);
  return found;
};
