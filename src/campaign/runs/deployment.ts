// How a cell is deployed before it is measured, and what puts back what was there: a command of the config, or a Helm release that gets
// the values of the config, all of them. Says the words; starts nothing itself.
import { createHash } from 'node:crypto';
import type { JsonValue } from '../../text/json.ts';
import { isJsonObject, jsonFile } from '../../text/json.ts';
import { inputFault } from '../../text/fault.ts';
import type { CellConfig } from '../config.ts';
import type { RunSettings } from './run-settings.ts';

export interface Deployment {
  /** The same deployment has the same key. */
  readonly key: string;
  readonly argv: readonly string[];
  readonly timeoutS: number;
  /** Values of the cell, written before; null where it has none. */
  readonly values: { readonly path: string; readonly text: string } | null;
  /** Words that put back what was there, where it does not depend on that. */
  readonly teardown: readonly string[] | null;
  /** The Helm release whose revision before is put back. */
  readonly release: HelmRelease | null;
}

export interface HelmRelease {
  /** `--namespace …`, and the context where one is named. */
  readonly name: string;
  readonly flags: readonly string[];
  readonly timeoutS: number;
}

const scalar = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** `helm_overrides`: `path` names a file, `set` holds single values; every other key is a value itself. */
const overridesOf = ({ cell_id, helm_overrides: given = {} }: CellConfig) => {
  const { path, set, ...inline } = given;
  if (path !== undefined && typeof path !== 'string')
    throw inputFault('helm_overrides_invalid', `helm_overrides.path of cell ${cell_id} is no path`, { fix: 'name a file' });
  if (set !== undefined && !isJsonObject(set))
    throw inputFault('helm_overrides_invalid', `helm_overrides.set of cell ${cell_id} holds no keys and values`, { fix: 'write set: { key: value }' });
  return { path, set: set ?? {}, inline };
}; // prettier-ignore

const helmOf = (settings: RunSettings, cell: CellConfig, valuesPath: string): Omit<Deployment, 'key'> | null => {
  const { target_release: name, chart_dir: chart, target_namespace: namespace, base_values: base, kube_context: context, helm_timeout_s: timeoutS } = settings;
  if (name === undefined || chart === undefined) return null;
  const { path, set, inline } = overridesOf(cell);
  const values = Object.keys(inline).length === 0 ? null : { path: valuesPath, text: jsonFile(inline) };
  const flags = ['--namespace', namespace, ...(context === undefined ? [] : ['--kube-context', context])];
  const files = [base, path, values?.path].filter((file) => file !== undefined);
  return {
    argv: [
      'helm', 'upgrade', '--install', name, chart, ...flags,
      ...files.flatMap((file) => ['--values', file]),
      ...Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${scalar(value)}`]),
      '--wait', '--timeout', `${timeoutS}s`,
    ],
    timeoutS: timeoutS + 60,
    values,
    teardown: null,
    release: { name, flags, timeoutS },
  };
}; // prettier-ignore

const commandOf = (settings: RunSettings, cell: CellConfig, campaign: string, valuesPath: string): Omit<Deployment, 'key'> | null => {
  const { deploy } = settings;
  if (deploy === undefined) return null;
  const filled = (words: readonly string[]): string[] =>
    words.map((word) => word.replaceAll('{cell_id}', cell.cell_id).replaceAll('{campaign}', campaign).replaceAll('{values}', valuesPath));
  const wantsValues = deploy.command.some((word) => word.includes('{values}'));
  return {
    argv: filled(deploy.command),
    timeoutS: deploy.timeout_s,
    values: wantsValues ? { path: valuesPath, text: jsonFile(cell.helm_overrides ?? {}) } : null,
    teardown: filled(deploy.teardown),
    release: null,
  };
}; // prettier-ignore

/** How the cell is deployed; null where the config says nothing of it. `valuesPath`: where its values are written. */
export const deploymentOf = (settings: RunSettings, cell: CellConfig, campaign: string, valuesPath: string): Deployment | null => {
  const found = helmOf(settings, cell, valuesPath) ?? commandOf(settings, cell, campaign, valuesPath);
  if (found === null) return null;
  const words = [...found.argv.map((word) => (word === valuesPath ? '' : word)), found.values?.text ?? ''];
  return { ...found, key: createHash('sha256').update(JSON.stringify(words)).digest('hex') };
}; // prettier-ignore

/** Asks for the newest revision of a release. */
export const revisionArgv = ({ name, flags }: HelmRelease): string[] =>
  ['helm', 'history', name, ...flags, '--max', '1', '--output', 'json']; // prettier-ignore

/** Words that put a release back to a revision; one that was not there is taken away. */
export const putBackArgv = ({ name, flags, timeoutS }: HelmRelease, revision: number | null): string[] =>
  revision === null
    ? ['helm', 'uninstall', name, ...flags, '--ignore-not-found', '--wait', '--timeout', `${timeoutS}s`]
    : ['helm', 'rollback', name, String(revision), ...flags, '--wait', '--timeout', `${timeoutS}s`];
