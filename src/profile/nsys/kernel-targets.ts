// What the rows of each class of kernel calls are added to, worked out once a class. Kept as numbers in a row by the number of
// the class, so that the loop over millions of rows looks numbers up and does nothing else. Never sees a duration.
import { KEY } from '../kernels/group-table.ts';
import type { GroupTable } from '../kernels/group-table.ts';
import { grown } from '../../stats/grown.ts';
import { stepAt } from '../model/ranges.ts';
import type { StepMarks } from '../model/ranges.ts';
import { COMMUNICATION, COMPUTE } from '../model/timeline.ts';
import type { Sweep } from '../model/timeline.ts';
import type { RankTable } from './identity.ts';
import { createKernelClasses } from './kernel-classes.ts';
import type { KernelClass, KernelClasses } from './kernel-classes.ts';
import type { KernelNames } from './kernel-names.ts';
import type { StreamSpans } from './stream-spans.ts';

export interface TargetParts {
  readonly ranks: RankTable;
  readonly names: KernelNames;
  readonly groups: GroupTable;
  readonly streams: StreamSpans;
  readonly sweep: Sweep;
  /** Steps by process, where there is more than one type of step. */
  readonly steps: ReadonlyMap<number, StepMarks> | null;
}

/** Numbers of a class: its group (or why it has none), kernel, rank, kind and stream, and where the sums of its stream and rank begin. */
export const TARGET = { group: 0, kernel: 1, rank: 2, kind: 3, span: 4, sweep: 5, stream: 6, length: 7 } as const;

/** Stands for the group of a class that had no row that counts: its rank and kernel stay out until it has. */
export const NOT_YET = -1;
/** Stands for the group of a class of rows that did not run on a GPU. */
export const OFF_DEVICE = -2;

export interface KernelTargets {
  readonly fields: KernelClasses['fields'];
  readonly sequence: KernelClasses['sequence'];
  readonly intern: KernelClasses['intern'];
  /** TARGET of each class; replaced by a larger array when new classes are met. */
  numbers: Int32Array;
  /** Works out what rows of a class are added to. */
  readonly settle: (id: number) => void;
  /** Group of a settled class in the step that runs at `time`. */
  readonly groupAt: (id: number, time: number) => number;
}

/** The next row of a class is mostly in the same type of step as the last. */
interface Placed {
  readonly from: KernelClass;
  marks: StepMarks | undefined;
  stepType: number;
}

const NO_STEP = -1;

export const createKernelTargets = ({ ranks, names, groups, streams, sweep, steps }: TargetParts): KernelTargets => {
  const placed: Placed[] = [];
  const { fields, sequence, intern } = createKernelClasses((from) => {
    const base = (placed.push({ from, marks: undefined, stepType: NO_STEP }) - 1) * TARGET.length;
    if (base === targets.numbers.length)
      targets.numbers = grown(targets.numbers, new Int32Array(2 * targets.numbers.length));
    targets.numbers[base + TARGET.group] = from.onDevice ? NOT_YET : OFF_DEVICE;
  });
  const enterStep = (base: number, from: KernelClass, stepType: number): number => {
    groups.key[KEY.kernel] = targets.numbers[base + TARGET.kernel] ?? 0;
    groups.key[KEY.rank] = targets.numbers[base + TARGET.rank] ?? 0;
    groups.key[KEY.stepType] = stepType;
    groups.key.set(from.launch, KEY.registers);
    return (targets.numbers[base + TARGET.group] = groups.groupOf());
  };
  const settle = (id: number): void => {
    const found = placed[id];
    if (found === undefined) return;
    const { process, device, stream, demangled, short } = found.from;
    const rank = ranks.indexOf(process, device);
    const kernel = names.indexOf(demangled, short);
    const kind = names.kernels[kernel]?.collective === true ? COMMUNICATION : COMPUTE;
    const base = id * TARGET.length;
    found.marks = steps?.get(process);
    targets.numbers.set([NOT_YET, kernel, rank, kind, streams.baseOf(rank, stream), sweep.baseOf(rank), stream], base);
    if (found.marks === undefined) enterStep(base, found.from, NO_STEP);
  };
  const groupAt = (id: number, time: number): number => {
    const base = id * TARGET.length;
    const found = placed[id];
    const group = targets.numbers[base + TARGET.group] ?? 0;
    if (found?.marks === undefined) return group;
    const stepType = found.marks.type[stepAt(found.marks.startNs, time)] ?? NO_STEP;
    if (stepType === found.stepType && group >= 0) return group;
    found.stepType = stepType;
    return enterStep(base, found.from, stepType);
  };
  const targets: KernelTargets = {
    fields,
    sequence,
    intern,
    numbers: new Int32Array(64 * TARGET.length),
    settle,
    groupAt,
  };
  return targets;
};
