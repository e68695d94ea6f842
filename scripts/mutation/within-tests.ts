// Runs inside the warm process, before every test file: records which marked functions each test enters, or skips the tests that the
// plan does not name. The plan lies in a file, since the process outlives it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach } from 'vitest';
import { type Entered, PLAN, type Plan, REACHED, RUNNER } from './plan.ts';

interface Named {
  readonly name: string;
  readonly suite?: Named | undefined;
}

const pathOf = ({ name, suite }: Named): string => (suite === undefined ? name : `${pathOf(suite)} > ${name}`);

const readPlan = (): Plan => JSON.parse(readFileSync(join(process.cwd(), PLAN), 'utf8'));

const recordTo = (path: string): void => {
  const reached = new Set<string>();
  Object.assign(globalThis, { [REACHED]: reached });
  const entered: Entered[] = [];
  let began = process.cpuUsage();
  const note = (name: string | null): void => {
    const { user, system } = process.cpuUsage(began);
    entered.push({ name, ms: (user + system) / 1000, marks: [...reached] });
    reached.clear();
    began = process.cpuUsage();
  };
  beforeEach(() => note(null));
  afterEach(({ task }) => note(pathOf(task)));
  afterAll(() => {
    note(null);
    writeFileSync(path, JSON.stringify(entered));
  });
};

writeFileSync(join(process.cwd(), RUNNER), String(process.pid));
const { record, only } = readPlan();
if (record !== null) recordTo(record);
if (only !== null) {
  const wanted = new Set(only);
  beforeEach((context) => {
    if (!wanted.has(pathOf(context.task))) context.skip();
  });
}
