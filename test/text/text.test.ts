import { describe, expect, it } from 'vitest';
import { schemaViolations } from '../../src/text/json-schema.ts';
import { nearestName } from '../../src/text/nearest.ts';
import { parseFinite } from '../../src/text/parse-finite.ts';
import { isoSeconds, nextMicrosecond, timeSlug } from '../../src/text/time.ts';
import { parseYaml } from '../../src/text/yaml.ts';

describe('a number in text', () => {
  it.each(['', 'abc', 'inf', 'NaN', '1_000', '0x10', '1e999'])('does not take %j for a finite number', (text) => {
    expect(() => parseFinite(text, 'value')).toThrowError(/finite/);
  });
});

describe('time stamps', () => {
  it('writes slugs to the microsecond and carries over', () => {
    const epochMs = Date.UTC(2026, 10, 22, 2, 8, 16, 992);
    expect(timeSlug({ epochMs, micros: 331 })).toBe('20261122T020816992331Z');
    expect(timeSlug(nextMicrosecond({ epochMs, micros: 999 }))).toBe('20261122T020816993000Z');
    expect(isoSeconds(epochMs)).toBe('2026-11-22T02:08:16Z');
  });
});

describe('names', () => {
  it.each([
    ['tolerence_percent', ['tolerance_percent', 'baseline'], 'tolerance_percent'],
    ['perf-baseline-dif', ['perf_baseline_diff', 'perf_baseline_list'], 'perf_baseline_diff'],
    ['zzz', ['baseline', 'current'], undefined],
    ['nccl', ['m', 'nccl_all_reduce_busbw', 'nccl_busbw'], 'nccl_busbw'],
    ['g', ['f'], undefined],
  ])('nearest to %s', (name, candidates, expected) => expect(nearestName(name, candidates)).toBe(expected));
});

describe('documents of users', () => {
  it('names line and column of a YAML fault, and refuses unknown tags and repeated keys', async () => {
    await expect(parseYaml('a: 1\nb: [1,', 'p.yaml')).rejects.toMatchObject({ code: 'yaml_syntax' });
    await expect(parseYaml('a: 1\na: 2', 'p.yaml')).rejects.toMatchObject({ details: { at: '2:1' } });
    const bomb = Array.from(
      { length: 9 },
      (_, at) =>
        `a${at + 1}: &a${at + 1} [${Array.from({ length: 9 }, () => (at === 0 ? 'x' : `*a${at}`)).join(', ')}]`,
    );
    await expect(parseYaml(bomb.join('\n'), 'p.yaml')).rejects.toMatchObject({ code: 'yaml_aliases', kind: 'input' });
    await expect(parseYaml('a: !!js/function "x"', 'p.yaml')).rejects.toMatchObject({ code: 'yaml_syntax' });
  });

  it.each([
    'http://json-schema.org/draft-07/schema#',
    'https://json-schema.org/draft/2019-09/schema',
    'https://json-schema.org/draft/2020-12/schema',
    undefined,
  ])('validates against a schema of draft %s and lists every violation', async ($schema) => {
    const schema = {
      ...($schema === undefined ? {} : { $schema }),
      type: 'object',
      required: ['a', 'b'],
      properties: { a: { type: 'number' } },
    };
    const found = await schemaViolations(schema, { a: 'x' }, 's.json');
    expect(found.map((violation) => violation.at).sort()).toEqual(['', '/a']);
  });

  it('says when the schema itself is wrong', async () => {
    await expect(schemaViolations({ type: 'objekt' }, {}, 's.json')).rejects.toMatchObject({ code: 'schema_invalid' });
  });
});
