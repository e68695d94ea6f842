// Puts the frontier into a HANDOFF.md between two markers. Works on bytes: whatever stands outside of the markers stays as it is, also
// what is no UTF-8.
import { Fault } from '../../text/fault.ts';

const BEGIN = '<!-- profile-and-optimize frontier: begin -->';
const END = '<!-- profile-and-optimize frontier: end -->';

const placesOf = (file: Buffer, marker: string): number[] => {
  const places: number[] = [];
  for (let at = file.indexOf(marker); at >= 0; at = file.indexOf(marker, at + 1)) places.push(at);
  return places;
};

const broken = (path: string, says: string): Fault =>
  new Fault('input', 'handoff_block_broken', `${path} ${says}`, {
    path,
    fix: `keep one line ${BEGIN} and below it one line ${END}, or take both out`,
  });

/** From where to where the block lies; undefined where there is none. Throws a Fault `handoff_block_broken`. */
const blockIn = (file: Buffer, path: string): readonly [number, number] | undefined => {
  const [begins, ends] = [placesOf(file, BEGIN), placesOf(file, END)];
  const [begin, end] = [begins[0], ends[0]];
  if (begin === undefined && end === undefined) return undefined;
  if (begins.length > 1 || ends.length > 1) throw broken(path, 'holds more than one frontier block');
  if (begin === undefined || end === undefined || end < begin) throw broken(path, 'holds half a frontier block');
  return [begin, end + END.length];
};

/** Line ends of the file: as its first line ends. */
const newlineOf = (file: Buffer): string => {
  const at = file.indexOf('\n');
  return at > 0 && file[at - 1] === 0x0d ? '\r\n' : '\n';
};

/** What separates the block from what stands before it, where it is new. */
const gapAfter = (file: Buffer, newline: string): string => {
  if (file.length === 0) return '';
  return file.at(-1) === 0x0a ? newline : newline + newline;
};

/** The file with the block in it, or at its end where it had none; an absent file is `null`. Throws a Fault `handoff_block_broken`. */
export const withFrontierBlock = (file: Buffer | null, text: string, path: string): Buffer => {
  const old = file ?? Buffer.alloc(0);
  const newline = newlineOf(old);
  const block = Buffer.from([BEGIN, text, END].join('\n').replaceAll('\n', newline));
  const place = blockIn(old, path);
  if (place !== undefined) return Buffer.concat([old.subarray(0, place[0]), block, old.subarray(place[1])]);
  return Buffer.concat([old, Buffer.from(gapAfter(old, newline)), block, Buffer.from(newline)]);
};
