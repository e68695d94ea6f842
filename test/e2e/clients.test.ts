// The main job and the manners of the server, as clients of three kinds see them over stdio.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIND_VERB, MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { TEMPLATES } from '../../src/mcp/resources.ts';
import { CORE_VERBS } from '../../src/catalog/toolset.ts';
import { TEXT_LIMIT } from '../../src/verb/host.ts';
import { connect, ERAS, EXAMPLES, freshRoot, removeRoot, type CallResult, type Connection } from './connect.ts';

const BASELINE = join(EXAMPLES, 'vllm-serve-baseline.json');
const REGRESSED = join(EXAMPLES, 'vllm-serve-regressed.json');

describe.each(ERAS)('%s', (era) => {
  let client: Connection;
  let recorded: CallResult;
  beforeAll(async () => {
    client = await connect(era);
    recorded = await client.call('perf_baseline_record', { family: 'llama', measurement: 'serve', source: BASELINE });
  });
  afterAll(async () => {
    await client.close();
    removeRoot(client.root);
  });

  it('lists every verb and find_verb by name, with title and description', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name, title, description }) => ({ name, title, description }))).toEqual(
      [...MANIFEST, FIND_VERB]
        .map(({ name, description, annotations }) => ({ name, title: annotations.title, description }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    );
  });

  it('says of every tool whether it only reads and whether it may do harm', async () => {
    const { tools } = await client.listTools();
    for (const { name, annotations } of tools) {
      const verb = [...MANIFEST, FIND_VERB].find((entry) => entry.name === name);
      expect(annotations, name).toMatchObject({
        readOnlyHint: verb?.safety === 'read_only',
        destructiveHint: verb?.safety === 'submits_jobs',
      });
    }
  });

  it('takes the common fields that no tool lists, and names the nearest for a misspelt one', async () => {
    const elsewhere = freshRoot();
    const { structured } = await client.call('perf_baseline_list', { repo_root: elsewhere, time_limit_s: 20 });
    expect(structured).toMatchObject({ repo_root: elsewhere, total: 0 });
    const { isError, text } = await client.call('perf_baseline_list', { repo_rot: elsewhere });
    expect(isError).toBe(true);
    expect(text).toContain('unknown field repo_rot (did you mean repo_root?)');
    removeRoot(elsewhere);
  });

  it('describes a verb whole when asked for it, by name and by task', async () => {
    const named = await client.call('find_verb', { query: 'perf_baseline_list' });
    const [match] = Object(named.structured['matches']);
    expect(match).toMatchObject({
      name: 'perf_baseline_list',
      input_schema: { properties: { limit: { minimum: 1, maximum: 1000 }, repo_root: { type: 'string' } } },
    });
    expect(named.text).toMatch(/^perf_baseline_list \(read_only\): /);
    expect(named.text).toMatch(/also: repo_root, time_limit_s\n/);
    const { structured } = await client.call('find_verb', {
      query: 'which kernel got slower between two nsys profiles',
    });
    expect(Object(structured['matches'])[0]).toMatchObject({ name: 'profile_profile_diff' });
  });

  it('gives the schemas of a verb as a resource', async () => {
    const { contents } = await client.request('resources/read', { uri: 'perf://verbs/perf_baseline_diff' });
    const read = JSON.parse(Object(contents)[0].text);
    expect(read).toMatchObject({ name: 'perf_baseline_diff', safety: 'writes_artifacts' });
    expect(read.input_schema).toEqual(JSON.parse(readFileSync('schemas/verbs/perf_baseline_diff.input.json', 'utf8')));
    expect(read.output_schema.properties).toHaveProperty('verdict');
  });

  it('explains to the agent how the verbs fit together', () => {
    expect(client.instructions()).toMatch(/perf_baseline_record.*perf_baseline_diff/s);
  });

  it('records a result file and says how to address it', () => {
    expect(recorded).toMatchObject({ isError: false, structured: { verb: 'record', format: 'vllm_serve_json' } });
    expect(recorded.structured['address']).toMatch(/^llama\/serve@\d{8}T\d{12}Z$/);
    expect(recorded.structured['repo_root']).toBe(client.root);
  });

  it('judges a slower result RED, names the metric, and links files that exist', async () => {
    const { isError, text, structured, links } = await client.call('perf_baseline_diff', {
      baseline: 'llama/serve@latest',
      current: REGRESSED,
    });
    expect(isError).toBe(false);
    expect(structured).toMatchObject({ verdict: 'RED', tier: 'DRAFT', decision: { status: 'INCONCLUSIVE' } });
    expect(text).toMatch(/^RED: llama\/serve\n/);
    expect(text).toMatch(/throughput_tok_per_s @ concurrency=16: 1658.88 -> 1459.81 tok\/s \(-12.0%\)/);
    expect(text.length).toBeLessThanOrEqual(TEXT_LIMIT);
    expect(links).toHaveLength(2);
    for (const link of links) expect(existsSync(fileURLToPath(link)), link).toBe(true);
  });

  it('judges a result against itself GREEN', async () => {
    const { structured } = await client.call('perf_baseline_diff', { baseline: 'llama/serve', current: BASELINE });
    expect(structured).toMatchObject({ verdict: 'GREEN', adverse: [] });
  });

  const LEGACY_ARGS = ['--baseline', 'llama/serve@latest', '--current', REGRESSED, '--tolerance', '5', '--json'];

  it.each([
    ['beside nothing else', { args: LEGACY_ARGS }],
    ['inside params', { params: { args: LEGACY_ARGS } }],
    ['with typed fields beside them', { args: LEGACY_ARGS.slice(2), baseline: 'llama/serve@latest' }],
  ])('understands an argument list %s', async (_, input) => {
    const { structured } = await client.call('perf_baseline_diff', input);
    expect(structured).toMatchObject({ verdict: 'RED', tolerance_percent: 5, legacy: { returncode: 0 } });
  });

  it('records and compares with the argument lists of older skill files, and prints the block that they show', async () => {
    const source = join(client.root, 'all_reduce.txt');
    writeFileSync(source, '310');
    const place = ['--family', 'b200', '--measurement', 'nccl_all_reduce_busbw', '--source', source];
    const number = ['--value', '310', '--unit', 'GB/s', '--notes', 'after the driver upgrade', '--json'];
    const ceiling = ['--sol-ceiling-key', 'b200_sm100.nvlink5_tbps'];
    const recorded = await client.call('perf_baseline_record', { args: [...place, ...ceiling, ...number] });
    expect(recorded.structured).toMatchObject({ direction: 'higher-is-better', sol: [{ sol_pct: 17.2 }] });
    writeFileSync(source, '295');
    const entry = String(recorded.structured['entry_dir']);
    const args = ['--baseline', entry, '--current', source, '--tolerance-percent', '5', '--json'];
    const { text, structured } = await client.call('perf_baseline_diff', { args });
    expect(structured).toMatchObject({ verdict: 'YELLOW', trending_away_from_peak: ['nccl_all_reduce_busbw'] });
    expect(text).toContain(
      [
        'measurement: nccl_all_reduce_busbw',
        '  baseline:  310 GB/s   (17.2% of nvlink5_tbps SoL)',
        '  current:   295 GB/s   (16.4% of nvlink5_tbps SoL)',
        '  delta:     -15 GB/s   (-4.8% absolute, -0.8 pp SoL)',
        '  verdict:   YELLOW (within 5% tolerance, but trending away from peak)',
      ].join('\n'),
    );
  });

  it('understands typed fields inside params', async () => {
    const input = { params: { baseline: 'llama/serve@latest', current: REGRESSED } };
    expect((await client.call('perf_baseline_diff', input)).structured).toMatchObject({ verdict: 'RED' });
  });

  it.each([
    ['a field', 'perf_baseline_diff', { basline: 'llama/serve' }, 'unknown field basline (did you mean baseline?)'],
    ['a flag', 'perf_baseline_diff', { args: ['--basline', 'x'] }, 'no flag --basline; did you mean --baseline?'],
    ['a family', 'perf_baseline_diff', { baseline: 'lama/serve', current: REGRESSED }, 'llama'],
    ['an entry', 'perf_baseline_show', { entry: 'llama/serv' }, 'serve'],
    [
      'a context field',
      'perf_baseline_diff',
      { baseline: 'llama/serve', current: REGRESSED, context: { n_gpu: 8 } },
      'did you mean n_gpus?',
    ],
  ])('names the nearest for %s that does not exist', async (_, verb, input, expected) => {
    const { isError, text } = await client.call(verb, input);
    expect(isError).toBe(true);
    expect(text).toContain(expected);
  });

  it('says which value has the wrong type, and what was seen', async () => {
    const { isError, structured } = await client.call('perf_baseline_list', { limit: 'many' });
    expect(isError).toBe(true);
    expect(structured['error']).toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(/limit.*"many"/),
    });
  });

  it('answers an unknown tool with a protocol error that names the nearest', async () => {
    await expect(client.call('perf_baseline_dif', {})).rejects.toThrow(/did you mean perf_baseline_diff\?/);
  });

  it('writes nothing in a dry run', async () => {
    const input = { family: 'dry', measurement: 'run', source: BASELINE, dry_run: true };
    const { structured } = await client.call('perf_baseline_record', input);
    expect(structured).toMatchObject({ dry_run: true, entry_dir: null, metrics_count: 22 });
    const { structured: listed } = await client.call('perf_baseline_list', {});
    expect(JSON.stringify(listed['items'])).not.toContain('dry');
  });

  it('lists the families of the registry and the pages of the product as resources', async () => {
    const { resources } = await client.request('resources/list');
    const listed: { uri: string }[] = Object(resources);
    expect(listed.map(({ uri }) => uri)).toEqual(
      expect.arrayContaining(['perf://baselines', 'perf://baselines/llama', 'perf://docs/verbs']),
    );
    for (const { uri } of listed) {
      const { contents } = await client.request('resources/read', { uri });
      expect(Object(contents)[0].text.length, uri).toBeGreaterThan(10);
    }
  });

  it('refuses the cursor of another list with a protocol error', async () => {
    await expect(client.request('resources/list', { cursor: 'nonsense' })).rejects.toThrow(/nonsense/);
  });

  it('reads family, measurement and entry through its URI templates', async () => {
    const { resourceTemplates } = await client.request('resources/templates/list');
    expect(Object(resourceTemplates).map(({ uriTemplate }: { uriTemplate: string }) => uriTemplate)).toEqual([
      'perf://baselines/{family}',
      'perf://baselines/{family}/{measurement}',
      'perf://baselines/{family}/{measurement}/{entry}',
      'perf://verbs/{verb}',
      TEMPLATES.job,
      TEMPLATES.jobPart,
      'perf://pictures/{picture}',
      TEMPLATES.file,
    ]);
    const read = async (uri: string): Promise<unknown> =>
      JSON.parse(Object((await client.request('resources/read', { uri }))['contents'])[0].text);
    const slug = recorded.structured['slug'];
    expect(await read('perf://baselines/llama')).toMatchObject({ items: [{ measurement: 'serve', latest: slug }] });
    expect(await read('perf://baselines/llama/serve')).toMatchObject({ items: [{ slug }] });
    expect(await read('perf://baselines/llama/serve/latest')).toMatchObject({ slug, family: 'llama' });
  });

  it.each([
    'perf://nope',
    'perf://docs/nope',
    'perf://verbs/nope',
    'perf://verbs/..%2F..%2Fpackage',
    'perf://baselines/lama',
    'perf://baselines/llama/serve/20200101T000000Z',
    'perf://baselines/..%2F..%2Fetc/passwd',
    'perf://baselines/%zz',
    'file:///etc/passwd',
    'file:///etc/passwd?offset=4',
  ])('answers %s with resource not found', async (uri) => {
    await expect(client.request('resources/read', { uri })).rejects.toThrow(/not found/i);
  });

  it.each([
    ['family', 'l', {}, ['llama']],
    ['measurement', '', { family: 'llama' }, ['serve']],
    ['entry', 'la', { family: 'llama', measurement: 'serve' }, ['latest']],
    ['entry', '', { family: 'absent', measurement: 'serve' }, []],
    ['measurement', '', { family: '../../..' }, []],
    ['family', 'zzz', {}, []],
    ['verb', 'plan', {}, ['plan_trials']],
  ])('completes %s from "%s"', async (name, value, known, expected) => {
    const { completion } = await client.request('completion/complete', {
      ref: { type: 'ref/resource', uri: 'perf://baselines/{family}/{measurement}/{entry}' },
      argument: { name, value },
      context: { arguments: known },
    });
    expect(Object(completion).values).toEqual(expected);
  });

  it('keeps its log to itself unless something is wrong', () => {
    expect(client.stderr()).toBe('');
  });
});

describe.each(ERAS)('the core toolset, %s', (era) => {
  let client: Connection;
  beforeAll(async () => {
    client = await connect(era, { args: ['--toolset', 'core'] });
  });
  afterAll(async () => {
    await client.close();
    removeRoot(client.root);
  });

  it('lists the main verbs and the two tools that reach the rest', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([...CORE_VERBS, 'call_verb', 'find_verb'].toSorted());
  });

  it('finds a verb that it does not list and runs it', async () => {
    const found = await client.call('find_verb', { query: 'name an entry golden' });
    expect(Object(found.structured['matches'])[0]).toMatchObject({ name: 'perf_baseline_tag' });
    await client.call('perf_baseline_record', { family: 'f', measurement: 'm', source: BASELINE });
    const tag = { entry: 'f/m@latest', tag: 'golden' };
    const { isError, structured } = await client.call('call_verb', { verb: 'perf_baseline_tag', arguments: tag });
    expect(isError).toBe(false);
    expect(structured).toMatchObject({ tool: 'perf_baseline_tag', address: 'f/m@golden' });
  });

  it('runs it too when the fields stand beside the name, or when it is called by its own name', async () => {
    const beside = await client.call('call_verb', { verb: 'perf_baseline_verify', family: 'f' });
    expect(beside.structured).toMatchObject({ tool: 'perf_baseline_verify', ok: true });
    const direct = await client.call('perf_baseline_verify', {});
    expect(direct.structured).toMatchObject({ tool: 'perf_baseline_verify', ok: true });
  });

  it('refuses through call_verb what the verb itself refuses', async () => {
    const unknown = await client.call('call_verb', { verb: 'perf_baseline_tga', arguments: {} });
    expect(unknown).toMatchObject({ isError: true, structured: { error: { code: 'unknown_verb' } } });
    expect(unknown.text).toContain('did you mean perf_baseline_tag?');
    const nameless = await client.call('call_verb', {});
    expect(nameless).toMatchObject({ isError: true, structured: { error: { code: 'invalid_input' } } });
    const field = await client.call('call_verb', { verb: 'perf_baseline_tag', arguments: { enty: 'f/m', tag: 't' } });
    expect(field.text).toContain('unknown field enty (did you mean entry?)');
    const job = await client.call('call_verb', { verb: 'autotune_run', arguments: { config: 'x' } });
    expect(job.structured['error']).toMatchObject({ code: 'ack_required' });
  });
});

describe('the linked report', () => {
  it('holds every compared metric, with the hash of both sides', async () => {
    const client = await connect('2.x client, 2026-07-28');
    await client.call('perf_baseline_record', { family: 'f', measurement: 'm', source: BASELINE });
    const { structured } = await client.call('perf_baseline_diff', { baseline: 'f/m', current: REGRESSED });
    const folder = String(structured['diff_dir']);
    const document = JSON.parse(readFileSync(join(folder, 'diff.json'), 'utf8'));
    expect(document.deltas).toHaveLength(Number(structured['deltas_count']));
    expect(document.current_sha256).toBe(structured['current_sha256']);
    expect(document.baseline_sha256).toBe(structured['baseline_sha256']);
    await client.close();
    removeRoot(client.root);
  });
});
