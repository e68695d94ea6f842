// Beside what a report carries, what follows from its rows: its list of numbers, its rows and inputs as they are written, raw files.
import { createHash } from 'node:crypto';
import type { Attachment } from '../../render/pdf.ts';
import { CARRIED, RAW_NAME, numbersSchema } from '../attachments.ts';
import { placeOfNumber, type ShownNumber } from '../shown-numbers.ts';
import type { Carried, Numbers } from './carried.ts';
import { difference, fieldDifferences, type Difference } from './difference.ts';

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const numberDifferences = (shown: readonly ShownNumber[], derived: readonly ShownNumber[]): Difference[] => {
  const said = new Map(shown.map((each) => [placeOfNumber(each), each]));
  const due = new Map(derived.map((each) => [placeOfNumber(each), each]));
  const both = derived.flatMap((each) => {
    const other = said.get(placeOfNumber(each));
    if (other === undefined) return [difference('numbers.json', null, placeOfNumber(each), 'nothing', each.text)];
    if (other.text !== each.text) return [difference('numbers.json', null, placeOfNumber(each), other.text, each.text)];
    const [from, given] = [JSON.stringify([each.rows, each.fields]), JSON.stringify([other.rows, other.fields])];
    return from === given ? [] : [difference('numbers.json', null, placeOfNumber(each), given, from)];
  });
  const more = shown.filter((each) => !due.has(placeOfNumber(each)));
  return [...both, ...more.map((each) => difference('numbers.json', null, placeOfNumber(each), each.text, 'nothing'))];
};

const statedDigests = ({ numbers, files }: Carried): Difference[] => [
  ...([['rows_sha256', CARRIED.rows], ['inputs_sha256', CARRIED.inputs]] as const).flatMap(([field, name]) => {
    const found = sha256Of(files.get(name) ?? Buffer.alloc(0));
    return numbers[field] === found ? [] : [difference(name, null, 'sha256, as numbers.json states it', numbers[field], found)];
  }),
]; // prettier-ignore

const rawDifferences = ({ raw, inputs }: Carried): Difference[] => {
  const known = new Set(Object.values(inputs.raw));
  return raw.flatMap(({ name, bytes }) => {
    const digest = sha256Of(bytes);
    const isNamed = RAW_NAME.exec(name)?.[1] === digest.slice(0, 16);
    return isNamed && known.has(digest) ? [] : [difference('raw', null, name, digest, 'a file that the rows name')];
  });
};

const rowDigests = (shown: Numbers, derived: Numbers): Difference[] =>
  Object.keys({ ...shown.rows, ...derived.rows }).flatMap((id) =>
    fieldDifferences('numbers.json', `row ${id}`, { ...shown.rows[id] }, { ...derived.rows[id] }),
  );

/** `derived` are the carried files as they follow from rows and inputs. */
export const carriedDifferences = (carried: Carried, derived: readonly Attachment[]): Difference[] => {
  const due = new Map(derived.map(({ name, bytes }) => [name, bytes]));
  const numbers = numbersSchema.parse(JSON.parse(Buffer.from(due.get(CARRIED.numbers) ?? []).toString('utf8'))); // checked boundary: written a moment ago
  const found = [
    ...numberDifferences(carried.numbers.numbers, numbers.numbers),
    ...statedDigests(carried),
    ...rowDigests(carried.numbers, numbers),
    ...rawDifferences(carried),
  ];
  const otherwise = [CARRIED.rows, CARRIED.inputs, CARRIED.numbers].filter((name) => {
    const [is, should] = [carried.files.get(name), due.get(name)];
    return is === undefined || should === undefined || Buffer.compare(is, should) !== 0;
  });
  const unnamed = otherwise.filter((name) => !found.some((each) => each.in === name));
  return [...found, ...unnamed.map((name) => difference(name, null, 'how it is written', 'other bytes', 'as the product writes it'))];
}; // prettier-ignore
