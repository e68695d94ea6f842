// Takes secrets out of text before it is logged, stored or shown, and finds them in text that must be stored unchanged.
// Errs on the side of removing too much, but leaves token counts (`output_tokens`, `time_per_output_token`) alone.

const MARK = '[redacted]';

/**
 * Credentials that are recognisable by their own shape, with the part to keep in front. No text makes them slow: what one of
 * them runs over before it fails begins only where no other attempt has run over it.
 */
const SHAPES: readonly RegExp[] = [
  /()-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /()\bhf_[A-Za-z0-9]{16,}/g,
  /()\b(?:ghp|gho|ghu|ghs|ghr|glpat|xox[abprs])[_-][A-Za-z0-9_-]{8,}/g,
  /()\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /()\b(?:sk|rk|nvapi|wandb)-[A-Za-z0-9_-]{16,}/g,
  /()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /()\bAIza[A-Za-z0-9_-]{30,}/g,
  /((?<![\w-])(?:(?!\beyJ)[\w-])*)\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /(\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}/gi,
  /((?<=[a-z0-9+.-]):(?:\\?\/){1,3})[^\s/@:"'\\]+:[^\s/@"'\\]+(?=@)/gi,
  /([?&](?:X-Amz-(?:Signature|Credential|Security-Token)|Signature|sig|token|access_token|api_key|AWSAccessKeyId)=)[^&\s"']+/gi,
];

const SECRET_WORD =
  /secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization/i;
const TOKEN_NAME = /^(?:.*[_-])?token$/i;
const TOKEN_COUNT =
  /(?:per|per[_-]output|max|min|num|total|output|input|prompt|first|next|last|spec|eos|bos|pad|stop|unk|mask|generated|cached|draft|accepted|new)[_-]token$/i;

/** True when a variable, flag or field of this name holds a secret (`HF_TOKEN`, `--api-key`). */
export const isSecretName = (name: string): boolean =>
  SECRET_WORD.test(name) || (TOKEN_NAME.test(name) && !TOKEN_COUNT.test(name));

/** A quoted value, also within the quotes of a JSON text and of XML, or a word. */
const VALUE =
  /\\"(?:[^"\\]|\\(?!"))*\\"|&quot;[^"<>]*?&quot;|"(?:[^"\\]|\\.)*"|'[^']*'|\$\{[^}]{0,256}\}|[^\s,;&"'{}[\]]+/y;
/** The name and separator of `NAME=value`, `"name": "value"`, `name: value`; a name is met at its beginning only. */
const ASSIGNED = /(["']?)(?<![\w.-])[\w.-]+\1\s*[=:]\s*/g;
/** The flag of `--name value`. */
const FLAG = /(?<![-\w])--?[A-Za-z][\w-]*\s+(?!-)/g;
const NOT_A_SECRET =
  /^(?:\\?["']|&quot;)?(?:|-?[0-9.]+|true|false|null|none|\[redacted\]|\$\w+|\$\{[^}]*\})(?:\\?["']|&quot;)?$/i;

/**
 * One of these stands in every text that `redact` changes for its shape or its names. Deliberately wider than the patterns
 * above and free of word boundaries, so that it holds for a JSON text as well as for the strings inside.
 */
const SIGNS = new RegExp(
  [
    '-----BEGIN',
    'hf_',
    'gh[pousr][_-]|glpat|xox[abprs][_-]|github_pat_',
    '(?:sk|rk|nvapi|wandb)-[a-z0-9_-]{16}',
    '(?:AKIA|ASIA)[a-z0-9]{16}',
    'AIza',
    'eyJ[a-z0-9_-]{8}',
    'bearer|basic',
    ':(?:\\\\*/){1,3}[^\\s/@:"\'\\\\]+:',
    '[?&](?:X-Amz-|Signature=|sig=|AWSAccessKeyId=)',
    SECRET_WORD.source,
    'token(?![a-z0-9_.-])',
  ].join('|'),
  'i',
);

/** False only where `redact` would leave the text, and every string of a JSON text, as it is. */
const mayHoldSecret = (text: string, known: readonly string[]): boolean =>
  SIGNS.test(text) || known.some((secret) => text.includes(secret));

/** Values of environment variables whose names say that they are secrets; short values are left out. */
export const environmentSecrets = (env: Readonly<Record<string, string | undefined>>): string[] =>
  Object.entries(env)
    .filter(([name, value]) => value !== undefined && value.length >= 8 && isSecretName(name))
    .map(([, value]) => value ?? '');

/** The name inside `"name": `, `NAME=` or `--name `. Digits before it are no part of it. */
const nameIn = (lead: string): string => /[A-Za-z_-][\w.-]*/.exec(lead)?.[0] ?? '';

/** Hides the values that follow a secret name. What follows another name is searched as any other text is. */
const hideValues = (text: string, lead: RegExp): string => {
  let [cleaned, copied] = ['', 0];
  const [leads, values] = [new RegExp(lead), new RegExp(VALUE)];
  for (let found = leads.exec(text); found !== null; found = leads.exec(text)) {
    if (!isSecretName(nameIn(found[0]))) continue;
    values.lastIndex = leads.lastIndex;
    const [value] = values.exec(text) ?? [];
    if (value === undefined || NOT_A_SECRET.test(value)) continue;
    const edge = /^(?:\\?["']|&quot;)/.exec(value)?.[0] ?? '';
    cleaned += `${text.slice(copied, leads.lastIndex)}${edge}${MARK}${edge}`;
    copied = leads.lastIndex + value.length;
    leads.lastIndex = copied;
  }
  return copied === 0 ? text : cleaned + text.slice(copied);
};

/** The text without anything that looks like a credential or equals one of `known`. Idempotent. Takes time in proportion to it. */
export const redact = (text: string, known: readonly string[] = []): string => {
  if (!mayHoldSecret(text, known)) return text;
  let cleaned = text;
  for (const secret of known) cleaned = cleaned.replaceAll(secret, MARK);
  for (const shape of SHAPES) cleaned = cleaned.replace(shape, `$1${MARK}`);
  return hideValues(hideValues(cleaned, ASSIGNED), FLAG);
};

/** True when `redact` would change the text. */
export const holdsSecret = (text: string, known: readonly string[] = []): boolean => redact(text, known) !== text;

/** An argument list without the values of secret flags (`--api-key X`, `--token=X`) and without credentials inside. */
export const redactArgv = (argv: readonly string[], known: readonly string[] = []): string[] =>
  argv.map((argument, index) => {
    const previous = argv[index - 1] ?? '';
    const follows = /^--?[a-z][a-z0-9_-]*$/i.test(previous) && isSecretName(previous);
    return follows ? MARK : redact(argument, known);
  });

const redactMember = (value: unknown, known: readonly string[], name: string): unknown => {
  if (typeof value === 'string') return isSecretName(name) && !NOT_A_SECRET.test(value) ? MARK : redact(value, known);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => redactMember(item, known, name));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, redactMember(member, known, key)]));
};

/** A text as it stands inside the quotes of a JSON text. */
const insideJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** A JSON value without secrets: strings are redacted, strings under secret names are replaced. A clean value is shared. */
export const redactValue = (value: unknown, known: readonly string[] = []): unknown => {
  if (typeof value !== 'object' || value === null) return redactMember(value, known, '');
  return mayHoldSecret(JSON.stringify(value), known.map(insideJson)) ? redactMember(value, known, '') : value;
};

/** The text that `write` makes of a value without its secrets. Written once where that text shows that there are none. */
export const writtenWithoutSecrets = <T extends object>(
  value: T,
  known: readonly string[],
  write: (clean: T) => string,
): string => {
  const text = write(value);
  return mayHoldSecret(text, known.map(insideJson)) ? write(redacted(value, known)) : text;
};

/** The value as it is kept or shown: only its strings may be others. */
export const redacted = <T extends object>(value: T, known: readonly string[] = []): T =>
  redactValue(value, known) as T; // checked boundary: strings stay strings
