// Checks a snapshot against the JSON Schema that the caller brought. Never checks anything but the bytes that are recorded.
import { CONFIGURATION_BYTES, readNamedText } from '../fs/named-text.ts';
import { onFile } from '../fs/io-fault.ts';
import { inputFault } from '../text/fault.ts';
import { schemaViolations } from '../text/json-schema.ts';
import { parseJson } from '../text/json.ts';
import type { Snapshot } from './snapshot.ts';

const SHOWN = 5;
const LISTED = 20;

/**
 * Throws a Fault `schema_violation` that lists the first violations with their JSON paths (`data.violations`, some in the
 * message) and counts all, `schema_invalid`, `schema_needs_json`, or one about reading either file.
 */
export const checkSchema = async (snapshot: Snapshot, schemaPath: string): Promise<void> => {
  const { path: source } = snapshot.source;
  if (snapshot.kind !== 'file')
    throw inputFault('schema_needs_json', `${source} is a folder; a schema needs one JSON document`, { path: source });
  const [text, schemaText] = await Promise.all([
    onFile(snapshot.path, () => readNamedText(snapshot.path)),
    onFile(schemaPath, () => readNamedText(schemaPath, { limit: CONFIGURATION_BYTES })),
  ]);
  const document = parseJson(text, source);
  const violations = await schemaViolations(parseJson(schemaText, schemaPath), document, schemaPath);
  const [first] = violations;
  if (first === undefined) return;
  const lines = violations.slice(0, SHOWN).map(({ at, message }) => `${at === '' ? '<root>' : at}: ${message}`);
  const more = violations.length > SHOWN ? `, and ${violations.length - SHOWN} more` : '';
  throw inputFault('schema_violation', `${source} does not fit ${schemaPath}: ${lines.join('; ')}${more}`, {
    path: source,
    at: first.at === '' ? '<root>' : first.at,
    fix: 'correct the source or name the schema that belongs to it; nothing was recorded',
    data: { violations: violations.slice(0, LISTED), violations_count: violations.length },
  });
};
