// The rules and ceilings that judging works from: the product's rules with the user's own before them, and the user's own
// ceilings where they exist, else the product's. Kept in memory until a file changes.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileStamp } from '../fs/file-stamp.ts';
import { CONFIGURATION_BYTES, readNamedText } from '../fs/named-text.ts';
import { checkCeilings, parseCeilings, type CeilingTable } from '../hardware/ceilings.ts';
import { checkPolicy, parsePolicy } from './policy-file.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import { builtValue } from '../text/built-value.ts';
import type { VerbContext } from '../verb/context.ts';

type Parse<T> = (text: string, path: string) => Promise<T>;

interface Kept {
  readonly stamp: string;
  readonly value: Promise<unknown>;
}

const kept = new Map<string, Kept>();
const MOST_FILES = 32;

/** Parses a file once per version of it. */
const parseOnce = async <T>(path: string, parse: Parse<T>): Promise<T> => {
  const stamp = fileStamp(path);
  const known = kept.get(path);
  if (known !== undefined && known.stamp === stamp) return known.value as Promise<T>; // checked boundary: one parser per path
  const value = readNamedText(path, { limit: CONFIGURATION_BYTES }).then((text) => parse(text, path));
  const [oldest] = kept.keys();
  if (kept.size >= MOST_FILES && oldest !== undefined) kept.delete(oldest);
  if (stamp !== undefined) kept.set(path, { stamp, value });
  value.catch(() => kept.delete(path));
  return value;
};

const firstExisting = (paths: readonly (string | undefined)[]): string => {
  const found = paths.find((path) => path !== undefined && existsSync(path));
  return found ?? paths.at(-1) ?? '';
};

type Places = Pick<VerbContext, 'root' | 'env' | 'productFolder'>;

const parseWith =
  <T>(name: string, productFolder: string, check: (value: unknown, path: string) => T, parse: Parse<T>): Parse<T> =>
  async (text, path) => {
    const built = await builtValue(name, text, productFolder);
    return built === undefined ? parse(text, path) : check(built, path);
  };

/** A root's own rules with the product's behind them, kept as long as both: what is judged by them is remembered by the list. */
const joined = new WeakMap<readonly PolicyRule[], WeakMap<readonly PolicyRule[], readonly PolicyRule[]>>();

const joinRules = (own: readonly PolicyRule[], shipped: readonly PolicyRule[]): readonly PolicyRule[] => {
  const byShipped = joined.get(own) ?? new WeakMap<readonly PolicyRule[], readonly PolicyRule[]>();
  const rules = byShipped.get(shipped) ?? [...own, ...shipped];
  joined.set(own, byShipped.set(shipped, rules));
  return rules;
};

/** The rules of the product's `configs/metrics.yaml`, with those of the root's own file, where it has one, before them. */
export const defaultRules = async ({ root, productFolder }: Places): Promise<readonly PolicyRule[]> => {
  const [own, shipped] = [join(root, 'configs', 'metrics.yaml'), join(productFolder, 'configs', 'metrics.yaml')];
  const parse = parseWith('metrics', productFolder, checkPolicy, parsePolicy);
  const rules = await parseOnce(shipped, parse);
  return own === shipped || !existsSync(own) ? rules : joinRules(await parseOnce(own, parse), rules);
};

const CEILINGS_FILE = join('configs', 'sol-ceilings.yaml');

/** Files of ceilings in a folder and above it, the nearest first; the predecessor kept them a level deeper. */
const ceilingsAbove = (from: string): string[] => {
  const above = dirname(from);
  const own = [join(from, 'perf-tune-report', CEILINGS_FILE), join(from, CEILINGS_FILE)];
  return above === from ? own : [...own, ...ceilingsAbove(above)];
};

/** What is in use where ceilings are switched off. */
export const NO_CEILINGS: CeilingTable = { byKey: new Map(), byDevice: new Map(), inSwitch: new Set() };

/**
 * The ceilings: `SOL_CEILINGS_YAML` (`disable` for none), else those of `from`, a campaign's folder, or of the nearest folder above
 * it, else `configs/sol-ceilings.yaml` of the root, else of the product. Throws a Fault `sol_ceilings_malformed`.
 */
export const ceilings = ({ root, env, productFolder }: Places, from?: string): Promise<CeilingTable> => {
  const named = env['SOL_CEILINGS_YAML'];
  if (named === 'disable') return Promise.resolve(NO_CEILINGS);
  const above = from === undefined ? [] : ceilingsAbove(from);
  const path = named ?? firstExisting([...above, join(root, CEILINGS_FILE), join(productFolder, CEILINGS_FILE)]);
  return parseOnce(path, parseWith('sol-ceilings', productFolder, checkCeilings, parseCeilings));
};

/** A policy file that the caller named. */
export const policyFile = (path: string): Promise<readonly PolicyRule[]> => parseOnce(path, parsePolicy);
