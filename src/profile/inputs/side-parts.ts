// The empty profile and the facts that most inputs lack, so that each reader states only what its format holds.
import type { CaptureFacts, ProfileSide } from '../model/profile-side.ts';

export const NO_FACTS: CaptureFacts = {
  product: null,
  schema: null,
  driver: null,
  graphMode: 'unknown',
  originNs: '0',
  utcAnchorNs: null,
  fileBytes: 0,
  droppedRows: 0,
  launches: null,
  contentId: '',
  hasCalls: false,
  hasTimeline: false,
  warnings: [],
};

export const NO_COLLECTIVES: ProfileSide['collectives'] = {
  rank: new Uint16Array(0),
  kernel: new Uint32Array(0),
  startNs: new Float64Array(0),
  durationNs: new Float64Array(0),
  stream: new Uint32Array(0),
  communicator: new Int32Array(0),
  communicators: [],
};

/** Everything that a summary table does not know. */
export const EMPTY_SIDE: Omit<ProfileSide, 'format' | 'sources'> = {
  ranks: [],
  kernels: [],
  configs: [],
  stepTypes: [],
  groups: [],
  durations: new Uint32Array(0),
  copies: [],
  memsets: [],
  waits: [],
  apis: [],
  ranges: [],
  graphs: [],
  streams: [],
  timelines: [],
  collectives: NO_COLLECTIVES,
  steps: [],
  facts: NO_FACTS,
};
