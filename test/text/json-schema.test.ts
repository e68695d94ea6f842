import { describe, expect, it } from 'vitest';
import { schemaViolations } from '../../src/text/json-schema.ts';

const pattern = (text: string) => ({ type: 'object', properties: { name: { type: 'string', pattern: text } } });
const slow = `${'a'.repeat(40)}!`;

describe('a schema', () => {
  it('whose pattern never ends is refused by its limit', async () =>
    expect(schemaViolations(pattern('^(a+)+$'), { name: slow }, 'schema.json', 50)).rejects.toMatchObject({
      code: 'schema_too_slow',
      message: 'the check against schema.json takes more than 0.05 s',
    }));

  it('may have look-aheads and Unicode properties', async () => {
    expect(await schemaViolations(pattern(String.raw`^(?!b)\p{Letter}+$`), { name: 'aé' }, 'schema.json')).toEqual([]);
    expect(await schemaViolations(pattern('^(?!b)'), { name: 'bc' }, 'schema.json')).toEqual([
      { at: '/name', message: 'must match pattern "^(?!b)"' },
    ]);
  });
});
