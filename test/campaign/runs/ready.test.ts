// When a server counts as ready.
import { expect, test } from 'vitest';
import { untilReady } from '../../../src/campaign/runs/ready.ts';
import { startStandIn } from '../../load/stand-in-server.ts';

const signal = AbortSignal.timeout(60_000);

test('one that lists the model is ready, and so is one that lists none or a page that lists nothing', async () => {
  const server = await startStandIn({ models: ['org/model'] });
  await untilReady(`${server.baseUrl}/models`, { model: 'org/model', limitS: 5, signal });
  await untilReady(`${server.baseUrl}/models`, { model: undefined, limitS: 5, signal });
  await untilReady('data:text/plain,ready', { model: 'org/model', limitS: 5, signal });
  await server.close();
});

test('one that still serves the model of the deployment before is waited for', async () => {
  const models = ['old'];
  const server = await startStandIn({ models });
  setTimeout(() => models.splice(0, 1, 'new'), 700);
  await untilReady(`${server.baseUrl}/models`, { model: 'new', limitS: 30, signal });
  const late = untilReady(`${server.baseUrl}/models`, { model: 'never', limitS: 1, signal });
  await expect(late).rejects.toMatchObject({ code: 'endpoint_not_ready', message: expect.stringContaining('serves new, not never') }); // prettier-ignore
  await server.close();
});
