// Says how high this page would like to be. A report is long: inside a conversation it asks for a window, and scrolls in it.
import { notify } from './bridge.ts';

/** Pixels. */
const MOST = 720;

export const notifyHeight = (): void =>
  notify('ui/notifications/size-changed', { height: Math.min(MOST, document.documentElement.scrollHeight) });

/** Again whenever the content grows or shrinks. */
export const watchHeight = (): void => new ResizeObserver(notifyHeight).observe(document.body);
