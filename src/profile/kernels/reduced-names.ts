// Kernel names reduced step by step, so that a kernel that was renamed, re-templated or re-tiled is recognised. Pure text.

const CASTS = /\((?:int|unsigned int|long|unsigned long|bool|short|unsigned char|char|float)\)(?=-?\d)/g;
const ORDINALS = /\(instance \d+\)|#\d+/g;

/** The name without what compilers and profilers spell differently: literal casts, ordinals of lambdas, spaces. */
export const canonicalName = (name: string): string =>
  name
    .replace(CASTS, '')
    .replace(ORDINALS, '')
    .replace(/\{lambda|\[lambda/g, 'lambda')
    .replace(/\s+/g, '');

/** Tile sizes, stages and numbers of generated code taken out: `nvjet_tst_192x192_64x4_2x1_v` to `nvjet_tst_v`. */
export const tilelessName = (name: string): string => {
  const short = name.replace(/<[\s\S]*$/, '').replace(/\([\s\S]*$/, '');
  const parts = short
    .split('_')
    .filter((part) => !/^(?:\d+x\d+(?:x\d+)*|t\d+x\d+x\d+u?\d*|s\d+|et\d.*|m\d+x.*|\d+|stages?\d+|v\d+)$/i.test(part));
  return parts.join('_');
};

const NOISE =
  /\bvoid |at::native::|c10::|cutlass::|std::|<unnamed>::|\(anonymous namespace\)::|::operator ?\(\)\(\) const/g;
const LAMBDAS = /(?:::)?\[lambda\([^)]*\) \(instance (\d+)\)\]/g;
const PARAMETERS = /\((?:[^()]|\([^()]*\))*\)/g;

const plainName = (name: string): string =>
  name
    .replace(CASTS, '')
    .replace(NOISE, '')
    .replace(LAMBDAS, '{$1}')
    .replace(PARAMETERS, '')
    .replace(/\s+/g, ' ')
    .trim();

/** A kernel name of at most `longest` characters: template arguments kept, the middle left out. */
export const readableName = (name: string, longest = 96): string => {
  const plain = plainName(name);
  if (plain.length <= longest) return plain;
  const tail = Math.floor(longest / 3);
  return `${plain.slice(0, longest - tail - 3)}...${plain.slice(-tail)}`;
};

/** Characters of the beginning that stay where the middle of a name is shown. */
const HEAD = 12;

/** Length of the beginning that all names have in common. */
const commonStart = (names: readonly string[]): number => {
  const [first = '', ...others] = names;
  let length = 0;
  while (length < first.length && others.every((name) => name[length] === first[length])) length += 1;
  return length;
};

/**
 * `readableName` of each, in their order; of names that would read alike, the beginning and the part in which they differ
 * (`vectorized_e...FillFunctor<float>...`).
 */
export const distinctNames = (names: readonly string[], longest: number): string[] => {
  const shown = names.map((name) => readableName(name, longest));
  return names.map((name, index) => {
    const alike = names.filter((_, other) => shown[other] === shown[index]).map(plainName);
    const [usual = '', plain] = [shown[index], plainName(name)];
    if (new Set(alike).size < 2) return usual;
    const from = Math.max(HEAD, commonStart(alike) - 2);
    const room = longest - HEAD - 3;
    const part = plain.slice(from, from + room);
    return `${plain.slice(0, HEAD)}...${from + room < plain.length ? `${part.slice(0, -3)}...` : part}`;
  });
};
