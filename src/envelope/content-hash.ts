// Names of an envelope: its content hash, its file name and its run id.
import { createHash } from 'node:crypto';
import { canonicalJson } from '../text/json.ts';

/** SHA-256 of the canonical JSON (RFC 8785) of an envelope without its signature. */
export const contentHash = (envelope: object): string =>
  createHash('sha256')
    .update(canonicalJson({ ...envelope, signature: undefined }))
    .digest('hex');

/** `c16-1a2b3c4d5e6f.json`. */
export const envelopeFileName = (point: string, hash: string): string => `${point}-${hash.slice(0, 12)}.json`;

/** True for a file that `envelopeFileName` would give a measurement of this load point. */
export const isEnvelopeOf = (point: string, file: string): boolean =>
  file.startsWith(`${point}-`) && /^[0-9a-f]{12}\.json$/.test(file.slice(point.length + 1));

/** A UUID of version 7 (RFC 9562): milliseconds since the epoch, then random bits (10 bytes are used). */
export const runId = (epochMs: number, random: Uint8Array): string => {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(Math.floor(epochMs), 0, 6);
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};
