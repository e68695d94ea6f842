// Looks for the nsys session that a prepared server runs in. Starts and stops nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseSessions, type NsysSession } from '../drivers/nsys.ts';
import { Fault } from '../text/fault.ts';
import { note, optionsFor, type Capture, type Step } from './capture-run.ts';
import { notPrepared } from './deployment-advice.ts';

const POLL_MS = 500;
/** How often an idle session is looked at again. */
const IDLE_POLLS = 20;

const sessionsNow = async (capture: Capture, step: Step<'expect_session'>): Promise<NsysSession[]> =>
  parseSessions((await capture.atPlace(step.command, optionsFor(capture, 60))).stdout);

/** The session, once its program has been launched; it is idle in the moment before. */
const findSession = async (capture: Capture, step: Step<'expect_session'>): Promise<NsysSession> => {
  for (let turn = 1; ; turn += 1) {
    const sessions = await sessionsNow(capture, step);
    const found = sessions.find(({ name }) => name === step.session);
    const others = sessions.map(({ name }) => name).join(', ') || 'none';
    if (found === undefined)
      throw notPrepared(
        capture.input,
        capture.tools.nsys,
        `there is no nsys session ${step.session} (sessions: ${others})`,
      );
    if (found.state !== 'Idle' || turn === IDLE_POLLS) return found;
    await sleep(POLL_MS, undefined, { signal: capture.world.signal });
  }
};

/** `nsys start` says success for a session that does not exist, so it has to be looked for. */
export const expectSession = async (capture: Capture, step: Step<'expect_session'>): Promise<void> => {
  note(capture, step.argv ?? step.command);
  const { state } = await findSession(capture, step);
  if (state === 'Launched') return;
  throw new Fault('refused', 'capture_session_busy', `session ${step.session} is in state ${state}`, {
    fix: 'wait for the other capture, or end it with `nsys stop`',
  });
};
