import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Fault } from '../../src/text/fault.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';
import type { Safety } from '../../src/verb/vocabulary.ts';
import type { Host } from '../../src/verb/host.ts';
import { MAIN_PROGRAM } from '../../src/verb/program.ts';
import { runVerb } from '../../src/verb/run-verb.ts';
import { entryOf } from './entry-of.ts';

const echoVerb = (safety: Safety, run?: (signal: AbortSignal) => Promise<void>) =>
  defineVerb({
    name: 'echo_things',
    family: 'baseline',
    library: 'echo',
    verb: 'things',
    title: 'Echo',
    description: 'Gives back what it got.',
    safety,
    fields: {
      family: z.string().min(1).describe('Family.'),
      values: z.array(z.number()).optional().describe('Values.'),
      current: z.array(z.string()).optional().describe('Files.'),
      tolerance_percent: z.number().nonnegative().optional().describe('Percent.'),
      context: z.record(z.string(), z.unknown()).optional().describe('Context.'),
      strict: z.boolean().optional().describe('Strict.'),
      level: z.enum(['low', 'high']).optional().describe('Level.'),
      tolerances: z
        .record(z.string(), z.object({ percent: z.number().optional(), absolute: z.number().optional() }))
        .optional()
        .describe('By metric.'),
    },
    data: { echoed: z.record(z.string(), z.unknown()) },
    positionals: ['family', 'current'],
    aliases: { kin: 'family' },
    keyed_flags: { tolerance: 'tolerances' },
    examples: [],
    run: async (input, context) => {
      await run?.(context.signal);
      return { echoed: input };
    },
    render: (data) => `echo ${JSON.stringify(data.echoed)}`,
    exit_code: (data) => (data.echoed['strict'] === true ? 1 : 0),
    plan: async () => ['kubectl exec pod -- run'],
  });

const lines: string[] = [];
const host = (extra: Partial<Host> = {}): Host => ({
  cwd: '/work-folder',
  env: {},
  product: { name: 'p', version: '1', sha: null },
  productFolder: '/',
  log: async (level, message) => void lines.push(`${level} ${message}`),
  resolveRoot: (explicit) => ({ root: explicit ?? '/root-folder', source: 'test' }),
  ...extra,
});

const call = (raw: unknown, safety: Safety = 'read_only', extra: Partial<Host> = {}) => {
  const verb = echoVerb(safety);
  return runVerb(entryOf(verb), async () => verb, raw, host(extra));
};

const codeOf = (structured: Record<string, unknown>): unknown => Reflect.get(Object(structured['error']), 'code');

describe('the three forms of a call', () => {
  const typed = {
    family: 'x',
    values: [1, 2.5],
    strict: true,
    tolerances: { 'ttft_*': { percent: 3 }, hits: { absolute: 0.02 } },
  };
  const args = [
    '--family',
    'x',
    '--values',
    '1,2.5',
    '--strict',
    '--tolerance.ttft_*',
    '3',
    '--tolerance.hits=abs:0.02',
    '--json',
  ];

  it.each([
    ['typed fields', typed],
    ['args', { args }],
    ['args inside params', { params: { args } }],
    [
      'snake_case flags and an old name',
      { args: ['--kin=x', '--values=1', '--values', '2.5', '--strict=true', ...args.slice(5)] },
    ],
  ])('%s mean the same', async (_, raw) => {
    const outcome = await call(raw);
    expect(outcome.structured['echoed']).toEqual(typed);
    expect(outcome.exitCode).toBe(1);
  });

  it('takes words without flags for the positionals, the last of which is a list', async () => {
    const outcome = await call({ args: ['x', 'a.json', 'b.json'] });
    expect(outcome.structured['echoed']).toEqual({ family: 'x', current: ['a.json', 'b.json'] });
  });

  it('echoes the old envelope fields only to callers that sent args', async () => {
    expect((await call({ args: ['x'] })).structured['legacy']).toEqual({
      ack_required: false,
      ack_field: null,
      args: ['x'],
      returncode: 0,
    });
    expect((await call({ family: 'x' })).structured['legacy']).toBeUndefined();
  });
});

describe('wrong calls', () => {
  it.each([
    [{ famly: 'x' }, 'invalid_input', /famly \(did you mean family\?\).*|family is required/],
    [{ args: ['--famly', 'x'] }, 'unknown_flag', /did you mean --family/],
    [{ args: ['x', '--strict=perhaps'] }, 'flag_not_boolean', /"perhaps"\nfix: write --strict, or --no-strict/],
    [{ args: ['--famly=x'] }, 'unknown_flag', /no flag --famly; did you mean --family/],
    [{ args: ['—family', 'x'] }, 'unknown_flag', /no flag —family; did you mean --family/],
    [{ args: ['--family', 'x', '--tolerance-percent', '1e400'] }, 'not_a_number', /"1e400"/],
    [{ args: ['--family', ''] }, 'invalid_input', /family is empty/],
    [{ args: ['--family', 'x', '--tolerance.', '5'] }, 'unknown_flag', /no flag --tolerance\./],
    [{ args: ['--family'] }, 'flag_without_value', /--family wants a value/],
    [{ args: ['--family', 'x', '--family', 'y'] }, 'flag_repeated', /given twice/],
    [{ args: ['--tolerance-percent', 'five', 'x'] }, 'not_a_number', /"five"/],
    [{ family: 'x', tolerance_percent: -1 }, 'invalid_input', /tolerance_percent.*got -1/],
    [
      { family: 'x', level: 'hihg' },
      'invalid_input',
      /level is not known \(got "hihg"\)\nfix: give level as one of low, high/,
    ],
    [{ family: 'x', args: ['--family', 'y'] }, 'field_given_twice', /family differs/],
    [{ args: [{}] }, 'args_not_strings', /list of strings/],
    ['text', 'arguments_not_object', /must be an object/],
    [{ args: ['--context', '{bad', 'x'] }, 'flag_not_json', /wants JSON/],
    [{ args: ['--context', '@/etc/hosts', 'x'] }, 'file_value_refused', /no files here/],
  ])('%j is refused as %s', async (raw, code, message) => {
    const outcome = await call(raw);
    expect(outcome).toMatchObject({ ok: false, exitCode: 2 });
    expect(codeOf(outcome.structured)).toBe(code);
    expect(outcome.text).toMatch(message);
    expect(outcome.text).toMatch(/\nfix: /);
  });
});

describe('values that a caller plausibly sends', () => {
  it.each([
    [{ current: 'a.json' }, { current: ['a.json'] }],
    [{ current: '["a.json", "b.json"]' }, { current: ['a.json', 'b.json'] }],
    [{ values: 480 }, { values: [480] }],
    [{ values: '480,481' }, { values: [480, 481] }],
    [{ values: ['480', 481] }, { values: [480, 481] }],
    [{ values: '[480, 481]' }, { values: [480, 481] }],
    [{ tolerance_percent: '5' }, { tolerance_percent: 5 }],
    [{ tolerance_percent: ' 5% ' }, { tolerance_percent: 5 }],
    [{ tolerancePercent: 5 }, { tolerance_percent: 5 }],
    [{ 'tolerance-percent': 5 }, { tolerance_percent: 5 }],
    [{ strict: 'true' }, { strict: true }],
    [{ strict: 'No' }, { strict: false }],
    [{ strict: 1 }, { strict: true }],
    [{ level: 'HIGH' }, { level: 'high' }],
    [{ context: '{"tp": 8}' }, { context: { tp: 8 } }],
    [{ tolerances: { 'ttft_*': 3 } }, { tolerances: { 'ttft_*': { percent: 3 } } }],
    [{ tolerances: { 'ttft_*': '3%' } }, { tolerances: { 'ttft_*': { percent: 3 } } }],
    [{ tolerances: '{"ttft_*": {"percent": "3"}}' }, { tolerances: { 'ttft_*': { percent: 3 } } }],
    [{ args: ['--tolerance-percent', '5%'] }, { tolerance_percent: 5 }],
    [{ args: '--strict --level "low"' }, { strict: true, level: 'low' }],
    [{ args: ['--strict', 'false'] }, { strict: false }],
    [{ args: ['--strict', 'yes', '--values', '1'] }, { strict: true, values: [1] }],
    [{ args: ['--strict=no'] }, { strict: false }],
    [{ args: ['--family', 'x', '--strict', 'a.json'] }, { strict: true, current: ['a.json'] }],
    [{ args: ['--family', 'x', '--level', 'low', '--', 'no'] }, { level: 'low', current: ['no'] }],
  ])('%j is read as %j', async (sent, meant) => {
    const { structured, text } = await call({ family: 'x', ...sent });
    expect(structured['echoed'], text).toEqual({ family: 'x', ...meant });
  });

  it('takes an old name for the field, and a number for a text', async () => {
    expect((await call({ kin: 7 })).structured['echoed']).toEqual({ family: '7' });
  });

  it.each([
    [{ strict: 'perhaps' }, 'strict'],
    [{ tolerance_percent: 'a lot' }, 'tolerance_percent'],
    [{ context: 'model=x' }, 'context'],
    [{ level: 'middle' }, 'level'],
    [{ values: '480;481' }, 'values[0]'],
  ])('leaves %j to be refused by name', async (sent, field) => {
    const { structured } = await call({ family: 'x', ...sent });
    expect(structured['error']).toMatchObject({ code: 'invalid_input', data: { problems: [{ field }] } });
  });
});

describe('several problems in one call', () => {
  it('are all named, each with its own fix', async () => {
    const { structured, text } = await call({ famly: 'x', tolerance_percent: -1, level: 'middle', values: ['a'] });
    expect(structured['error']).toMatchObject({
      data: {
        problems_count: 5,
        problems: expect.arrayContaining([
          { field: 'famly', message: expect.stringContaining('unknown'), fix: 'rename famly to family' },
          { field: 'family', message: 'family is required', fix: 'give family: a string' },
          { field: 'level', message: 'level is not known (got "middle")', fix: 'give level as one of low, high' },
          {
            field: 'tolerance_percent',
            message: 'tolerance_percent: Too small: expected number to be >=0 (got -1)',
            fix: 'give tolerance_percent as a number at least 0 (Percent.)',
          },
          {
            field: 'values[0]',
            message: 'values[0]: expected number, received string (got "a")',
            fix: 'give values[0] as part of a list of number',
          },
        ]),
      },
    });
    for (const part of ['famly', 'tolerance_percent', 'level', 'values[0]']) expect(text).toContain(part);
  });

  it('are named as flags on a command line', async () => {
    const { text } = await call({ tolerance_percent: -1 }, 'read_only', { dialect: MAIN_PROGRAM });
    expect(text).toMatch(
      /--family is required; --tolerance-percent: Too small.*\nfix: give --family: a string; give --tol/,
    );
  });

  it('of a list are named by its flag on a command line', async () => {
    const { text } = await call({ family: 'x', values: ['a'] }, 'read_only', { dialect: MAIN_PROGRAM });
    expect(text).toMatch(
      /--values: expected number, received string \(got "a"\)\nfix: give --values as a list of number/,
    );
  });

  it('are listed up to twenty, the rest is counted', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`zzz_${index}`, index]));
    const { structured } = await call({ family: 'x', ...many });
    expect(structured['error']).toMatchObject({ data: { problems_count: 500 } });
    expect(Object(structured['error']).data.problems).toHaveLength(20);
  });
});

describe('acknowledgement', () => {
  const ack = { i_understand_this_submits_jobs: true };

  it.each([
    ['no acknowledgement', { family: 'x' }, 'ack_required'],
    ['"true" in its place', { family: 'x', i_understand_this_submits_jobs: 'true' }, 'ack_required'],
    ['1 in its place', { family: 'x', i_understand_this_submits_jobs: 1 }, 'ack_required'],
    ['false in its place', { family: 'x', i_understand_this_submits_jobs: false }, 'ack_required'],
    ['"yes" in its place', { family: 'x', i_understand_this_submits_jobs: 'yes' }, 'ack_required'],
    ['an object in its place', { family: 'x', i_understand_this_submits_jobs: {} }, 'ack_required'],
    ['another spelling of the field', { family: 'x', 'i-understand-this-submits-jobs': true }, 'invalid_input'],
    ['a flag inside args', { args: ['x', '--i-understand-this-submits-jobs'] }, 'ack_in_args'],
    ['an abbreviated flag inside args', { args: ['x', '--i_understand'] }, 'ack_in_args'],
  ])('refuses %s', async (_, raw, code) => {
    const outcome = await call(raw, 'submits_jobs');
    expect(codeOf(outcome.structured)).toBe(code);
    expect(outcome.exitCode).toBe(2);
  });

  it('names the field, the dry run and what was sent in the refusal', async () => {
    const { text } = await call({ family: 'x', i_understand_this_submits_jobs: 'yes' }, 'submits_jobs');
    expect(text).toContain('not "yes"');
    expect(text).toMatch(/i_understand_this_submits_jobs: true/);
    expect(text).toMatch(/dry_run/);
  });

  it('starts with the literal true beside args, and for a dry run without it', async () => {
    expect((await call({ args: ['x'], ...ack }, 'submits_jobs')).ok).toBe(true);
    const dry = await call({ family: 'x', dry_run: true }, 'submits_jobs');
    expect(dry).toMatchObject({ ok: true, structured: { dry_run: true } });
  });

  it('asks a person for the exact commands when the environment demands it', async () => {
    const env = { PROFILE_AND_OPTIMIZE_REQUIRE_HUMAN_ACK: '1' };
    const asked: (readonly string[])[] = [];
    const confirm = (answer: boolean) => async (commands: readonly string[]) => {
      asked.push(commands);
      return answer;
    };
    const raw = { family: 'x', ...ack };
    expect(codeOf((await call(raw, 'submits_jobs', { env })).structured)).toBe('human_ack_unavailable');
    expect(codeOf((await call(raw, 'submits_jobs', { env, confirm: confirm(false) })).structured)).toBe(
      'human_ack_denied',
    );
    expect((await call(raw, 'submits_jobs', { env, confirm: confirm(true) })).ok).toBe(true);
    expect(asked).toEqual([['kubectl exec pod -- run'], ['kubectl exec pod -- run']]);
  });
});

describe('limits and failures', () => {
  const failing = async (run: (signal: AbortSignal) => Promise<void>, raw: unknown, extra: Partial<Host> = {}) => {
    const verb = echoVerb('read_only', run);
    return runVerb(entryOf(verb), async () => verb, raw, host(extra));
  };
  const forever = (): Promise<void> => new Promise(() => undefined);

  it('stops a call at its time limit with exit code 124', async () => {
    const outcome = await failing(forever, { family: 'x', time_limit_s: 0.05 });
    expect(outcome).toMatchObject({ ok: false, exitCode: 124, structured: { error: { code: 'time_limit' } } });
  });

  it('stops a cancelled call with exit code 130', async () => {
    const cancel = new AbortController();
    const outcome = failing(forever, { family: 'x' }, { signal: cancel.signal });
    cancel.abort();
    expect(await outcome).toMatchObject({ exitCode: 130, structured: { error: { code: 'cancelled' } } });
  });

  it('shows an unexpected error without a stack and logs it', async () => {
    const outcome = await failing(async () => Promise.reject(new TypeError('x is not a function')), { family: 'x' });
    expect(outcome).toMatchObject({ exitCode: 5, structured: { error: { code: 'internal_error' } } });
    expect(JSON.stringify(outcome.structured)).not.toMatch(/\.ts:\d+/);
    expect(lines.at(-2)).toMatch(/^error internal error/);
  });

  it.each([
    ['ENOSPC', 'disk_full'],
    ['EROFS', 'read_only_file_system'],
    ['EACCES', 'permission_denied'],
  ])('explains %s', async (code, expected) => {
    const error = Object.assign(new Error(`${code}: no luck, open '/x'`), { code, path: '/x', syscall: 'open' });
    const outcome = await failing(async () => Promise.reject(error), { family: 'x' });
    expect(outcome).toMatchObject({ exitCode: 2, structured: { error: { code: expected, path: '/x' } } });
  });

  it('keeps the exit code of the fault kind', async () => {
    const fault = new Fault('not_comparable', 'context_mismatch', 'gpus differ');
    expect((await failing(async () => Promise.reject(fault), { family: 'x' })).exitCode).toBe(4);
  });

  it('takes secrets out of text and structured result', async () => {
    const env = { HF_TOKEN: 'the-secret-value' };
    const outcome = await call({ family: 'the-secret-value', context: { api_key: 'abcdefgh' } }, 'read_only', { env });
    expect(JSON.stringify(outcome)).not.toMatch(/the-secret-value|abcdefgh/);
  });

  it('cuts the message of a long error, never the fix behind it', async () => {
    const unknown = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`no_such_field_${'x'.repeat(80)}${index}`, index]),
    );
    const { text } = await call({ family: 'x', ...unknown }, 'read_only', { textLimit: 1500 });
    expect(text.length).toBeLessThanOrEqual(1500);
    expect(text).toMatch(/…\nfix: use one of these fields: family, values, /);
  });

  it('cuts long text and says so', async () => {
    const outcome = await call({ family: 'y'.repeat(4000) }, 'read_only', { textLimit: 1500 });
    expect(outcome.text.length).toBeLessThanOrEqual(1500);
    expect(outcome.text).toMatch(/^echo .*…$/);
  });
});

describe('definitions', () => {
  it('refuses names and descriptions over their limits', () => {
    const base = {
      family: 'job',
      library: 'x',
      verb: 'y',
      title: 't',
      safety: 'read_only',
      fields: {},
      data: {},
      examples: [],
      run: async () => ({}),
      render: () => '',
    } as const;
    expect(() => defineVerb({ ...base, name: `a${'b'.repeat(38)}`, description: 'd' })).toThrowError(RangeError);
    expect(() => defineVerb({ ...base, name: 'fine', description: 'd'.repeat(221) })).toThrowError(RangeError);
  });
});
