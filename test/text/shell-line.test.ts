// A command line as its words: quotes as a shell reads them, and nothing that only a shell can do.
import { expect, it } from 'vitest';
import { shellLine, shellWords } from '../../src/text/shell-line.ts';

it.each<[string, string[] | null]>([
  ['', []],
  ['  python3   x.py ', ['python3', 'x.py']],
  [`a 'b c' "d e"f\\ g ''`, ['a', 'b c', 'd ef g', '']],
  [`say "a \\"b\\" \\n"`, ['say', 'a "b" \\n']],
  ['x --glob *.json', ['x', '--glob', '*.json']],
  ['a | b', null],
  ['a > out', null],
  ['echo $HOME', null],
  ['echo "$HOME"', null],
  ['echo `id`', null],
  [`open 'quote`, null],
])('%j', (text, words) => {
  expect(shellWords(text)).toEqual(words);
});

it('reads what is written', () => {
  const words = ['python3', "it's", 'a "b"', '$x', '', 'plain'];
  expect(shellWords(shellLine(words))).toEqual(words);
});
