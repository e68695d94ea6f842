// Runs the steps of a composite action the way GitHub does, as far as this action needs it: inputs, step outputs, `if`, `always()`, and
// stopping after a failure. Knows no other expressions, and says so when it meets one.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isJsonObject, type JsonObject } from '../../src/text/json.ts';
import { parseYaml } from '../../src/text/yaml.ts';

export interface StepRun {
  readonly name: string;
  /** Null when the step was skipped. */
  readonly code: number | null;
  readonly output: string;
}

export interface ActionRun {
  readonly steps: readonly StepRun[];
  /** Whether the job would be green. */
  readonly passed: boolean;
  readonly outputs: ReadonlyMap<string, string>;
}

const asObject = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});

/** Value of one operand: a literal, an input, a step output, or a field of the `github` context. */
const operand = (text: string, known: ReadonlyMap<string, string>): string => {
  const literal = /^'([^']*)'$/.exec(text);
  if (literal !== null) return literal[1] ?? '';
  if (/^(inputs|github)\.[\w-]+$|^steps\.\w+\.outputs\.[\w-]+$/.test(text)) return known.get(text) ?? '';
  throw new Error(`the test runner does not know the expression ${text}`);
};

const evaluate = (expression: string, known: ReadonlyMap<string, string>): string => {
  const parts = expression.split('&&').map((part) => part.trim());
  if (parts.length === 1 && !/[!=]=/.test(expression)) return operand(expression.trim(), known);
  const holds = parts.every((part) => {
    const [, left = '', sign, right = ''] = /^(\S+)\s*([!=]=)\s*(\S+)$/.exec(part) ?? [];
    return (operand(left, known) === operand(right, known)) === (sign === '==');
  });
  return String(holds);
};

const substitute = (text: string, known: ReadonlyMap<string, string>): string =>
  text.replace(/\$\{\{\s*(.+?)\s*\}\}/g, (_, expression: string) => evaluate(expression, known));

const due = (condition: unknown, failed: boolean, known: ReadonlyMap<string, string>): boolean => {
  if (typeof condition !== 'string') return !failed;
  return condition === 'always()' || (!failed && evaluate(condition, known) === 'true');
};

const execute = (
  script: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number; output: string }> =>
  new Promise((done) => {
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], { cwd, env });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => done({ code: code ?? -1, output }));
  });

/** Lines `name=value` that a step wrote. */
const readOutputs = async (path: string): Promise<[string, string][]> => {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line.includes('='))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
};

/** Runs the action at `actionPath` in `cwd`. `uses` steps are named and skipped. `env` holds everything the job sees. */
export const runAction = async (
  actionPath: string,
  inputs: Readonly<Record<string, string>>,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<ActionRun> => {
  const action = asObject(await parseYaml(await readFile(actionPath, 'utf8'), actionPath));
  const scratch = await mkdtemp(join(tmpdir(), 'action-'));
  const known = new Map<string, string>([['github.event_name', env['GITHUB_EVENT_NAME'] ?? '']]);
  for (const [name, input] of Object.entries(asObject(action['inputs']))) {
    const fallback = asObject(input)['default'];
    known.set(`inputs.${name}`, inputs[name] ?? (typeof fallback === 'string' ? fallback : ''));
  }
  const steps: StepRun[] = [];
  let failed = false;
  const listed = asObject(action['runs'])['steps'];
  for (const [index, entry] of (Array.isArray(listed) ? listed : []).entries()) {
    const step = asObject(entry);
    const { run, id } = step;
    const name = String(step['name']);
    if (typeof run !== 'string' || !due(step['if'], failed, known)) {
      steps.push({ name, code: null, output: '' });
      continue;
    }
    const output = join(scratch, `output-${index}`);
    const own = Object.entries(asObject(step['env'])).map(([key, value]) => [key, substitute(String(value), known)]);
    const result = await execute(run, cwd, {
      ...env,
      ...Object.fromEntries(own),
      GITHUB_ACTION_PATH: resolve(dirname(actionPath)),
      GITHUB_OUTPUT: output,
    });
    for (const [key, value] of await readOutputs(output)) known.set(`steps.${String(id)}.outputs.${key}`, value);
    failed ||= result.code !== 0;
    steps.push({ name, ...result });
  }
  await rm(scratch, { recursive: true });
  return { steps, passed: !failed, outputs: known };
};
