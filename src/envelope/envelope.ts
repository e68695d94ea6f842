// The result envelope: one measured load point as a file. `v1` is the published format; `v1.1` is the same with null where
// `v1` has to invent something. `schemas/envelope.v1.1.json` states both. Types only.
import type { Context } from '../metrics/context.ts';
import type { ReplicateLevel, ValidityCode } from '../metrics/trial.ts';

export interface HardwareFingerprint {
  readonly fingerprint_sha256: string;
  readonly dmi_uuid: string;
  readonly gpus: readonly {
    readonly model: string;
    readonly pci_id: string;
    readonly serial: string;
    readonly vbios: string;
  }[];
  readonly driver: string;
  readonly cuda: string;
  readonly [field: string]: unknown;
}

/** Percentile and limit of a service level, and whether every valid trial kept it. */
export interface EnvelopeSloLimit {
  readonly metric: string;
  readonly limit_ms: number;
  readonly percentile: number;
  /** Median over the valid trials of the latency at that percentile; null when a trial had too many failures to have one. */
  readonly observed_ms: number | null;
  readonly met: boolean;
}

export interface EnvelopeTrial {
  readonly index: number;
  readonly block: number | null;
  readonly started_at: string;
  readonly replicate_level: ReplicateLevel;
  readonly metrics: Readonly<Record<string, number>>;
  readonly validity: readonly ValidityCode[];
  readonly gpu_uuids: readonly string[] | null;
  readonly seconds: number;
  readonly requests: number;
  /** Reason to number of requests. */
  readonly failures: Readonly<Record<string, number>>;
  readonly occupancy: number | null;
  readonly waves: number | null;
  readonly warm_up: { readonly requests: number; readonly seconds: number; readonly steady: boolean };
  /** How late requests left against the schedule of an open loop. */
  readonly schedule_lag_ms: { readonly p50: number; readonly p99: number; readonly max: number } | null;
  /** How late the generator itself was. */
  readonly client_lag_ms: { readonly p99: number; readonly max: number } | null;
  /** Pieces of text per second over all streams; null in files that do not say. */
  readonly chunks_per_s: number | null;
  readonly achieved: {
    readonly isl_mean: number | null;
    readonly isl_min: number | null;
    readonly isl_max: number | null;
    readonly osl_mean: number | null;
  };
  readonly interrupted: boolean;
}

export interface Missing {
  /** Path of the field, such as `model.revision`. */
  readonly field: string;
  readonly reason: string;
}

export interface Envelope {
  readonly envelope_version: 'v1' | 'v1.1';
  readonly suite_id: string;
  readonly suite_version: string;
  readonly run_id: string;
  readonly timestamp: string;
  readonly model: {
    readonly id: string;
    readonly revision: string | null;
    readonly provider: string | null;
    readonly endpoint_hash: string;
  };
  readonly engine: {
    readonly name: string | null;
    readonly version: string | null;
    readonly config_hash: string | null;
    readonly image_digest: string | null;
  };
  readonly quantization: { readonly format: string; readonly method: string | null } | null;
  readonly hardware_fingerprint: HardwareFingerprint | null;
  readonly software_provenance: {
    readonly pip_freeze_hash: string;
    readonly git_commit: string;
    readonly [field: string]: unknown;
  } | null;
  readonly dataset: { readonly id: string; readonly hash: string };
  readonly seed: number;
  readonly driver_options: Readonly<Record<string, unknown>>;
  /** Our own names of the circumstances, as far as they are known. */
  readonly context: Context;
  /** Median over the valid trials; null where `metrics_missing` gives the reason. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly metrics_missing: readonly Missing[];
  readonly trials: readonly EnvelopeTrial[];
  readonly failures: Readonly<Record<string, number>>;
  readonly slo: readonly EnvelopeSloLimit[];
  readonly slo_template: string | null;
  /** Words about how figures came about: `token_source`, `isl_counted_by`, `power_scope`. */
  readonly labels: Readonly<Record<string, string>>;
  /** Name of a file beside this one to what it holds. */
  readonly distributions: Readonly<Record<string, string>>;
  readonly provenance_missing: readonly Missing[];
  readonly warnings: readonly string[];
  readonly signature: null;
}
