import { expect, test } from 'vitest';
import { faultOf, read, valuesOf } from './outcome.ts';

test.each([
  ['310\n', 310, null],
  [' -1.5e3 ', -1500, null],
  ['{"value": 310, "unit": "GB/s"}', 310, 'GB/s'],
  ['{"value": 310, "host": "node-17", "note": "idle {quiet}: 3", "ok": true}', 310, null],
  ['{"values": [310, 309.2, 311], "unit": "GB/s"}', 310, 'GB/s'],
])('%j holds one number', async (text, value, unit) => {
  const reading = await read(text, 'value.json');
  expect(reading.format).toBe('scalar');
  expect(reading.metrics).toEqual([expect.objectContaining({ name: 'value', value, unit, labels: {} })]);
});

test('a list of values is one trial each, without a level', async () => {
  const { trials } = await read('{"values": [310, 309.2, 311]}');
  expect(trials.map((trial) => [trial.index, trial.values, trial.replicate_level])).toEqual([
    [0, { value: 310 }, null],
    [1, { value: 309.2 }, null],
    [2, { value: 311 }, null],
  ]);
});

test('an object with other numbers is a document, not a scalar', async () => {
  const reading = await read('{"value": 1, "other": 2}');
  expect(reading.format).toBe('json_document');
  expect(valuesOf(reading)).toEqual({ value: 1, other: 2 });
});

test.each([
  ['{"value": "fast"}', 'not_a_number'],
  ['{"values": [1, null]}', 'not_a_number'],
  ['{"values": []}', 'no_numbers'],
  ['{"value": null}', 'no_numbers'],
  ['{"value": 1e999}', 'number_overflow'],
  ['1_000', 'format_unknown'],
  ['nan', 'format_unknown'],
])('%s is refused as %s', async (text, code) => expect(await faultOf(read(text))).toMatchObject({ code }));
