// Makes elements of a page in its script. All words become text, never markup.

type Attributes = Readonly<Record<string, string>>;

/** An element with attributes and children; strings are text. */
export const element = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
};

/** A push button that does something on this page. */
export const button = (words: string, act: () => void, attributes: Attributes = {}): HTMLButtonElement => {
  const made = element('button', { type: 'button', ...attributes }, words);
  made.addEventListener('click', act);
  return made;
};

let live: HTMLElement | undefined;

/** Says something to whoever listens to the page instead of seeing it. */
export const say = (words: string): void => {
  live ??= document.body.appendChild(element('p', { class: 'unseen', role: 'status' }));
  live.textContent = words;
};
