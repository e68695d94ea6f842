// What every answer of a verb must keep to, over either front end: its published schema, and a text that is short and begins with the verdict.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import type { CallResult } from './connect.ts';

const ajv = new Ajv2020({ strict: false, allErrors: true });

/** Fails where the structured result is not as `schemas/verbs/<verb>.output.json` says. */
export const expectSchema = (verb: string, structured: Record<string, unknown>): void => {
  const schema: Record<string, unknown> = JSON.parse(readFileSync(`schemas/verbs/${verb}.output.json`, 'utf8'));
  const validate = ajv.compile(schema);
  validate(structured);
  expect(validate.errors, verb).toBeNull();
};

/** A good answer: no error, valid, at most 1.5 kB, and the verdict in the first line. */
export const expectAnswer = (verb: string, { isError, text, structured }: CallResult, verdict: RegExp): void => {
  expect(isError, text).toBe(false);
  expectSchema(verb, structured);
  expect(Buffer.byteLength(text), text).toBeLessThanOrEqual(1500);
  expect(text.split('\n')[0]).toMatch(verdict);
};
