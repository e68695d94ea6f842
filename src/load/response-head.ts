// Parses the head of an HTTP/1.1 response (RFC 9112) that has come whole: status, the fields that matter here, and how its body
// ends. Pure: it sees lines, never bytes or a connection.

/** What the head of a response says that matters here; a field that it does not have is empty. */
export interface ResponseHead {
  readonly status: number;
  readonly contentType: string;
  /** Empty for `identity` as well. */
  readonly contentEncoding: string;
  readonly location: string;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d{2})(?: .*)?$/;
export const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/;
/** A proxy that hands on what it got and adds its own says it twice. */
const CHUNKED = /^chunked(?:, *chunked)*$/i;

/** Of these the first one counts; all others are lists. */
const SINGLE: ReadonlySet<string> = new Set(['content-type', 'location', 'keep-alive']);

export interface Head {
  readonly status: number;
  readonly persistent: boolean;
  readonly fields: ReadonlyMap<string, string>;
}

/** The lines of a head without the empty one; a string says what is wrong with them. */
export const readHead = ([first = '', ...rest]: readonly string[]): Head | string => {
  const [, minor, status] = STATUS_LINE.exec(first) ?? [];
  if (status === undefined) return 'HPE_INVALID_CONSTANT';
  const fields = new Map<string, string>();
  for (const line of rest) {
    const [, name, text] = FIELD.exec(line) ?? [];
    if (name === undefined || text === undefined) return 'HPE_INVALID_HEADER_TOKEN';
    const [key, value] = [name.toLowerCase(), text.trim()];
    const known = fields.get(key);
    fields.set(key, known === undefined ? value : SINGLE.has(key) ? known : `${known}, ${value}`);
  }
  const connection = (fields.get('connection') ?? '').toLowerCase();
  const persistent = minor === '1' ? !connection.includes('close') : connection.includes('keep-alive');
  return { status: Number(status), persistent, fields };
};

/** How the body of a response ends. */
export type Framing =
  { readonly kind: 'none' | 'chunked' | 'until_close' } | { readonly kind: 'fixed'; readonly length: number };

/** RFC 9112, 6.3; a string says why nobody can know. A response with both lengths is refused, as Node does. */
export const framingOf = ({ status, fields }: Head): Framing | string => {
  const length = fields.get('content-length');
  const coding = fields.get('transfer-encoding');
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return 'HPE_INVALID_CONTENT_LENGTH';
  if (length !== undefined && coding !== undefined) return 'HPE_INVALID_TRANSFER_ENCODING';
  if (status === 204 || status === 304) return { kind: 'none' };
  if (coding !== undefined && CHUNKED.test(coding)) return { kind: 'chunked' };
  if (coding !== undefined && coding.toLowerCase() !== 'identity') return `transfer-encoding ${coding}`;
  return length === undefined ? { kind: 'until_close' } : { kind: 'fixed', length: Number(length) };
};

export const responseHead = ({ status, fields }: Head): ResponseHead => {
  const contentEncoding = fields.get('content-encoding') ?? '';
  return {
    status,
    contentType: fields.get('content-type') ?? '',
    contentEncoding: contentEncoding.toLowerCase() === 'identity' ? '' : contentEncoding,
    location: fields.get('location') ?? '',
  };
};
