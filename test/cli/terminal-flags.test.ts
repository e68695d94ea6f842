// Flags of the terminal: which words they are, and who gets colours.
import { describe, expect, it } from 'vitest';
import { painted, showsColour } from '../../src/cli/colour.ts';
import { DEFAULT_FLAGS, takeTerminalFlags } from '../../src/cli/terminal-flags.ts';

describe('flags of the terminal', () => {
  it.each([
    [['--color', 'never'], { colour: 'never' }],
    [['--color=always'], { colour: 'always' }],
    [['--no-color'], { colour: 'never' }],
    [['--no-pager'], { pager: false }],
    [['--csv'], { rows: 'csv' }],
    [['--markdown'], { rows: 'markdown' }],
  ])('%j are taken out wherever they stand', (words, set) => {
    expect(takeTerminalFlags(['verb', ...words, 'file.json'])).toEqual({
      flags: { ...DEFAULT_FLAGS, ...set },
      rest: ['verb', 'file.json'],
    });
  });

  it('are words like others after --', () => {
    expect(takeTerminalFlags(['verb', '--', '--csv']).rest).toEqual(['verb', '--', '--csv']);
  });

  it.each([
    [['--color'], '--color takes auto, always, never'],
    [['--color', 'nevr'], 'not "nevr"'],
    [['--csv', '--markdown'], '--csv and --markdown are two forms'],
  ])('%j are refused', (words, message) => {
    expect(() => takeTerminalFlags(words)).toThrow(message);
  });
});

describe('colour', () => {
  const terminal = { isTTY: true };
  it.each([
    ['a terminal', terminal, {}, 'auto', true],
    ['a pipe', {}, {}, 'auto', false],
    ['a terminal with NO_COLOR', terminal, { NO_COLOR: '1' }, 'auto', false],
    ['a terminal with an empty NO_COLOR', terminal, { NO_COLOR: '' }, 'auto', true],
    ['a terminal that can show none', terminal, { TERM: 'dumb' }, 'auto', false],
    ['a pipe with FORCE_COLOR', {}, { FORCE_COLOR: '1' }, 'auto', true],
    ['a terminal with FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, 'auto', false],
    ['a pipe with NO_COLOR and FORCE_COLOR', {}, { NO_COLOR: '1', FORCE_COLOR: '1' }, 'auto', false],
    ['a pipe with CLICOLOR_FORCE', {}, { CLICOLOR_FORCE: '1' }, 'auto', true],
    ['a terminal with CLICOLOR=0', terminal, { CLICOLOR: '0' }, 'auto', false],
    ['a pipe with --color always and NO_COLOR', {}, { NO_COLOR: '1' }, 'always', true],
    ['a terminal with --color never and FORCE_COLOR', terminal, { FORCE_COLOR: '1' }, 'never', false],
  ] as const)('of %s', (_, stream, env, choice, shown) => {
    expect(showsColour(stream, env, choice)).toBe(shown);
  });

  const RED = (text: string): string => `\u001b[31m${text}\u001b[39m`;

  it.each([
    ['RED: llama/serve', `${RED('RED')}: llama/serve`],
    ['decision: FAIL proven', `decision: ${RED('FAIL proven')}`],
    ['error unknown_flag: no', `${RED('error unknown_flag:')} no`],
    ['GREEN', '\u001b[32mGREEN\u001b[39m'],
    ['INCONCLUSIVE: 8 more', '\u001b[33mINCONCLUSIVE\u001b[39m: 8 more'],
    ['WARNING: careful', '\u001b[33mWARNING:\u001b[39m careful'],
    ['kernel RED_BLACK_gauss PASS2 non-RED', 'kernel RED_BLACK_gauss PASS2 non-RED'],
  ])('of %j paints verdicts and nothing else', (text, shown) => {
    expect(painted(text)).toBe(shown);
  });
});
