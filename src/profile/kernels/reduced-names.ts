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

/** A kernel name that differs visibly from its neighbours in a table: template arguments kept, the middle left out. */
export const readableName = (name: string, longest = 96): string => {
  const plain = name
    .replace(CASTS, '')
    .replace(NOISE, '')
    .replace(LAMBDAS, '{$1}')
    .replace(PARAMETERS, '')
    .replace(/\s+/g, ' ')
    .trim();
  if (plain.length <= longest) return plain;
  const tail = Math.floor(longest / 3);
  return `${plain.slice(0, longest - tail - 3)}...${plain.slice(-tail)}`;
};
