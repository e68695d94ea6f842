// Reads YAML 1.2 documents with the place of every fault. The package itself is loaded when the first document is read.
import { inputFault } from './fault.ts';
import type { JsonValue } from './json.ts';

/** Parses one YAML document to plain JSON values. Throws a Fault `yaml_syntax` with line and column; warnings count as faults. `yaml_aliases` for an alias bomb. */
export const parseYaml = async (text: string, path: string): Promise<JsonValue> => {
  const { LineCounter, parseDocument } = await import('./yaml-package.ts');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, uniqueKeys: true, prettyErrors: false });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    throw inputFault('yaml_syntax', `${path}: ${problem.message} at line ${line}, column ${col}`, {
      path,
      at: `${line}:${col}`,
      fix: 'correct the YAML at that place',
    });
  }
  try {
    return document.toJS() as JsonValue; // checked boundary: the core schema yields JSON values only
  } catch (cause) {
    throw inputFault('yaml_aliases', `${path}: its aliases stand for more than can be read`, {
      path,
      cause,
      fix: 'write the values out instead of aliases of aliases',
    });
  }
};
