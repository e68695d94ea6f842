// Every shape of a file that callers write has an example, which its reader takes and its published schema describes.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseTuningSpec } from '../../src/autotune/tuning-spec.ts';
import { parseCampaignConfig } from '../../src/campaign/config.ts';
import { checkFrozen } from '../../src/campaign/grounding/frozen-file.ts';
import { SHAPES } from '../../src/catalog/file-shapes.ts';
import { checkCeilings } from '../../src/hardware/ceilings.ts';
import { readRatchetDocument } from '../../src/importers/ratchet-result.ts';
import { parseWaivers } from '../../src/ratchet/waiver.ts';
import { parseComparison } from '../../src/sota/comparison-spec.ts';
import { parseContext } from '../../src/source/given-context.ts';
import type { FileShape } from '../../src/text/file-shape.ts';
import { FILE_SHAPES, schemaName, shapeUri } from '../../src/text/file-shape.ts';
import { checkPolicy } from '../../src/verdict/policy-file.ts';

const ajv = new Ajv2020({ strict: false, allErrors: true });

type Read = (document: never, path: string) => unknown;

const READERS: Readonly<Record<FileShape, Read>> = {
  campaign: (document, path) => parseCampaignConfig(JSON.stringify(document), path),
  tuning: parseTuningSpec,
  comparison: parseComparison,
  'ratchet-result': readRatchetDocument,
  policy: checkPolicy,
  metrics: checkPolicy,
  waivers: parseWaivers,
  context: parseContext,
  frozen: checkFrozen,
  ceilings: checkCeilings,
};

describe.each(FILE_SHAPES)('the shape of a file: %s', (shape) => {
  const document: never = parse(SHAPES[shape].example, { schema: 'core' }) as never; // checked boundary: an example

  it('has an example that its reader takes', async () => {
    await READERS[shape](document, 'example.yaml');
  });

  it('has a schema that the example fits', () => {
    const validate = ajv.compile(JSON.parse(readFileSync(`schemas/${schemaName(shape)}.json`, 'utf8')));
    validate(document);
    expect(validate.errors).toBeNull();
  });

  it('is named by errors about such a file', async () => {
    const wrong = (shape === 'policy' || shape === 'metrics' ? [{ matsch: 'x' }] : { nonsense: 1 }) as never; // checked boundary: wrong on purpose
    let fix = '';
    try {
      await READERS[shape](wrong, 'wrong.yaml');
    } catch (error) {
      fix = String(Object(error).details.fix);
    }
    expect(fix).toContain(shape === 'metrics' ? shapeUri('policy') : shapeUri(shape));
  });
});
