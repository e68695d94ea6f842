import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contentHash, envelopeFileName, isEnvelopeOf, runId } from '../../src/envelope/content-hash.ts';
import {
  NO_PROVENANCE,
  fingerprintHash,
  isPlaceholder,
  missingForV1,
  readProvenance,
} from '../../src/envelope/provenance.ts';
import { checkEnvelope } from '../../src/envelope/write.ts';

const HASH = 'ab'.repeat(32);
const MACHINE = {
  dmi_uuid: '4c4c4544-0038',
  gpus: [{ model: 'NVIDIA H200', pci_id: '18:00.0', serial: '165', vbios: '96.00' }],
  cpu: { model: 'EPYC' },
  memory: { channels: 12 },
  bios: { version: '2.4.1' },
  driver: '580.95.05',
  cuda: '13.0',
};
const FULL = {
  model: { revision: 'a09a35458c702b33' },
  engine: { version: '0.11.0', config_hash: HASH },
  hardware_fingerprint: MACHINE,
  software_provenance: { pip_freeze_hash: HASH, git_commit: '0f1e2d3c4b5a' },
};
const STATED = {
  model: { id: 'm', revision: 'a09a354', provider: 'vllm', endpoint_hash: HASH },
  engine: { name: 'vllm', version: '0.11.0', config_hash: HASH, image_digest: null },
};

describe('provenance', () => {
  it.each([
    '0'.repeat(64),
    '0'.repeat(40),
    'unknown',
    'unknown00',
    'N/A',
    'none',
    '',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  ])('%j is a placeholder, not a fact', (value) => {
    expect(isPlaceholder(value)).toBe(true);
  });

  it('keeps facts and drops placeholders', () => {
    const read = readProvenance({
      ...FULL,
      model: { revision: 'unknown00' },
      engine: { version: '0.11.0', config_hash: '0'.repeat(64) },
    });
    expect(read.model.revision).toBeNull();
    expect(read.engine).toEqual({ version: '0.11.0', config_hash: null, image_digest: null });
    expect(read.software_provenance).toMatchObject({ git_commit: '0f1e2d3c4b5a' });
  });

  it('computes the fingerprint itself, whatever the order of the GPUs', () => {
    const second = { model: 'NVIDIA H200', pci_id: '2a:00.0', serial: '166', vbios: '96.00' };
    const [a, b] = [
      [...MACHINE.gpus, second],
      [second, ...MACHINE.gpus],
    ].map((gpus) => fingerprintHash({ ...MACHINE, gpus }));
    expect(a).toBe(b);
    const read = readProvenance({ hardware_fingerprint: { ...MACHINE, fingerprint_sha256: HASH } });
    expect(read.hardware_fingerprint?.fingerprint_sha256).toBe(fingerprintHash(MACHINE));
  });

  it('knows no machine whose GPUs it does not know', () => {
    expect(
      readProvenance({ hardware_fingerprint: { ...MACHINE, gpus: [{ model: 'NVIDIA H200' }] } }).hardware_fingerprint,
    ).toBeNull();
    expect(NO_PROVENANCE.hardware_fingerprint).toBeNull();
  });

  it('lists what v1 demands and is not known', () => {
    const { hardware_fingerprint, software_provenance } = readProvenance(FULL);
    expect(missingForV1({ ...STATED, hardware_fingerprint, software_provenance })).toEqual([]);
    const partial = readProvenance({ hardware_fingerprint: { ...MACHINE, bios: undefined as never } });
    expect(
      missingForV1({ ...STATED, hardware_fingerprint: partial.hardware_fingerprint, software_provenance: null }).map(
        ({ field }) => field,
      ),
    ).toEqual(['software_provenance', 'hardware_fingerprint.bios']);
  });
});

describe('names', () => {
  it('of the content do not depend on the order of keys or the signature', () => {
    expect(contentHash({ a: 1, b: [2], signature: { method: 'x' } })).toBe(contentHash({ b: [2], a: 1.0 }));
    expect(contentHash({ a: 1 })).not.toBe(contentHash({ a: 2 }));
  });

  it('of files begin with the load point', () => {
    expect(envelopeFileName('c16', HASH)).toBe('c16-abababababab.json');
    expect(isEnvelopeOf('c16', 'c16-abababababab.json')).toBe(true);
    expect(isEnvelopeOf('c1', 'c16-abababababab.json')).toBe(false);
    expect(isEnvelopeOf('c16', 'c16-notes.json')).toBe(false);
  });

  it('of runs are UUIDs of version 7 in the order of time', () => {
    const random = new Uint8Array(10).fill(255);
    expect(runId(0x0198_9f2e_7a10, random)).toBe('01989f2e-7a10-7fff-bfff-ffffffffffff');
    expect(runId(1, random) < runId(2, new Uint8Array(10))).toBe(true);
  });
});

describe('the schema', () => {
  const GOLDEN = new URL('../../../shared/golden/stats/bench-envelope-example.json', import.meta.url);
  it.skipIf(!existsSync(GOLDEN))('takes the published example of v1', async () => {
    await checkEnvelope(JSON.parse(readFileSync(GOLDEN, 'utf8')) as object);
  });

  it.each([
    ['nothing', {}],
    ['another version', { envelope_version: 'v2' }],
  ])('refuses %s', async (_, value) => {
    await expect(checkEnvelope(value)).rejects.toMatchObject({ code: 'envelope_invalid' });
  });
});
