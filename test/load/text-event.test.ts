import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStreamEvent } from '../../src/load/completion-chunk.ts';
import { createTextEvents } from '../../src/load/text-event.ts';

const chat = (delta: unknown, finish: string | null = null, more = {}): string =>
  JSON.stringify({ id: 'c-1', choices: [{ index: 0, delta, finish_reason: finish }], ...more });

const recognisedAfter = (lesson: string, data: string): boolean => {
  const texts = createTextEvents();
  texts.learn(lesson);
  const bytes = Buffer.from(`xx${data}yy`);
  return texts.recognises(bytes, 2, bytes.length - 2);
};

const LESSON = chat({ content: ' word' });

describe('an event is recognised', () => {
  it.each([
    ['with the text of the lesson', LESSON, LESSON],
    ['with another text', LESSON, chat({ content: ' Grüße 你好 🚀' })],
    ['of a completion', '{"choices":[{"text":"a"}]}', '{"choices":[{"text":"bcd"}]}'],
    ['of reasoning', chat({ content: null, reasoning_content: 'a' }), chat({ content: null, reasoning_content: 'bc' })],
    [
      'that says usage is null',
      chat({ content: 'a' }, null, { usage: null }),
      chat({ content: 'b' }, null, { usage: null }),
    ],
  ])('%s', (_, lesson, data) => {
    expect(recognisedAfter(lesson, data)).toBe(true);
  });

  it.each([
    ['without text', chat({ content: '' })],
    ['with an escape', chat({ content: 'a\n' })],
    ['with a finish reason', chat({ content: ' word' }, 'stop')],
    ['with usage', chat({ content: ' word' }, null, { usage: { completion_tokens: 1 } })],
    ['with another id', LESSON.replace('c-1', 'c-2')],
    ['that is cut short', LESSON.slice(0, -1)],
    ['that is no JSON for a control character', LESSON.replace('word', 'w\u0001')],
    ['that ends the stream', '[DONE]'],
  ])('not %s', (_, data) => {
    expect(recognisedAfter(LESSON, data)).toBe(false);
  });

  it.each([
    ['an error', '{"error":{"message":"a","content":"b"}}'],
    ['a text with two pieces', chat({ content: 'a', reasoning: 'b' })],
    ['a word of that name elsewhere', JSON.stringify({ content: 'a', choices: [{ delta: { content: '\n' } }] })],
    ['no JSON', '"content":"a"'],
  ])('never after a lesson of %s', (_, lesson) => {
    expect(recognisedAfter(lesson, lesson)).toBe(false);
  });

  it('only if the parser would say the same', () => {
    const texts = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(texts, texts, fc.string(), (lesson, text, noise) => {
        for (const data of [chat({ content: text }), LESSON.replace('word', noise), LESSON + noise]) {
          const event = readStreamEvent(data);
          const plain = event.kind === 'chunk' && event.hasText && event.finishReason === null && event.usage === null;
          for (const learned of [LESSON, chat({ content: lesson })])
            if (recognisedAfter(learned, data)) expect(plain).toBe(true);
        }
      }),
    );
  });

  it('no more once lessons have been in vain', () => {
    const texts = createTextEvents();
    for (const id of [1, 2, 3, 4, 5]) texts.learn(chat({ content: 'a' }, null, { created: id }));
    const fifth = Buffer.from(chat({ content: 'a' }, null, { created: 5 }));
    const fourth = Buffer.from(chat({ content: 'a' }, null, { created: 4 }));
    expect(texts.recognises(fifth, 0, fifth.length)).toBe(false);
    expect(texts.recognises(fourth, 0, fourth.length)).toBe(true);
  });
});
