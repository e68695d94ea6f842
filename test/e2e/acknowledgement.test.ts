// What stands between a call and work on a cluster: the acknowledgement in its one field, and a person where one is wanted.
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { ACK_FIELD } from '../../src/verb/vocabulary.ts';
import { connect, ERAS, removeRoot, type Connection, type Era } from './connect.ts';
import { jsonOf, runCli } from './run-cli.ts';

const open: Connection[] = [];
const connected = async (era: Era, options: Parameters<typeof connect>[1] = {}): Promise<Connection> => {
  const client = await connect(era, options);
  open.push(client);
  return client;
};
afterEach(async () => {
  for (const client of open.splice(0)) {
    await client.close();
    removeRoot(client.root);
  }
});

const submitting = MANIFEST.filter(({ safety }) => safety === 'submits_jobs');

/** The first example of a verb, without what would let it start or keep it from starting. */
const exampleOf = ({ examples }: (typeof MANIFEST)[number]): Record<string, unknown> => {
  const { dry_run: _dry, [ACK_FIELD]: _ack, ...input } = { ...examples[0]?.input };
  return input;
};

describe('the acknowledgement', () => {
  it('is a field of the verbs that start work, and of no other', () => {
    expect(submitting.length).toBeGreaterThan(0);
    for (const { name, safety, input_schema: schema } of MANIFEST)
      expect(ACK_FIELD in schema.properties, name).toBe(safety === 'submits_jobs');
  });

  it.each(ERAS)('is demanded before anything is started, for the %s', async (era) => {
    const client = await connected(era);
    for (const entry of submitting) {
      const { isError, text, structured } = await client.call(entry.name, exampleOf(entry));
      expect({ isError, code: Object(structured['error']).code }, entry.name).toEqual({
        isError: true,
        code: 'ack_required',
      });
      expect(text, entry.name).toContain(ACK_FIELD);
      expect(text, entry.name).toContain('dry_run');
    }
    expect(readdirSync(client.root)).toEqual([]);
  });

  it.each([false, 'true', 1, 'yes'])('counts only when it is literally true, not %j', async (given) => {
    const client = await connected('2.x client, 2026-07-28');
    for (const entry of submitting) {
      const { isError, structured } = await client.call(entry.name, { ...exampleOf(entry), [ACK_FIELD]: given });
      expect(isError, entry.name).toBe(true);
      expect(['ack_required', 'invalid_input']).toContain(Object(structured['error']).code);
    }
    expect(readdirSync(client.root)).toEqual([]);
  });

  it.each(['--i-understand-this-submits-jobs', '--i_understand_this_submits_jobs'])(
    'does not count inside args as %s',
    async (flag) => {
      const client = await connected('1.x client');
      for (const { name } of submitting) {
        const { isError, structured } = await client.call(name, { args: [flag] });
        expect({ isError, code: Object(structured['error']).code }, name).toEqual({
          isError: true,
          code: 'ack_in_args',
        });
      }
    },
  );

  it('is demanded on the command line with exit code 2', async () => {
    const client = await connected('1.x client');
    const done = await runCli(['profile_capture', '--mode', 'launch', '--command', 'true', '--json'], client);
    expect(done.code).toBe(2);
    expect(jsonOf(done)).toMatchObject({ error: { code: 'ack_required', fix: expect.stringContaining('--dry-run') } });
  });
});

describe('a dry run', () => {
  it.each(ERAS)('needs no acknowledgement, shows the commands and writes nothing, for the %s', async (era) => {
    const client = await connected(era);
    const input = { mode: 'launch', command: ['python3', 'bench.py'], dry_run: true };
    const { isError, text, structured } = await client.call('profile_capture', input);
    expect(isError).toBe(false);
    expect(structured).toMatchObject({ dry_run: true });
    expect(text).toMatch(/nsys .*python3 bench\.py/);
    expect(readdirSync(client.root)).toEqual([]);
  });
});

describe('a person who must confirm', () => {
  const env = { PROFILE_AND_OPTIMIZE_REQUIRE_HUMAN_ACK: '1' };
  const input = { mode: 'launch', command: ['python3', 'bench.py'], [ACK_FIELD]: true };

  it.each(ERAS)('sees the exact commands, and nothing starts on a no, for the %s', async (era) => {
    const asked: string[] = [];
    const client = await connected(era, {
      env,
      elicit: (message) => {
        asked.push(message);
        return false;
      },
    });
    const { isError, structured } = await client.call('profile_capture', input);
    expect(asked).toEqual([expect.stringMatching(/nsys .*python3 bench\.py/)]);
    expect({ isError, code: Object(structured['error']).code }).toEqual({ isError: true, code: 'human_ack_denied' });
    expect(readdirSync(client.root)).toEqual([]);
  });

  it.each(ERAS)('is not replaced by a client that cannot ask, for the %s', async (era) => {
    const client = await connected(era, { env });
    const { isError, structured } = await client.call('profile_capture', input);
    expect(isError).toBe(true);
    expect(structured['error']).toMatchObject({ code: 'human_ack_unavailable', fix: expect.any(String) });
    expect(readdirSync(client.root)).toEqual([]);
  });

  it.each(ERAS)('is not asked for a dry run, for the %s', async (era) => {
    const client = await connected(era, { env, elicit: () => expect.fail('nobody is to be asked') });
    expect(await client.call('profile_capture', { ...input, dry_run: true })).toMatchObject({ isError: false });
  });

  it.each(ERAS)('lets the work start with a yes, for the %s', async (era) => {
    const asked: string[] = [];
    const client = await connected(era, {
      env,
      elicit: (message) => {
        asked.push(message);
        return true;
      },
    });
    const { structured } = await client.call('profile_capture', input);
    expect(asked).toHaveLength(1);
    expect(structured).toMatchObject({ job_id: expect.any(String) });
  });
});
