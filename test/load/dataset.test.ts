import { describe, expect, it } from 'vitest';
import { fileDataset, generatedDataset, type GeneratorOptions, type Prompt } from '../../src/load/dataset.ts';
import { fitWords } from '../../src/load/fit-length.ts';
import { findSuite, resolveSlo, SUITES } from '../../src/load/suites.ts';

const options = (given: Partial<GeneratorOptions> = {}): GeneratorOptions => ({
  suite: findSuite('chatbot-short'),
  isl: 128,
  osl: 64,
  seed: 42,
  words: { body: 100, prefix: 0 },
  runNonce: 'run-1',
  ...given,
});

const textOf = (prompt: Prompt): string => prompt.messages.map(({ content }) => content).join('\n');
const firstWords = (prompt: Prompt): string => textOf(prompt).split(/\s+/).slice(0, 4).join(' ');

describe('generated prompts', () => {
  it('are the same for the same seed and run, and can be had in any order', () => {
    const [one, two] = [generatedDataset(options()), generatedDataset(options())];
    expect(one.prompt(1, 7)).toEqual(two.prompt(1, 7));
    expect(one.prompt(0, 7)).not.toEqual(one.prompt(1, 7));
  });

  it('begin differently from the first words on, so that no prefix cache helps', () => {
    const dataset = generatedDataset(options());
    const heads = [0, 1].flatMap((trial) =>
      Array.from({ length: 300 }, (_, index) => firstWords(dataset.prompt(trial, index))),
    );
    expect(new Set(heads).size).toBe(600);
  });

  it('begin differently in the next run, and hash the same', () => {
    const [one, two] = [generatedDataset(options()), generatedDataset(options({ runNonce: 'run-2' }))];
    expect(firstWords(one.prompt(0, 0))).not.toBe(firstWords(two.prompt(0, 0)));
    expect(one.hash).toBe(two.hash);
    expect(generatedDataset(options({ seed: 43 })).hash).not.toBe(one.hash);
    expect(generatedDataset(options({ words: { body: 101, prefix: 0 } })).hash).not.toBe(one.hash);
  });

  it('share a prefix where the suite says so', () => {
    const dataset = generatedDataset(options({ suite: findSuite('chat-long'), words: { body: 50, prefix: 40 } }));
    const [a, b] = [dataset.prompt(0, 0), dataset.prompt(0, 1)];
    expect(a.messages[0]).toEqual(b.messages[0]);
    expect(a.messages[0]?.role).toBe('system');
    expect(a.messages[1]).not.toEqual(b.messages[1]);
  });

  it.each(SUITES.map((suite) => [suite.id, suite] as const))(
    'of %s have about the number of words asked for',
    (_, suite) => {
      const [few, many] = [100, 1000].map(
        (body) =>
          textOf(generatedDataset(options({ suite, words: { body, prefix: 0 } })).prompt(0, 0)).split(/[\s_.(),:=]+/)
            .length,
      );
      expect((many ?? 0) - (few ?? 0)).toBeGreaterThan(750);
      expect((many ?? 0) - (few ?? 0)).toBeLessThan(1050);
    },
  );
});

describe('prompts of a file', () => {
  const file = (text: string, given = {}) =>
    fileDataset(text, { path: 'dir/mine.jsonl', osl: 128, seed: 1, trials: 1, ...given });

  it.each([
    ['prompt', '{"prompt":"a"}', [{ role: 'user', content: 'a' }]],
    [
      'messages',
      '{"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}]}',
      [
        { role: 'system', content: 's' },
        { role: 'user', content: 'u' },
      ],
    ],
    [
      'a conversation up to its last question',
      '{"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"a"}]}',
      [{ role: 'user', content: 'q' }],
    ],
  ])('may be %s', (_, line, messages) => {
    expect(file(`${line}\n`).prompt(0, 0)).toEqual({ messages, maxTokens: 128 });
  });

  it('may say how long the answer is', () => {
    expect(file('{"prompt":"a","max_tokens":7}').prompt(0, 0).maxTokens).toBe(7);
  });

  it('come each once before any comes twice, in an order that the seed draws', () => {
    const text = Array.from({ length: 20 }, (_, index) => `{"prompt":"p${index}"}`).join('\n');
    const order = (seed: number): string[] =>
      Array.from({ length: 20 }, (_, index) => textOf(file(text, { seed }).prompt(0, index)));
    expect(new Set(order(1)).size).toBe(20);
    expect(order(1)).toEqual(order(1));
    expect(order(1)).not.toEqual(order(2));
    expect(file(text, { seed: 1 }).hash).toBe(file(text, { seed: 2 }).hash);
  });

  it('are others in every trial', () => {
    const text = Array.from({ length: 10 }, (_, index) => `{"prompt":"p${index}"}`).join('\n');
    const dataset = file(text, { trials: 2 });
    const seen = [0, 1].flatMap((trial) =>
      Array.from({ length: 5 }, (_, index) => textOf(dataset.prompt(trial, index))),
    );
    expect(dataset.size).toBe(5);
    expect(new Set(seen).size).toBe(10);
  });

  it.each([
    ['nothing', '', 'dataset_empty'],
    ['a line without a prompt', '{"prompt":"a"}\n{"answer":"b"}', 'prompt_missing'],
    ['a conversation without a question', '{"messages":[{"role":"system","content":"s"}]}', 'prompt_missing'],
    ['broken JSON', '{"prompt":', 'json_syntax'],
  ])('that hold %s are refused', (_, text, code) => {
    expect(() => file(text)).toThrow(expect.objectContaining({ code }));
  });
});

describe('fitting the length', () => {
  it('meets the target of a server that counts, template included', async () => {
    const fit = await fitWords(128, 'tokenize', (words) => Promise.resolve(Math.round(37 + 1.3 * words)));
    expect(fit).toMatchObject({ method: 'tokenize', countedTokens: 128 });
    expect(fit.overheadTokens).toBeCloseTo(37, -1);
  });

  it.each([
    ['counts nothing', () => null],
    ['counts the same whatever comes', () => 5],
  ])('is an estimate where the server %s', async (_, count) => {
    expect(await fitWords(128, 'usage', () => Promise.resolve(count()))).toMatchObject({
      method: 'estimate',
      countedTokens: null,
    });
  });

  it('writes at least one word', async () => {
    expect((await fitWords(8, 'usage', (words) => Promise.resolve(40 + words))).words).toBe(1);
  });
});

describe('suites', () => {
  it('are found by full and by short name, and a misspelt one is pointed out', () => {
    expect(findSuite('llm.inference.chatbot-short')).toBe(findSuite('chatbot-short'));
    expect(() => findSuite('chatbot-shirt')).toThrow(
      expect.objectContaining({
        code: 'suite_unknown',
        details: expect.objectContaining({ fix: 'did you mean llm.inference.chatbot-short?' }),
      }),
    );
  });

  it('name service levels that can be read', () => {
    for (const { sloTemplate } of SUITES) expect(resolveSlo(sloTemplate)).toMatchObject({ name: sloTemplate });
    expect(resolveSlo('ttft:5')).toEqual({ name: null, slo: [{ metric: 'ttft', limitMs: 5, percentile: 95 }] });
  });
});
