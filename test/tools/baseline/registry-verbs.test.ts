// Listing, showing and tagging what is recorded.
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openWorkbench, type Answer, type Input } from './workbench.ts';

const bench = openWorkbench('verbs');
const slugs: string[] = [];

beforeAll(async () => {
  const source = bench.file('x.json', { value: 310, unit: 'GB/s' });
  for (let round = 0; round < 5; round += 1) slugs.unshift((await bench.record('busbw', source))['slug']);
  await bench.record('document', bench.file('y.json', { a_ms: 1, b_ms: 2, c_ms: 3 }), { context: { n_gpus: 8 } });
});

describe('list', () => {
  it('shows families, measurements and entries', async () => {
    const families = await bench.answer('list', {});
    expect(families).toMatchObject({ level: 'families', total: 1, items: [{ name: 'f', measurements: 2 }] });
    expect(families['text']).toBe('1 family\nf: 2 measurements\nnext: perf_baseline_list {"family":"f"}');
    expect(await bench.answer('list', { family: 'f' })).toMatchObject({
      level: 'measurements',
      items: [
        { name: 'busbw', entries: 5, latest: slugs[0] },
        { name: 'document', entries: 1 },
      ],
    });
    const entries = await bench.answer('list', { family: 'f', measurement: 'busbw' });
    expect(entries['items'].map(({ name }: Answer) => name)).toEqual(slugs);
    expect(entries['items'][0]).toMatchObject({ value: 310, unit: 'GB/s', n: 1, tier: 'DRAFT', tags: [] });
  });

  it('goes through pages without loss or repetition', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await bench.answer('list', {
        family: 'f',
        measurement: 'busbw',
        limit: 2,
        ...(cursor ? { cursor } : {}),
      });
      seen.push(...page['items'].map(({ name }: Answer) => name));
      cursor = page['next_cursor'] ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(slugs);
  });
});

describe('a list that is narrowed', () => {
  const lab = openWorkbench('narrowed');
  const alone = (place: string, number: object, context: object) => {
    const [family, measurement] = place.split('/');
    return lab.answer('record', { family, measurement, ...number, context });
  };
  beforeAll(async () => {
    await alone('b200/busbw', { value: 300, unit: 'GB/s' }, { hardware: 'NVIDIA B200' });
    await alone('b200/busbw', { values: [310, 312, 311], unit: 'GB/s' }, { hardware: 'B200' });
    await alone('h100/busbw', { value: 200, unit: 'GB/s' }, { hardware: 'NVIDIA H100 80GB HBM3' });
    await alone(
      'llama/step',
      { value: 41, unit: 'ms' },
      { hardware: 'b200', model: 'meta-llama/Llama-3.1-8B-Instruct' },
    );
    const document = lab.file('serve.json', { throughput_tok_per_s: 1804.6, ttft_p50_ms: 12 });
    await lab.answer('record', {
      family: 'llama',
      measurement: 'serve',
      source: document,
      context: { model: 'Llama-3.1-8B-Instruct' },
    });
    await lab.answer('tag', { entry: 'b200/busbw', tag: 'golden' });
  });
  const named = async (input: Input): Promise<string[]> =>
    (await lab.answer('list', input))['items'].map(({ name }: Answer) => name);

  it.each<[Input, string[]]>([
    [{ hardware: 'nvidia  b200' }, ['b200/busbw', 'llama/step']],
    [{ hardware: 'H100 80GB HBM3' }, ['h100/busbw']],
    [{ hardware: 'H100' }, []],
    [{ model: 'llama-3.1-8b-instruct' }, ['llama/serve', 'llama/step']],
    [{ model: 'meta-llama/Llama-3.1-8B-Instruct' }, ['llama/serve', 'llama/step']],
    [{ model: 'other/Llama-3.1-8B-Instruct' }, ['llama/serve']],
    [{ unit: 'gb/s' }, ['b200/busbw', 'h100/busbw']],
    [{ unit: 'tok/s' }, ['llama/serve']],
    [{ unit: 'ms' }, ['llama/serve', 'llama/step']],
    [{ tag: 'Golden' }, ['b200/busbw']],
    [{ hardware: 'B200', unit: 'ms' }, ['llama/step']],
    [{ family: 'llama', unit: 'ms' }, ['serve', 'step']],
    [{ hardware: 'TPU' }, []],
  ])('by %j holds %j', async (input, names) => {
    expect(await named(input)).toEqual(names);
  });

  it('shows the newest number that fits, with trials, date and entry', async () => {
    const { items, text } = await lab.answer('list', { hardware: 'B200', unit: 'GB/s' });
    expect(items).toMatchObject([
      {
        name: 'b200/busbw',
        family: 'b200',
        measurement: 'busbw',
        entries: 2,
        value: 311,
        unit: 'GB/s',
        n: 3,
        tags: ['golden'],
      },
    ]);
    const [{ latest, registered_at_utc: at }] = items;
    expect(text).toContain('1 measurement with hardware=B200 unit=GB/s');
    expect(text).toContain(
      `b200/busbw: 311 GB/s, n 3, ${String(at).slice(0, 10)}, [golden] (2 entries, this one ${latest})`,
    );
    expect(text).toContain(`next: perf_baseline_show {"entry":"b200/busbw@${latest}"}`);
  });

  it('names the metric of an entry that holds several, the headline first', async () => {
    expect((await lab.answer('list', { family: 'llama' }))['text']).toMatch(
      /^serve: throughput_tok_per_s 1804\.6 tok\/s, n 1, /m,
    );
    expect((await lab.answer('list', { family: 'llama', unit: 'ms' }))['text']).toMatch(/^serve: ttft_p50_ms 12 ms/m);
  });

  it('narrows the entries of one measurement', async () => {
    expect(await lab.answer('list', { family: 'b200', measurement: 'busbw', tag: 'golden' })).toMatchObject({
      level: 'entries',
      total: 1,
      items: [{ value: 311, tags: ['golden'] }],
    });
  });

  it('goes through pages', async () => {
    const first = await lab.answer('list', { unit: 'GB/s', limit: 1 });
    expect(first).toMatchObject({ total: 2, next_cursor: 'b200/busbw', items: [{ name: 'b200/busbw' }] });
    expect(await named({ unit: 'GB/s', limit: 1, cursor: 'b200/busbw' })).toEqual(['h100/busbw']);
  });

  it('names the root where nothing fits or nothing is recorded', async () => {
    expect((await lab.answer('list', { hardware: 'TPU' }))['text']).toContain(`with hardware=TPU below ${lab.root}`);
    const bare = openWorkbench('bare');
    expect((await bare.answer('list', {}))['text']).toContain(`0 families below ${bare.root}`);
    expect((await bare.answer('verify', {}))['text']).toContain(`nothing is recorded in ${bare.root}`);
    expect((await bare.refusal('show', { entry: 'a/b' })).fix).toContain(`nothing is recorded in ${bare.root}`);
  });
});

describe('a list by the index', () => {
  const lab = openWorkbench('indexed');
  const serve = async (name: string, ...units: readonly string[]): Promise<string[]> => {
    const found: string[] = [];
    for (const unit of units)
      found.unshift(
        (
          await lab.answer('record', {
            family: 'many',
            measurement: name,
            value: 5,
            unit,
            context: { hardware: 'B300' },
          })
        )['entry_dir']
          .split('/')
          .at(-1),
      );
    return found;
  };
  const rowsFile = (name: string): string =>
    join(lab.root, 'experiments/artifacts/perf-baselines/many', name, 'index.jsonl');
  const find = (name: string, input: Input) => lab.answer('list', { family: 'many', measurement: name, ...input });

  it('reads only the entries of its page: of the others the index says whether they fit', async () => {
    const [newest, middle, oldest] = await serve('lean', 'ms', 'GB/s', 'ms');
    for (const slug of [middle, oldest])
      rmSync(join(lab.root, 'experiments/artifacts/perf-baselines/many/lean', slug ?? '', 'baseline.json'));
    expect(await find('lean', { unit: 'ms', hardware: 'b300', limit: 1 })).toMatchObject({
      total: 2,
      next_cursor: newest,
      items: [{ name: newest, value: 5, unit: 'ms' }],
    });
    expect((await find('lean', { unit: 'ms' }))['items'][1]).toMatchObject({ name: oldest, error: expect.any(String) });
  });

  it('reads the entries that the index does not name, or whose rows an older version wrote', async () => {
    const [newest, middle, oldest] = await serve('behind', 'ms', 'GB/s', 'ms');
    const [first, second] = readFileSync(rowsFile('behind'), 'utf8').split('\n');
    writeFileSync(
      rowsFile('behind'),
      `${first?.replace(/"era":"\w+",|"hardware":"B300",/g, '') ?? ''}\n${second ?? ''}\n`,
    );
    for (const [filter, slugs] of [
      [{ unit: 'ms' }, [newest, oldest]],
      [{ hardware: 'B300' }, [newest, middle, oldest]],
      [{ hardware: 'B200' }, []],
    ] as const)
      expect((await find('behind', filter))['items'].map(({ name }: Answer) => name)).toEqual(slugs);
  });
});

describe('show', () => {
  it('gives the numbers, the context and whether the bytes are those recorded', async () => {
    const shown = await bench.answer('show', { entry: 'f/document', limit: 2 });
    expect(shown).toMatchObject({
      status: 'intact',
      metrics_count: 3,
      metrics: [{ key: 'a_ms', value: 1, unit: 'ms' }, { key: 'b_ms' }],
    });
    expect(shown['baseline'].context).toMatchObject({ n_gpus: 8 });
    expect(shown['text']).toMatch(/n_gpus=8/);
  });
});

describe('tag', () => {
  const tags = async (): Promise<unknown> =>
    (await bench.answer('list', { family: 'f', measurement: 'busbw' }))['items'].map((item: Answer) => item['tags']);

  it('is given, moved and taken away', async () => {
    const tag = (entry: string, more = {}) => bench.answer('tag', { entry, tag: 'golden', ...more });
    await tag(`f/busbw@${slugs[2]}`);
    expect(await tags()).toEqual([[], [], ['golden'], [], []]);
    expect(await tag('f/busbw')).toMatchObject({ slug: slugs[0], previous_slug: slugs[2] });
    expect(await tags()).toEqual([['golden'], [], [], [], []]);
    await tag('f/busbw', { remove: true });
    expect(await tags()).toEqual([[], [], [], [], []]);
  });

  it('that is not there is not taken away, and the nearest is named', async () => {
    await bench.answer('tag', { entry: 'f/busbw', tag: 'release' });
    expect(await bench.refusal('tag', { entry: 'f/busbw', tag: 'relase', remove: true })).toMatchObject({
      code: 'tag_not_found',
      fix: 'did you mean release?',
    });
    await bench.answer('tag', { entry: 'f/busbw', tag: 'release', remove: true });
  });

  it('is checked and not given by a dry run', async () => {
    const before = readdirSync(bench.root, { recursive: true }).length;
    expect(await bench.answer('tag', { entry: 'f/document', tag: 'golden', dry_run: true })).toMatchObject({
      tags: {},
    });
    for (const dry_run of [true, false])
      expect(await bench.refusal('tag', { entry: 'f/document', tag: 'latest/x', dry_run })).toMatchObject({
        code: 'unsafe_segment',
      });
    expect(readdirSync(bench.root, { recursive: true })).toHaveLength(before);
  });
});

describe('verify', () => {
  it('walks everything, one family or one measurement against a noted head', async () => {
    expect(await bench.answer('verify', {})).toMatchObject({ ok: true, exit: 0, entries: 6, intact: 6 });
    const one = await bench.answer('verify', { family: 'f', measurement: 'busbw' });
    const { head } = one['measurements'][0];
    expect(one['text']).toContain(`head: ${head}`);
    const where = { family: 'f', measurement: 'busbw' };
    expect(await bench.answer('verify', { ...where, expect_head: head })).toMatchObject({ ok: true });
    expect(await bench.answer('verify', { ...where, expect_head: 'f'.repeat(64) })).toMatchObject({
      ok: false,
      exit: 1,
    });
    expect(await bench.refusal('verify', { adopt: true })).toMatchObject({ code: 'measurement_missing' });
  });

  it('says that no head was compared, and takes the head of the whole registry again', async () => {
    const { head, text } = await bench.answer('verify', {});
    expect(head).toMatch(/^[0-9a-f]{64}$/);
    expect(text).toContain(`\nhead: ${head}\nno head was compared: `);
    const again = await bench.answer('verify', { expect_head: head });
    expect(again).toMatchObject({ ok: true, exit: 0, expected_head: 'head', scope: 'the registry' });
    expect(again['text']).toContain('the registry is at the head that was expected');
    const other = await bench.answer('verify', { expect_head: 'f'.repeat(64) });
    expect(other).toMatchObject({ ok: false, exit: 1, found: { 'absent head': 1 } });
    expect(other['text']).toMatch(/^NOT AS RECORDED: 1 absent head; 6 of 6 entries intact/);
  });
});

describe('a registry that is not as it was recorded', () => {
  it('is reported in one line: what was found, how many of all entries are intact, what to do', async () => {
    const lost = openWorkbench('lost');
    const source = lost.file('x.json', { value: 310, unit: 'GB/s' });
    await lost.record('busbw', source);
    const { entry_dir } = await lost.record('busbw', source);
    chmodSync(entry_dir, 0o755);
    rmSync(entry_dir, { recursive: true, force: true });
    const { text, found, exit } = await lost.answer('verify', {});
    expect({ found, exit }).toEqual({ found: { missing: 1 }, exit: 1 });
    expect(text).toMatch(/^NOT AS RECORDED: 1 missing; 1 of 2 entries intact, 1 measurement\n/);
    expect(text).toMatch(/^advice: restore what is missing/m);
  });
});

describe('a family or measurement that does not exist', () => {
  it.each([
    [{ family: 'g' }, 'family_not_found', /^the only one is f$/],
    [{ family: 'f', measurement: 'bus' }, 'measurement_not_found', /did you mean busbw\?/],
  ])('%j', async (input, code, fix) => {
    for (const verb of ['list', 'verify'] as const)
      expect(await bench.refusal(verb, input)).toMatchObject({ code, fix: expect.stringMatching(fix), exit: 2 });
  });
});

describe('a new name', () => {
  const names = openWorkbench('names');
  let source = '';
  beforeAll(async () => {
    source = names.file('x.json', { value: 1, unit: 'ms' });
    await names.record('Step_Time', source);
    await names.answer('tag', { entry: 'f/Step_Time', tag: 'Golden' });
  });

  const REFUSED: readonly (readonly [string, string, string])[] = [
    ['INDEX.md', 'name_reserved', 'use INDEX_md_results'],
    ['index.jsonl', 'name_reserved', 'use index_jsonl_results'],
    ['latest', 'name_reserved', 'use latest_results'],
    ['chain.jsonl', 'name_reserved', 'use chain_jsonl_results'],
    ['tags.jsonl', 'name_reserved', 'use tags_jsonl_results'],
    ['CON', 'name_not_portable', 'use my_CON'],
    ['NUL', 'name_not_portable', 'use my_NUL'],
    ['aux.x', 'name_not_portable', 'use my_aux.x'],
    ['run.', 'name_not_portable', 'use run'],
    ['run ', 'unsafe_segment', 'use run: begin'],
  ];

  it.each(REFUSED)('%j is refused as %s, also in a dry run', async (name, code, fix) => {
    for (const place of [
      { family: name, measurement: 'm' },
      { family: 'f', measurement: name },
    ])
      for (const dry_run of [true, false])
        expect(await names.refusal('record', { ...place, source, dry_run })).toMatchObject({
          code,
          fix: expect.stringContaining(fix),
          exit: 2,
        });
    expect(readdirSync(names.root).sort()).toEqual(['experiments', 'x.json']);
  });

  it('that differs from another by case alone is refused with the one that is there', async () => {
    const twin = { code: 'name_differs_by_case', fix: expect.stringMatching(/^use Step_Time, or /) };
    expect(await names.refusal('record', { family: 'f', measurement: 'step_time', source })).toMatchObject(twin);
    expect(await names.refusal('record', { family: 'F', measurement: 'other', source })).toMatchObject({
      code: 'name_differs_by_case',
      fix: expect.stringMatching(/^use f, or /),
    });
    expect(await names.refusal('tag', { entry: 'f/Step_Time', tag: 'golden' })).toMatchObject({
      code: 'name_differs_by_case',
    });
    await names.record('Step_Time', source);
  });
});
