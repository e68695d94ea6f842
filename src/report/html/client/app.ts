// The report inside a conversation: greets the program that shows it, takes the result of the call that rendered a report, fetches the page of
// that report through the host, and shows it with its own script. Asks nobody but the host.
import { button, element, say } from '../../../render/web/client/elements.ts';
import { listen, notify, request, type Params } from './bridge.ts';
import { watchHeight } from './height.ts';
import { pick, pickNumbers, rowInput } from './selection.ts';
import { applyTheme } from './theme.ts';

const PROTOCOL = '2026-01-26';
/** Key of the result's `_meta` under which the server says where the page is. */
const REPORT = 'profile-and-optimize/report';

const recordOf = (value: unknown): Params => (typeof value === 'object' && value !== null ? { ...value } : {});
const listOf = (value: unknown): readonly Params[] => (Array.isArray(value) ? value.map(recordOf) : []);

let mode = 'inline';
let shown: string | null = null;
/** Of the report that is shown, as a field of verbs. */
let campaign: Params = {};

const status = (words: string): void => {
  if (shown === null) document.querySelector('.lead')?.replaceChildren(words);
};

const wide = button(
  'Full screen',
  () => {
    request('ui/request-display-mode', { mode: mode === 'inline' ? 'fullscreen' : 'inline' }).then(
      ({ mode: given }) => setMode(given),
      () => say('the conversation keeps this size'),
    );
  },
  { class: 'wide' },
);

const setMode = (given: unknown): void => {
  if (typeof given !== 'string') return;
  mode = given;
  wide.textContent = mode === 'inline' ? 'Full screen' : 'Back into the conversation';
};

const applyContext = (context: Params): void => {
  applyTheme(context['theme']);
  setMode(context['displayMode']);
  const modes: unknown = context['availableDisplayModes'];
  if (Array.isArray(modes) && modes.includes('fullscreen') && !wide.isConnected) document.body.prepend(wide);
  const locale = context['locale'];
  if (typeof locale === 'string') document.documentElement.dataset['locale'] = locale;
};

/** The sheet of the fetched page, which this page has already and the policy would refuse. */
const SHEET = /<style>[^]*?<\/style>/;

/** The parts of the fetched page take the places of the same parts here; its script, which the policy knows, runs on them. */
const adopt = (html: string): void => {
  const page = new DOMParser().parseFromString(html.replace(SHEET, ''), 'text/html');
  document.title = page.title;
  for (const part of ['.masthead', '.pages', 'main', '.foot'])
    document.querySelector(part)?.replaceChildren(...(page.querySelector(part)?.childNodes ?? []));
  document.querySelectorAll('body > script[type]').forEach((island) => island.remove());
  document.body.append(...page.querySelectorAll('body > script[type]'));
  const script = page.querySelector('body > script:not([type])');
  if (script !== null) document.body.append(element('script', {}, script.textContent));
};

const openReport = async (uri: string): Promise<void> => {
  if (shown === uri) return;
  status('Opening the report …');
  const { contents } = await request('resources/read', { uri });
  const html = listOf(contents)[0]?.['text'];
  if (typeof html !== 'string') throw new Error('the host passed no page on');
  shown = uri;
  adopt(html);
  pickNumbers(campaign);
};

const wordsOf = (result: Params): string =>
  listOf(result['content'])
    .flatMap(({ text }) => (typeof text === 'string' ? [text] : []))
    .join('\n');

const onResult = (result: Params): void => {
  const uri = recordOf(result['_meta'])[REPORT];
  const folder = recordOf(result['structuredContent'])['campaign_dir'];
  campaign = typeof folder === 'string' ? { campaign: folder } : {};
  if (typeof uri !== 'string') return status(wordsOf(result));
  openReport(uri).catch((thrown: unknown) =>
    status(`The report cannot be shown here: ${String(thrown)}. ${wordsOf(result)}`),
  );
};

const detailOf = (event: Event): Params => recordOf(event instanceof CustomEvent ? event.detail : null);

const start = async (): Promise<void> => {
  listen({
    'ui/notifications/tool-input': () => status('Rendering the report …'),
    'ui/notifications/tool-result': onResult,
    'ui/notifications/tool-cancelled': () => status('The call was cancelled.'),
    'ui/notifications/host-context-changed': applyContext,
  });
  document.addEventListener('report:open', (event) => {
    const { cell, row } = detailOf(event);
    pick({
      words: `cell ${String(cell)}`,
      input: { ...campaign, cell_id: cell, ...rowInput(String(row)) },
      from: { rows: [row] },
    });
  });
  document.addEventListener('report:pair', (event) => {
    const { baseline, candidate } = detailOf(event);
    if (typeof baseline === 'string' && typeof candidate === 'string')
      pick({ words: `${baseline} against ${candidate}`, input: { ...campaign, baseline, candidate } });
  });
  const { hostContext } = await request('ui/initialize', {
    appInfo: { name: 'profile-and-optimize-report', version: '1.0.0' },
    appCapabilities: { availableDisplayModes: ['inline', 'fullscreen'] },
    protocolVersion: PROTOCOL,
  });
  applyContext(recordOf(hostContext));
  watchHeight();
  notify('ui/notifications/initialized');
};

void start();
