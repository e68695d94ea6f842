// A check that a text is one well-formed XML element, for pictures. Knows tags, quoted attributes, text and entities; declarations and comments
// are not expected and not accepted.

const TAG = /^<(\/?)([A-Za-z][\w:.-]*)((?:\s+[A-Za-z][\w:.-]*="[^"<]*")*)\s*(\/?)>/;
const BARE_AMPERSAND = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)/;

/** Why the text is no well-formed element; null when it is. */
export const xmlProblem = (text: string): string | null => {
  if (BARE_AMPERSAND.test(text)) return 'an ampersand stands alone';
  const open: string[] = [];
  let rest = text.trim();
  for (let first = true; rest !== ''; first = false) {
    const words = rest.indexOf('<') < 0 ? rest.length : rest.indexOf('<');
    if (words > 0 && (first || open.length === 0)) return `text outside of the element: ${rest.slice(0, 40)}`;
    rest = rest.slice(words);
    if (rest === '') break;
    const [whole, closes, name = '', , empty] = TAG.exec(rest) ?? [];
    if (whole === undefined) return `no tag: ${rest.slice(0, 60)}`;
    if (!first && open.length === 0) return `a second element: ${name}`;
    if (closes === '/') {
      if (open.pop() !== name) return `${name} is closed but not the innermost`;
    } else if (empty !== '/') open.push(name);
    rest = rest.slice(whole.length).replace(open.length === 0 ? /^\s+/ : /^(?!)/, '');
  }
  return open.length === 0 ? null : `${open.join(' ')} not closed`;
};
