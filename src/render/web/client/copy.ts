// Puts text on the clipboard, also on a page that was opened from a file.
import { button, element, say } from './elements.ts';

const copyByHand = (text: string): boolean => {
  const field = element('textarea', { class: 'unseen' });
  field.value = text;
  document.body.append(field);
  field.select();
  // The older way is the one that works where the page has no origin.
  const done = document.execCommand('copy');
  field.remove();
  return done;
};

const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text);
  }
};

/** A button that copies what `csvOf` gives at that moment. */
export const copyButton = (what: string, csvOf: () => string): HTMLButtonElement => {
  const words = 'Copy as CSV';
  const made = button(
    words,
    () => {
      const focused = document.activeElement;
      void copyText(csvOf()).then((done) => {
        made.textContent = done ? 'Copied' : 'Not copied';
        say(done ? `${what} copied as CSV` : `${what} could not be copied`);
        if (focused instanceof HTMLElement) focused.focus();
        setTimeout(() => (made.textContent = words), 1600);
      });
    },
    { class: 'quiet', 'aria-label': `Copy ${what} as CSV` },
  );
  return made;
};
