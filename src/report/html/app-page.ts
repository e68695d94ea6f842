// The page that programs show inside a conversation (MCP Apps): the frame of a report without one. Its script fetches the report's page through
// the program that shows it; besides that script the policy knows the script of the report's page, and nothing else.
import { webPage } from '../../render/web/web-page.ts';
import { EXPLORER_STYLE } from './explorer-style.ts';

const STYLE = `.wide{position:absolute;right:12px;top:12px;z-index:8}
.picked{position:sticky;bottom:0;display:flex;gap:14px;align-items:center;padding:8px 32px;background:var(--raised);border-top:2px solid var(--blue)}
[data-rows]{cursor:pointer}[data-picked]{outline:2px solid var(--blue);outline-offset:1px}
.lead{white-space:pre-line}`;

/** `app` is the script of this page, `reports` are those that pages which it shows may have. */
export const appPage = (app: string, reports: readonly string[]): string =>
  webPage({
    title: 'Report',
    mark: 'profile-and-optimize app',
    lead: 'Waiting for a report …',
    meta: '',
    links: [],
    sections: [],
    foot: '',
    style: `${EXPLORER_STYLE}\n${STYLE}`,
    script: app,
    adopted: reports,
  });
