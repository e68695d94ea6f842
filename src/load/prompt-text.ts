// Writes prompt text of a given number of words from a seed. The words are common and short, so that most tokenisers spend
// about one token on each; the text has no meaning that a measurement could depend on.
import type { Random } from '../stats/random.ts';
import type { Flavour } from './suites.ts';

const words = (text: string): readonly string[] => text.split(' ');

const SHARED = words(
  'about after again all also any ask back because before best better big both bring build call came can case change city close come cost day deep did down early end even every face fact fall far fast few field find fine first five food form four free from full game gave get give good great group grow had half hand hard head hear help here high hold home hope hour house how idea keep kind know land large last late learn left less life light line list live long look lost made main make many mark may mean might mind month more most move much must name near need never new next night note now number off often old once one only open order other our out over own page part pass past pay place plan play point power put quick rain read ready real rest right rise road room round rule run said same save say sea second see seem send set seven she short show side since six size small some soon sound south space stand start state stay step still stop story street strong such sure table take talk team tell ten test than that their them then there they thing think this three time today told took top town tree true try turn two under until use very view voice wait walk want warm watch water way week well went were what when where while white who why wide will wind with word work world would year yes yet you young',
);
const CODE = words(
  'add args array base batch block body break byte cache call case class code copy core count data date debug diff done draw edge else emit end entry error event exit field file flag flow format frame get graph group hash head host index init input item join key label last left length level line link list load lock log loop main map mask match max merge min mode name next node null num open order out owner pack page parse path pop port print push query queue range read ref reset result right root row rule run save scan scope seed send set shape size slot sort stack start state step stop store sum swap tag task text time token total tree type unit update user value wait width word work write',
);

const pick = (random: Random, list: readonly string[]): string => list[random.below(list.length)] ?? '';

const sentence = (random: Random, length: number): string => {
  const chosen = Array.from({ length }, () => pick(random, SHARED));
  const [first = '', ...rest] = chosen;
  return `${first.charAt(0).toUpperCase()}${first.slice(1)} ${rest.join(' ')}.`;
};

const prose = (random: Random, count: number): string => {
  const sentences: string[] = [];
  for (let left = count; left > 0;) {
    const length = Math.min(left, 7 + random.below(9));
    sentences.push(sentence(random, length));
    left -= length;
  }
  return sentences.join(' ');
};

/** Lines of five words in the shape of Python. */
const code = (random: Random, count: number): string => {
  const word = (): string => pick(random, CODE);
  const lines = Array.from({ length: Math.ceil(count / 5) }, (_, index) =>
    index % 3 === 0
      ? `def ${word()}_${word()}(${word()}, ${word()}):`
      : `    ${word()} = ${word()}.${word()}(${word()}, ${word()})`,
  );
  return lines.join('\n');
};

const loose = (random: Random, count: number): string =>
  Array.from({ length: count }, () => pick(random, SHARED)).join(' ');

/** About `count` words. The same random state gives the same text. */
export const writeText = (flavour: Flavour, random: Random, count: number): string =>
  flavour === 'code' ? code(random, count) : flavour === 'random' ? loose(random, count) : prose(random, count);

/** `count` words that make the beginning of a prompt unlike any other. */
export const uniqueHead = (random: Random, count: number): string => loose(random, count);

/** What the model is asked to do with the text; it comes last, so that prompts differ from their first word on. */
export const INSTRUCTIONS: Readonly<Record<Flavour, string>> = {
  chat: 'What do you think about that?',
  prose: 'Summarise the text above.',
  code: '# Continue the code above.',
  random: '',
};
