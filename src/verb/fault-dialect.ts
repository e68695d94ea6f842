// What to do about a fault, in the words of whoever called: flags on a command line, fields over MCP. Pure; touches only the fix,
// and in it only names of the verb's own fields.
import { Fault } from '../text/fault.ts';
import type { ManifestEntry } from './manifest.ts';
import { flagOf, type Dialect } from './next-step.ts';

/** `--cell-id` as `cell_id`. */
const asFields = (text: string, known: ReadonlySet<string>): string =>
  text.replaceAll(/--([a-z][a-z_-]*)/g, (flag, name: string) => {
    const field = name.replaceAll('-', '_');
    return known.has(field) ? field : flag;
  });

/** `repo_root` as `--repo-root`, `dry_run: true` as `--dry-run`; names of one word stay, they may be any word. */
const asFlags = (text: string, known: ReadonlySet<string>): string =>
  text.replaceAll(/(?<![\w./"'<-])([a-z]+(?:_[a-z]+)+)(?![\w/"'>])(?:: true\b)?/g, (found, field: string) =>
    known.has(field) ? flagOf(field) : found,
  );

/** The fault with its fix in the caller's dialect. */
export const faultIn = (dialect: Dialect, fault: Fault, { input_schema: { properties } }: ManifestEntry): Fault => {
  const { kind, code, message, details } = fault;
  if (kind === 'internal' || details.fix === undefined) return fault;
  const known = new Set(Object.keys(properties));
  const fix = dialect === 'fields' ? asFields(details.fix, known) : asFlags(details.fix, known);
  return fix === details.fix ? fault : new Fault(kind, code, message, { ...details, fix });
};
