// Data inside a page, for its script to read: JSON in an element that no browser runs. Nothing in it can end the element.

/** JSON in which no text can be taken for markup, nor for a line end of an old script. */
export const islandJson = (data: unknown): string =>
  JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** The element; `id` is a name of ours. */
export const jsonIsland = (id: string, data: unknown): string =>
  `<script type="application/json" id="${id}">${islandJson(data)}</script>`;
