// What a caller asks of a comparison with a baseline. Types only.
import type { GivenTolerance } from '../verdict/policy-file.ts';
import type { Claim } from '../verdict/tier.ts';
import type { CandidateRequest } from '../source/candidate-side.ts';

export interface DiffRequest extends CandidateRequest {
  /** Addresses or paths of entries; several are trials. */
  readonly baseline: readonly string[];
  readonly tolerance_percent?: number | undefined;
  readonly tolerance_absolute?: number | undefined;
  readonly tolerances?: Readonly<Record<string, GivenTolerance>> | undefined;
  /** Absolute path of a policy file. */
  readonly policy?: string | undefined;
  readonly headline?: readonly string[] | undefined;
  readonly axis?: readonly string[] | undefined;
  readonly claim?: Claim | undefined;
  readonly strict_context?: boolean | undefined;
  readonly accept_implausible?: boolean | undefined;
  readonly copy?: boolean | undefined;
  /** One of several comparisons under one tolerance: a profile among them is judged by its own rules all the same. */
  readonly one_of_many?: boolean | undefined;
}
