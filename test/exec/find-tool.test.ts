import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findTool } from '../../src/exec/find-tool.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'find-'));
const program = (path: string, mode = 0o755): string => {
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, mode);
  return path;
};

test('PATH is searched in order, before the other folders, and skips what cannot be executed', () => {
  const [first, second, third] = [folder(), folder(), folder()];
  program(join(first, 'tool'), 0o644);
  mkdirSync(join(second, 'other'));
  const wanted = program(join(second, 'tool'));
  program(join(third, 'tool'));
  const other = program(join(third, 'other'));
  expect(findTool('tool', { PATH: `${first}:${second}` }, [third])).toBe(wanted);
  expect(findTool('other', { PATH: `${first}:${second}` }, [third])).toBe(other);
});

test.each([
  ['a relative name with a slash', './tool', undefined],
  ['an empty PATH entry, which would mean the working folder', 'package.json', ':'],
  ['a relative PATH entry', 'tool', 'bin'],
  ['an absent PATH', 'sh', undefined],
])('nothing is found for %s', (_name, tool, path) => {
  expect(findTool(tool, { PATH: path })).toBeNull();
});

test('an absolute path stands for itself', () => {
  const path = program(join(folder(), 'tool'));
  expect(findTool(path, {})).toBe(path);
  expect(findTool(`${path}x`, {})).toBeNull();
});
