// How a caller wants a source to be read, the same for the side that is recorded and for the one that is compared. Types only.
import type { ReplicateLevel } from '../metrics/trial.ts';

export interface ReadingRequest {
  /** Numbers stated in the call. */
  readonly values?: readonly number[] | undefined;
  /** The metric to take out of the source. */
  readonly select?: string | undefined;
  /** Reader to use; default the one that recognises the source. */
  readonly format?: string | undefined;
  /** What each repeat was. */
  readonly replicate_level?: ReplicateLevel | undefined;
}
