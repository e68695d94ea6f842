import { describe, expect, it } from 'vitest';
import { createObserver } from '../../src/load/observer.ts';

const delta = (content: string, finish: string | null = null): string =>
  JSON.stringify({ choices: [{ delta: { content }, finish_reason: finish }] });
const usage = (prompt: number, completion: number, cached?: number): string =>
  JSON.stringify({
    choices: [],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      ...(cached === undefined ? {} : { prompt_tokens_details: { cached_tokens: cached } }),
    },
  });

const observe = (events: readonly string[], maxTokens: number | null = 16, partial = false, stray = 0) => {
  const observer = createObserver({ maxTokens });
  events.forEach((data, index) => {
    const bytes = Buffer.from(data);
    observer.event(bytes, 0, bytes.length, 10 * (index + 1));
  });
  return observer.finish(partial, { count: stray, first: 'hello' });
};

const ROLE = JSON.stringify({ choices: [{ delta: { role: 'assistant', content: '' }, finish_reason: null }] });

describe('an answer that came through', () => {
  it('has its first token where text first came, not where the role came', () => {
    const outcome = observe([ROLE, delta('a'), delta('b'), delta('', 'stop'), usage(5, 2), '[DONE]']);
    expect(outcome).toMatchObject({
      failure: null,
      finishedMs: 40,
      inputTokens: 5,
      outputTokens: 2,
      tokenSource: 'usage',
      finishReason: 'stop',
    });
    expect([...outcome.pieceMs]).toEqual([20, 30]);
  });

  it.each([
    ['reasoning', { delta: { reasoning_content: 'hm' } }],
    ['a tool call', { delta: { tool_calls: [{ index: 0 }] } }],
    ['plain completion text', { text: 'a' }],
  ])('counts %s as output', (_, choice) => {
    const first = JSON.stringify({ choices: [choice] });
    expect([...observe([first, delta('', 'stop'), '[DONE]']).pieceMs]).toEqual([10]);
  });

  it('counts pieces, and says so, where the server reports no usage', () => {
    expect(observe([delta('a'), delta('b', 'length'), '[DONE]'])).toMatchObject({
      outputTokens: 2,
      tokenSource: 'chunks',
    });
  });

  it('takes several tokens in one piece for what usage says', () => {
    expect(observe([delta('abc', 'length'), usage(5, 3, 4), '[DONE]'])).toMatchObject({
      outputTokens: 3,
      cachedTokens: 4,
    });
  });

  it('needs no [DONE] once a finish reason came', () => {
    expect(observe([delta('a', 'stop')]).failure).toBeNull();
  });

  it('ignores what comes after [DONE]', () => {
    expect(observe([delta('a', 'stop'), '[DONE]', 'garbage']).failure).toBeNull();
  });
});

describe('an answer that is odd but counts', () => {
  it.each([
    ['[DONE] without a finish reason', [delta('a'), delta('b'), '[DONE]'], ['no_finish_reason'], 2],
    ['one token more than were asked for', [delta('a', 'length'), usage(5, 17)], ['usage_above_max_tokens'], 17],
    ['fewer tokens than pieces', [delta('a'), delta('b', 'stop'), usage(5, 1)], ['usage_below_pieces'], 1],
    ['no tokens at all', [delta('a'), delta('b', 'stop'), usage(5, 0)], ['usage_below_pieces'], 2],
    ['both', [delta('a'), delta('b'), usage(5, 1), '[DONE]'], ['no_finish_reason', 'usage_below_pieces'], 1],
    ['nothing', [delta('a', 'stop'), usage(5, 1), '[DONE]'], [], 1],
  ])('%s is answered, and said', (_, events, doubts, outputTokens) => {
    expect(observe(events)).toMatchObject({ failure: null, doubts, outputTokens });
  });

  it('is given up when it goes on far beyond what was asked for', () => {
    const observer = createObserver({ maxTokens: 4 });
    const piece = Buffer.from(delta('a'));
    const send = (pieces: number): void => {
      for (let i = 0; i < pieces; i += 1) observer.event(piece, 0, piece.length, i);
    };
    send(2 * 4 + 16);
    expect(observer.isTooLong()).toBe(false);
    send(1);
    expect(observer.isTooLong()).toBe(true);
  });
});

describe('an answer that did not', () => {
  it.each([
    ['no finish reason', [delta('a')], 'closed_early'],
    ['broken JSON', [delta('a'), '{"choices":[', delta('', 'stop')], 'malformed_stream'],
    ['JSON that is no chunk', ['{"hello":1}'], 'malformed_stream'],
    ['a number', ['42'], 'malformed_stream'],
    ['a choice that is no object', ['{"choices":[7]}'], 'malformed_stream'],
    ['an error', [delta('a'), '{"error":{"message":"engine died"}}'], 'error_in_stream'],
    ['an error as text', [delta('a'), '{"error":"engine died"}'], 'error_in_stream'],
    [
      'an error object of vLLM',
      [delta('a'), '{"object":"error","message":"engine died","code":500}'],
      'error_in_stream',
    ],
    ['an error of a framework', [delta('a'), '{"detail":"engine died"}'], 'error_in_stream'],
    ['an error in the finish reason', [delta('a'), delta('', 'error'), '[DONE]'], 'error_in_stream'],
    ['an error and then [DONE]', [delta('a'), '{"error":{"message":"engine died"}}', '[DONE]'], 'error_in_stream'],
    ['[DONE] without any text', [ROLE, '[DONE]'], 'no_output'],
    ['no text', [ROLE, delta('', 'stop'), '[DONE]'], 'no_output'],
    ['two tokens more than were asked for', [delta('a', 'length'), usage(5, 18)], 'usage_implausible'],
    ['negative tokens', [delta('a', 'stop'), usage(-1, 1)], 'usage_implausible'],
    ['no prompt tokens', [delta('a', 'stop'), usage(0, 1)], 'usage_implausible'],
    ['half a token', [delta('a', 'stop'), usage(5, 1.5)], 'usage_implausible'],
    ['more cached than asked', [delta('a', 'stop'), usage(5, 1, 6)], 'usage_implausible'],
  ])('%s has a reason and no latency', (_, events, failure) => {
    const outcome = observe(events);
    expect(outcome).toMatchObject({ failure, finishedMs: null, outputTokens: null });
    expect(outcome.pieceMs).toHaveLength(0);
  });

  it('is malformed when lines came that are no event stream', () => {
    expect(observe([delta('a', 'stop')], 16, false, 2).failure).toBe('malformed_stream');
  });

  it('is an error when such a line is one', () => {
    const observer = createObserver({ maxTokens: 4 });
    const first = '{"error":{"message":"CUDA out of memory","code":500}}';
    expect(observer.finish(false, { count: 1, first })).toMatchObject({
      failure: 'error_in_stream',
      detail: 'CUDA out of memory',
    });
  });

  it('says where it was cut off, and shows no secret', () => {
    expect(observe([delta('a')], 16, true).detail).toBe('ended inside an event without a finish reason');
    const leaky = observe(['{"error":{"message":"bad key sk-abcdefghijklmnopqrstuv"}}']);
    expect(leaky.detail).toBe('bad key [redacted]');
  });
});
