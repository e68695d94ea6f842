// Small models of our own, whose numbers are worked out by hand in the tests.
import { readFileSync } from 'node:fs';
import { languageModel } from '../../src/roofline/config-fields.ts';
import type { Model } from '../../src/roofline/build-step.ts';
import { readModelShape } from '../../src/roofline/read-model-shape.ts';
import { readQuantisation } from '../../src/roofline/read-quantisation.ts';
import { modelWeights } from '../../src/roofline/weights.ts';
import { parseJsonObject, type JsonObject } from '../../src/text/json.ts';

export const fixture = (name: string): JsonObject => {
  const path = `test/fixtures/roofline/${name}.json`;
  return parseJsonObject(readFileSync(path, 'utf8'), path);
};

/** The model of a config as it would be read from a file, with members changed. */
export const modelOf = (name: string, changed: JsonObject = {}): Model => {
  const config = { ...fixture(name), ...changed };
  const shape = readModelShape(config, name);
  const { formatOf } = readQuantisation(config, languageModel(config), null, name);
  return { shape, weights: modelWeights(shape, formatOf) };
};
