// What the reader picks in a report inside a conversation becomes what the agent knows next: the value, where it stands, and the arguments by
// which a verb is called for it.
import { button, element, say } from '../../../render/web/client/elements.ts';
import { notifyHeight } from './height.ts';
import { request, type Params } from './bridge.ts';

export interface Picked {
  /** In words: `1,204.5 in heatmap`. */
  readonly words: string;
  /** Fields of verbs: campaign, cell_id, concurrency, baseline, candidate. */
  readonly input: Params;
  /** Rows and fields behind a number. */
  readonly from?: Params;
}

const bar = element('div', { class: 'picked', role: 'status' });
bar.hidden = true;

/** An id of a row, `cell:c8:1a2b3c4d`, as fields of verbs. */
export const rowInput = (id: string): Params => {
  const [, cell, load] = /^(.*):c(\d+):[0-9a-f]{8}$/.exec(id) ?? [];
  return cell === undefined ? {} : { cell_id: cell, concurrency: Number(load) };
};

const sentence = ({ words, input }: Picked): string =>
  `In the report the user picked ${words}. Arguments for the next call: ${JSON.stringify(input)}`;

const clear = (): void => {
  bar.hidden = true;
  document.querySelector('[data-picked]')?.removeAttribute('data-picked');
  void request('ui/update-model-context', {}).catch(() => undefined);
};

/** Gives it to the agent for its next turn; a button asks about it at once. */
export const pick = (picked: Picked): void => {
  const text = { type: 'text', text: sentence(picked) };
  const { words, input, from } = picked;
  const structured = { picked: words, arguments: input, ...(from === undefined ? {} : { from }) };
  const ask = button('Ask about it', () => {
    const question = { type: 'text', text: `${sentence(picked)}. What stands behind it?` };
    request('ui/message', { role: 'user', content: [question] }).then(
      () => say('sent to the conversation'),
      () => say('the conversation did not take it'),
    );
  });
  bar.replaceChildren(element('span', {}, `Picked: ${words}`), ask, button('Clear', clear, { class: 'quiet' }));
  bar.hidden = false;
  if (!bar.isConnected) document.body.append(bar);
  notifyHeight();
  request('ui/update-model-context', { content: [text], structuredContent: structured }).catch(() =>
    say('the conversation takes no selection'),
  );
};

/** Any number that says where it comes from can be picked. `campaign` names that of the report. */
export const pickNumbers = (campaign: Params): void => {
  const pickAt = (target: EventTarget | null): void => {
    const value = target instanceof Element ? target.closest<HTMLElement>('[data-rows]') : null;
    if (value === null || value.closest('button, a') !== null) return;
    const rows = (value.dataset['rows'] ?? '').split(' ');
    const fields = (value.dataset['fields'] ?? '').split(' ');
    const place = (value.closest<HTMLElement>('[data-at]') ?? value).dataset['at']?.split('/')[0] ?? 'report';
    document.querySelector('[data-picked]')?.removeAttribute('data-picked');
    value.setAttribute('data-picked', '');
    pick({
      words: `${value.textContent.trim()} in ${place}`,
      input: { ...campaign, ...(rows.length === 1 ? rowInput(rows[0] ?? '') : {}) },
      from: { rows, fields },
    });
  };
  document.querySelector('main')?.addEventListener('click', ({ target }) => pickAt(target));
};
