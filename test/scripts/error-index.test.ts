// The page of errors against a plain search of the sources.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const sources = ['src', 'tools'].flatMap((folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
);
const page = readFileSync('docs/errors.md', 'utf8');
const listed = [...page.matchAll(/^\| `([a-z0-9_]+)` \| ([a-z_, ]+) \| ([\d, ]+) \| (.*) \| (.*) \|$/gm)].map(
  ([, code = '', kinds = '', exits = '', message = '']) => ({ code, kinds, exits, message }),
);
const codes = listed.map(({ code }) => code);

describe('docs/errors.md', () => {
  it('has every code that stands as a literal where a fault is made', () => {
    const made = sources.flatMap((text) =>
      [...text.matchAll(/(?:new Fault\(\s*'[a-z_]+',|inputFault\(|\b(?:usage|refuse)\()\s*'([a-z0-9_]+)'/g)].map(
        ([, code = '']) => code,
      ),
    );
    expect(new Set(made).size).toBeGreaterThan(150);
    expect([...new Set(made)].filter((code) => !codes.includes(code))).toEqual([]);
  });

  it('has each code once, with a kind, an exit code and a meaning', () => {
    expect(codes).toEqual([...new Set(codes)].sort());
    expect(page).toContain(`${codes.length} codes.`);
    expect(listed.filter(({ message }) => message.trim() === '')).toEqual([]);
    for (const { kinds, exits } of listed)
      for (const exit of exits.split(', '))
        expect([kinds, ['2', '4', '5', '124', '130'].includes(exit)]).toEqual([kinds, true]);
  });

  it('follows codes that a table or a function of the sources brings', () => {
    for (const code of ['file_not_found', 'pod_not_found', 'json_syntax', 'telemetry_records', 'unknown_flag'])
      expect(codes).toContain(code);
  });

  it('has every code that the page of troubleshooting begins a row with', () => {
    const rows = [...readFileSync('docs/troubleshooting.md', 'utf8').matchAll(/^\| ([^|]+) \|/gm)];
    const named = rows.flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z]+_[a-z_]+)`/g)].map(([, code = '']) => code),
    );
    expect(named.length).toBeGreaterThan(12);
    expect(named.filter((code) => !codes.includes(code))).toEqual([]);
  });
});
