// Facts about model, engine, host and software that an endpoint does not state. Unknown stays null with a reason; a value that
// only fills a gap (zeros, `unknown`, the hash of nothing) is refused as if it were not there.
import { createHash } from 'node:crypto';
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';
import type { Envelope, HardwareFingerprint, Missing } from './envelope.ts';

/** Paths below are those of the envelope; a provenance file holds the same objects. */
export interface Provenance {
  readonly model: { readonly revision: string | null };
  readonly engine: {
    readonly version: string | null;
    readonly config_hash: string | null;
    readonly image_digest: string | null;
  };
  readonly quantization: { readonly method: string | null };
  readonly hardware_fingerprint: HardwareFingerprint | null;
  readonly software_provenance: Envelope['software_provenance'];
}

const HASH_OF_NOTHING = createHash('sha256').update('').digest('hex');

/** Zeros, `unknown`, `n/a`, `none` and the hash of nothing say nothing. */
export const isPlaceholder = (value: string): boolean =>
  /^(?:0+|unknown0*|n\/?a|none|null|-|\?*)$/i.test(value.trim()) || value.toLowerCase() === HASH_OF_NOTHING;

const fact = (value: JsonValue | undefined): string | null =>
  typeof value === 'string' && !isPlaceholder(value) ? value : null;

const group = (source: JsonObject, name: string): JsonObject => {
  const value = source[name];
  return isJsonObject(value) ? value : {};
};

/** SHA-256 of the fingerprint without its own hash, the GPUs in order of `pci_id`. */
export const fingerprintHash = (fingerprint: JsonObject): string => {
  const { fingerprint_sha256: _own, ...facts } = fingerprint;
  const gpus = Array.isArray(facts['gpus']) ? facts['gpus'].filter(isJsonObject) : [];
  const ordered = gpus.toSorted((a, b) => (String(a['pci_id']) < String(b['pci_id']) ? -1 : 1));
  return createHash('sha256')
    .update(canonicalJson({ ...facts, gpus: ordered }))
    .digest('hex');
};

const GPU_FACTS = ['model', 'pci_id', 'serial', 'vbios'] as const;

/** The fingerprint when it names its machine, GPUs, driver and CUDA; its hash is computed, never taken over. */
const readFingerprint = (value: JsonObject): HardwareFingerprint | null => {
  const gpus = (Array.isArray(value['gpus']) ? value['gpus'] : []).filter(isJsonObject).map((gpu) => {
    const [model, pci_id, serial, vbios] = GPU_FACTS.map((name) => fact(gpu[name]));
    return model && pci_id && serial && vbios ? { model, pci_id, serial, vbios } : null;
  });
  const known = gpus.filter((gpu) => gpu !== null);
  const [dmi_uuid, driver, cuda] = [fact(value['dmi_uuid']), fact(value['driver']), fact(value['cuda'])];
  if (known.length === 0 || known.length !== gpus.length || dmi_uuid === null || driver === null || cuda === null)
    return null;
  const facts = { ...value, gpus: known, dmi_uuid, driver, cuda };
  return { ...facts, fingerprint_sha256: fingerprintHash(facts) };
};

const readSoftware = (value: JsonObject): Envelope['software_provenance'] => {
  const [pip_freeze_hash, git_commit] = [fact(value['pip_freeze_hash']), fact(value['git_commit'])];
  return pip_freeze_hash === null || git_commit === null ? null : { ...value, pip_freeze_hash, git_commit };
};

/** Reads provenance from a JSON object; what is absent or a placeholder is null. */
export const readProvenance = (source: JsonObject): Provenance => {
  const engine = group(source, 'engine');
  return {
    model: { revision: fact(group(source, 'model')['revision']) },
    engine: {
      version: fact(engine['version']),
      config_hash: fact(engine['config_hash']),
      image_digest: fact(engine['image_digest']),
    },
    quantization: { method: fact(group(source, 'quantization')['method']) },
    hardware_fingerprint: readFingerprint(group(source, 'hardware_fingerprint')),
    software_provenance: readSoftware(group(source, 'software_provenance')),
  };
};

/** Nothing beyond what the endpoint says. */
export const NO_PROVENANCE: Provenance = readProvenance({});

type Stated = Pick<Envelope, 'model' | 'engine' | 'hardware_fingerprint' | 'software_provenance'>;

/** What `v1` demands and this envelope does not know. Empty means that `v1` can be written. */
export const missingForV1 = ({ model, engine, hardware_fingerprint, software_provenance }: Stated): Missing[] => {
  const demanded: readonly (readonly [field: string, value: unknown, reason: string])[] = [
    ['model.revision', model.revision, 'an endpoint does not state the revision of its weights'],
    ['model.provider', model.provider, 'the engine is not named and /v1/models does not state it'],
    ['engine.name', engine.name, 'the engine is not named and /v1/models does not state it'],
    ['engine.version', engine.version, 'the server answers neither /version nor /get_server_info'],
    ['engine.config_hash', engine.config_hash, 'an endpoint does not state its configuration'],
    ['hardware_fingerprint', hardware_fingerprint, 'the host is not visible through the endpoint'],
    ['software_provenance', software_provenance, 'the software of the host is not visible through the endpoint'],
  ];
  const partial = (['cpu', 'memory', 'bios'] as const).filter(
    (part) => hardware_fingerprint !== null && !isJsonObject(hardware_fingerprint[part]),
  );
  return [
    ...demanded.filter(([, value]) => value === null).map(([field, , reason]) => ({ field, reason })),
    ...partial.map((part) => ({
      field: `hardware_fingerprint.${part}`,
      reason: 'not in the provenance that was given',
    })),
  ];
};
