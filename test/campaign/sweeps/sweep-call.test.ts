// How a campaign is told to bring a roofline sweep, by what its config says of the server.
import { expect, test } from 'vitest';
import { parseCampaignConfig } from '../../../src/campaign/config.ts';
import { sweepCalls } from '../../../src/campaign/sweeps/sweep-call.ts';
import { CELL } from '../bundles.ts';

const kubernetes = { namespace: 'bench', image: 'vllm' };

test.each([
  ['a server that is seen from here', { bench: { endpoint_url: 'http://a:1', served_model: 'm' } }, { endpoint_url: 'http://a:1', served_model: 'm' }],
  ['a pod that stands', { aiperf: { bench_pod: 'serve-0', namespace: 'bench' } }, { namespace: 'bench', pod: 'serve-0' }],
  ['a pod of run_on', { bench: {}, run_on: { pod: { namespace: 'bench', pod: 'serve-1' } } }, { namespace: 'bench', pod: 'serve-1' }],
  ['a server inside of a cluster', { bench: { endpoint_url: 'http://a:1' }, run_on: { kubernetes } }, null],
  ['no server at all', {}, null],
])('%s', async (_, more, named) => {
  const config = await parseCampaignConfig(JSON.stringify({ cells: [{ ...CELL, ...more }] }), 'config.yaml');
  const [measure, bring] = sweepCalls('/root/campaigns/exp-1', config);
  expect(measure).toMatchObject({ verb: 'perf_tune_report_roofline_sweep', input: { out: 'exp-1-sweep', model: 'org/model', dry_run: true, ...(named ?? { endpoint_url: '<server>' }) } });
  expect(measure?.with === undefined).toBe(named !== null);
  expect(bring).toMatchObject({ verb: 'perf_tune_report_import_roofline_sweep', with: 'a roofline sweep' });
}); // prettier-ignore
