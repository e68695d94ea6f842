import { describe, expect, it } from 'vitest';
import { environmentSecrets, holdsSecret, redact, redactArgv, redactValue } from '../../src/text/redact.ts';

const SECRETS = [
  'hf_abcdefghijklmnopqrstuvwx',
  'HF_TOKEN=s3cr3tvalue99',
  'export AWS_SECRET_ACCESS_KEY="abc/def+ghi"',
  '{"api_key": "0123456789abcdef"}',
  'Authorization: Bearer abcdef.123456-xyz',
  'https://user:hunter2pass@host/path',
  'https://bucket/key?X-Amz-Signature=0a1b2c3d4e&X-Amz-Date=1',
  '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----',
  '--api-key sk-live-123456',
  'AKIAIOSFODNN7EXAMPLE',
  'key AIzaSyA0hunter2pass0123456789-abcdefghij',
  'https:/user:hunter2pass@host/path',
  String.raw`{"url": "https:\/\/user:hunter2pass@host"}`,
  'found x: token=s3cr3tvalue99',
  'id-eyJhunter2pass.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  String.raw`{"name": "gemm<HF_TOKEN=\"s3cr3tvalue99\">"}`,
  '<text>gemm&lt;HF_TOKEN=&quot;s3cr3tvalue99&quot;&gt;</text>',
];

/** Texts that run over all that follows at each of their parts, for a search that begins anew at each. */
const SLOW: Readonly<Record<string, string>> = {
  'a-a-…': 'a-',
  'names without a value': 'token_',
  'quotes that do not end': "token='",
  'escaped quotes that do not end': 'token=\\"x ',
  'quotes of XML that do not end': 'token=&quot;',
  'variables that do not end': 'token=${',
  'users without a host': 'x://a:',
  'tokens without a dot': 'eyJ-',
  'tokens after tokens': 'eyJ12345678.',
  'keys that do not end': '-----BEGIN PRIVATE KEY-----END ',
  flags: '-a ',
  spaces: ' ',
};

const HARMLESS = [
  '{"output_tokens": 128, "max_tokens": 4096, "time_per_output_token": 9.1}',
  'total_token_throughput: 1688.4 tok/s',
  '{"tokenizer": "meta-llama/Llama-3.1-8B", "pad_token": "</s>"}',
  'https://host/v1/models?limit=5',
  'HF_TOKEN=${HF_TOKEN}',
  'joules_per_token=0.3',
  '-----Inter-token Latency-----',
  'hf_quant_config.json and hf_overrides_config',
];

describe('redaction', () => {
  it.each(SECRETS)('takes the secret out of %j', (text) => {
    const cleaned = redact(text);
    expect(cleaned).toContain('[redacted]');
    for (const part of [
      's3cr3tvalue99',
      'abc/def+ghi',
      '0123456789abcdef',
      'hunter2pass',
      '0a1b2c3d4e',
      'MIIE',
      'sk-live',
    ])
      expect(cleaned).not.toContain(part);
    expect(redact(cleaned)).toBe(cleaned);
  });

  it.each(Object.entries(SLOW))('gets through 2 MB of %s', (_, part) => {
    const text = part.repeat(2_000_000 / part.length);
    expect(redact(`${text} api_key=s3cr3tvalue99`)).not.toContain('s3cr3tvalue99');
  });

  it('keeps a JSON text one', () => {
    const text = JSON.stringify({ name: 'gemm<HF_TOKEN="s3cr3tvalue99">', note: 'a "quoted" token: "x y"' });
    expect(JSON.parse(redact(text))).toEqual({
      name: 'gemm<HF_TOKEN="[redacted]">',
      note: 'a "quoted" token: "[redacted]"',
    });
  });

  it.each(HARMLESS)('leaves %j alone', (text) => expect(holdsSecret(text)).toBe(false));

  it('knows the values of secret environment variables', () => {
    const known = environmentSecrets({ MY_API_KEY: 'value-of-the-key', HOME: '/home/me', MAX_TOKENS: '12345678' });
    expect(known).toEqual(['value-of-the-key']);
    expect(redact('curl value-of-the-key', known)).toBe('curl [redacted]');
  });

  it('hides the value after a secret flag', () => {
    expect(redactArgv(['run', '--api-key', 'abc', '--hf-token=xyz12345', '--max-tokens', '5'])).toEqual([
      'run',
      '--api-key',
      '[redacted]',
      '--hf-token=[redacted]',
      '--max-tokens',
      '5',
    ]);
  });

  it('cleans nested values and keeps the rest', () => {
    expect(redactValue({ a: [{ password: 'p4ssword' }], n: 1, note: 'ok' })).toEqual({
      a: [{ password: '[redacted]' }],
      n: 1,
      note: 'ok',
    });
  });

  it.each(SECRETS)('finds %j inside a JSON document, whatever stands around it', (secret) => {
    for (const around of ['', 'a ', '\n', '"', 'see\t'])
      expect(JSON.stringify(redactValue({ list: [{ text: `${around}${secret}` }] }))).toContain('[redacted]');
  });

  it('finds a known value that JSON writes with escapes', () => {
    const known = ['pass"word\\with\nall'];
    expect(redactValue({ text: `x ${known[0]} y` }, known)).toEqual({ text: 'x [redacted] y' });
  });

  it('takes strings under secret names out, at any depth', () => {
    for (const name of ['token', 'HF_TOKEN', 'api-key', 'Passphrase', 'authorization'])
      expect(redactValue({ a: [{ [name]: ['opaque value'] }] })).toEqual({ a: [{ [name]: ['[redacted]'] }] });
  });

  it('hands a clean document through as it is', () => {
    const document = { metrics: [{ name: 'output_tokens_per_s', value: 1 }], path: '/tmp/a:b' };
    expect(redactValue(document)).toBe(document);
  });
});
