// Looks for credentials in bytes that are to be stored unchanged, while they stream by. Never holds more than a block and
// never repeats the secret it found. Refusing a source is a harder answer than hiding a word in a log, so a piece counts only
// when it has the full shape of a credential and `redact` would hide it too. Unpacks nothing.
import { redact } from '../text/redact.ts';

export interface SecretFinding {
  /** `environment_value` or the kind of a rule below. */
  readonly kind: string;
  /** `line 12` of a text, `byte 4096` of anything else. */
  readonly at: string;
}

interface Rule {
  readonly kind: string;
  /** Bounded on every side, so that no input makes it slow. */
  readonly pattern: RegExp;
}

const FIELD = String.raw`(?:secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|token)`;
const VALUE = String.raw`(?:"[^"<\n][^"\n]{7,512}"|'[^'<\n][^'\n]{7,512}'|(?![0-9.eE+-]+(?:[\s,}\]]|$))[^\s"',;&{}[\]<][^\s"',;&{}[\]]{7,512})`;

const RULES: readonly Rule[] = [
  { kind: 'private_key', pattern: /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/g },
  { kind: 'access_token', pattern: /\bhf_(?:[A-Za-z0-9]{16,64}|(?=[a-z0-9_-]{0,64}[A-Z])[A-Za-z0-9_-]{8,64})/g },
  { kind: 'access_token', pattern: /\b(?:gh[pousr]_|glpat-|github_pat_)[A-Za-z0-9_-]{16,255}/g },
  { kind: 'access_token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,255}/g },
  { kind: 'access_token', pattern: /\b(?:sk|rk|nvapi|wandb)-(?=[A-Za-z_-]{0,64}[0-9])[A-Za-z0-9_-]{16,255}/g },
  { kind: 'access_token', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { kind: 'access_token', pattern: /\beyJ[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{8,2048}\./g },
  {
    kind: 'bearer_header',
    pattern: /\b(?:bearer|basic)\s{1,4}(?=[A-Za-z._~+/-]{0,255}[0-9=])[A-Za-z0-9._~+/=-]{8,512}/gi,
  },
  { kind: 'access_token', pattern: /\bAIza[A-Za-z0-9_-]{30,64}/g },
  { kind: 'password_in_url', pattern: /:\/{1,3}[^\s/@:"']{1,128}:[^\s/@"']{1,256}@/gi },
  {
    kind: 'signed_url',
    pattern:
      /[?&](?:X-Amz-(?:Signature|Credential|Security-Token)|Signature|sig|token|access_token|api_key)=[^&\s"']{8,512}/gi,
  },
  {
    kind: 'secret_field',
    pattern: new RegExp(String.raw`${FIELD}[A-Za-z0-9_.-]{0,40}["']?[ \t]{0,8}[=:][ \t]{0,8}${VALUE}`, 'gi'),
  },
  {
    kind: 'secret_field',
    pattern: new RegExp(String.raw`(?:^|[\s"'])--?(?!-)[a-z0-9_-]{0,40}?${FIELD}[ \t]{1,4}(?!-)${VALUE}`, 'gim'),
  },
];

/** Longest match of any rule, with room: so much of a block is looked at again with the block after it. */
const OVERLAP = 8192;

const LONGEST_NAME = 64;

const countNewlines = (block: Buffer): number => {
  let count = 0;
  for (let at = block.indexOf(10); at >= 0; at = block.indexOf(10, at + 1)) count += 1;
  return count;
};

/** Bytes as characters 0..255, the form in which text of any encoding that extends ASCII can be searched. */
const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** Where the name that `index` lies in begins, with its opening quote. */
const wordStart = (text: string, index: number): number => {
  let start = index;
  while (start > 0 && index - start < LONGEST_NAME && /[A-Za-z0-9_.-]/.test(text.charAt(start - 1))) start -= 1;
  return /["']/.test(text.charAt(start - 1)) ? start - 1 : start;
};

interface Hit {
  readonly kind: string;
  readonly index: number;
}

/** The first credential that begins before `limit`. */
const firstHit = (text: string, values: readonly string[], limit: number): Hit | undefined => {
  const hits: Hit[] = [];
  for (const value of values) {
    const index = text.indexOf(value);
    if (index >= 0) hits.push({ kind: 'environment_value', index });
  }
  for (const { kind, pattern } of RULES)
    for (const match of text.matchAll(pattern)) {
      if (match.index >= limit) break;
      const start = wordStart(text, match.index);
      const piece = text.slice(start, match.index + match[0].length);
      if (redact(piece) === piece) continue;
      hits.push({ kind, index: start });
      break;
    }
  return hits.reduce<Hit | undefined>(
    (first, hit) => (first === undefined || hit.index < first.index ? hit : first),
    undefined,
  );
};

export interface SecretScan {
  /** Takes the next block. */
  readonly push: (block: Buffer) => void;
  /** Ends the file; the first credential in it, if there is one. */
  readonly finish: () => SecretFinding | undefined;
}

/** A scan over one file. `known` are secret values that must not occur, such as those of the environment. */
export const secretScan = (known: readonly string[]): SecretScan => {
  const values = known.map(asBytes).filter((value) => value !== '');
  const overlap = Math.max(OVERLAP, ...values.map((value) => value.length));
  let finding: SecretFinding | undefined;
  let binary: boolean | undefined;
  let carried = Buffer.alloc(0);
  /** File offset of `carried`, and newlines before it. */
  let [offset, lines] = [0, 0];

  const inspect = (window: Buffer, limit: number): void => {
    const hit = firstHit(window.toString('latin1'), values, limit);
    if (hit === undefined) return;
    const line = lines + countNewlines(window.subarray(0, hit.index)) + 1;
    finding = { kind: hit.kind, at: binary === true ? `byte ${offset + hit.index}` : `line ${line}` };
  };
  return {
    push: (block) => {
      if (finding !== undefined) return;
      binary ??= block.subarray(0, 65536).includes(0);
      const window = Buffer.concat([carried, block]);
      inspect(window, window.length - overlap / 2);
      const cut = Math.max(0, window.length - overlap);
      if (!binary) lines += countNewlines(window.subarray(0, cut));
      offset += cut;
      carried = Buffer.from(window.subarray(cut));
    },
    finish: () => {
      if (finding === undefined) inspect(carried, carried.length);
      return finding;
    },
  };
};
