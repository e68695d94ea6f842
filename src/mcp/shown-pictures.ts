// What calls drew, for an agent that looks: the first two pictures as images in the answer, the others by links that are drawn when
// they are read. Kept while the server runs, the latest; says in words where this platform draws no PNG.
import { createHash } from 'node:crypto';
import { ResourceNotFoundError, type ContentBlock, type ReadResourceResult } from '@modelcontextprotocol/server';
import type { Fault } from '../text/fault.ts';
import type { ShownPicture } from '../verb/context.ts';
import { faultOf } from '../verb/failure.ts';

/** Pictures in one answer: each takes about 1,400 tokens of whoever looks. */
const MOST_SHOWN = 2;
/** Pixels across: body text of a page is readable, and a page is below 150 kB. */
const WIDTH = 900;
const MOST_KEPT = 60;

const PNG = 'image/png';
export const PICTURES = 'perf://pictures/';

export interface ShownPictures {
  /** What the answer carries of these pictures. */
  readonly blocks: (pictures: readonly ShownPicture[]) => Promise<readonly ContentBlock[]>;
  /** A picture that an answer linked to; null for any other URI. Throws the protocol's resource-not-found. */
  readonly read: (uri: string) => Promise<ReadResourceResult | null>;
}

const draw = async (svg: string): Promise<string> => {
  const { svgPng } = await import('../render/png.ts');
  const { reportFontPaths } = await import('../report/report-fonts.ts');
  return (await svgPng(svg, { width: WIDTH, fonts: reportFontPaths() })).toString('base64');
};

const words = ({ message, details: { fix } }: Fault): ContentBlock => ({
  type: 'text',
  text: `warning: no pictures: ${message}${fix === undefined ? '' : `; ${fix}`}`,
});

export const createShownPictures = (): ShownPictures => {
  const kept = new Map<string, string>();
  const keep = (svg: string): string => {
    const uri = `${PICTURES}${createHash('sha256').update(svg).digest('hex').slice(0, 16)}`;
    kept.delete(uri);
    kept.set(uri, svg);
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_KEPT) break;
      kept.delete(oldest);
    }
    return uri;
  };
  const link = ({ title, svg }: ShownPicture): ContentBlock => ({
    type: 'resource_link',
    uri: keep(svg),
    name: title,
    mimeType: PNG,
  });
  return {
    blocks: async (pictures) => {
      try {
        const images: ContentBlock[] = [];
        for (const { svg } of pictures.slice(0, MOST_SHOWN))
          images.push({ type: 'image', data: await draw(svg), mimeType: PNG });
        return [...images, ...pictures.slice(MOST_SHOWN).map(link)];
      } catch (thrown) {
        return [words(faultOf(thrown))];
      }
    },
    read: async (uri) => {
      if (!uri.startsWith(PICTURES)) return null;
      const svg = kept.get(uri);
      if (svg === undefined) throw new ResourceNotFoundError(uri, `${uri} is not kept any more: make it again`);
      try {
        return { contents: [{ uri, mimeType: PNG, blob: await draw(svg) }] };
      } catch (thrown) {
        throw new ResourceNotFoundError(uri, `${uri} cannot be drawn: ${faultOf(thrown).message}`);
      }
    },
  };
};
