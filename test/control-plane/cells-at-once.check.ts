// How many cells of a campaign a real control plane runs at once, over 1, 4 and 16 node agents with eight GPUs each. The figures go to
// stdout; docs/testing.md has them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cellsAtOnce, type AtOnceCluster } from '../real/cells-at-once.ts';
import { benchOnPath } from './bench-on-path.ts';
import { startControlPlane } from './control-plane.ts';
import { startNode, type NodeAgent } from './node-agent.ts';

const NAMESPACE = 'perf';

interface Pods {
  readonly items: readonly {
    readonly spec: { readonly nodeName?: string };
    readonly status?: { readonly containerStatuses?: readonly { readonly name: string; readonly state?: { readonly running?: object } }[] };
  }[];
} // prettier-ignore

test.each([1, 4, 16])('%i nodes run as many cells at once', async (count) => {
  const binary = process.env['CONTROL_PLANE'] ?? '';
  if (!existsSync(binary)) throw new Error('CONTROL_PLANE must name the program that test/control-plane/build.sh made');
  const path = benchOnPath();
  process.env['PATH'] = path;
  const plane = await startControlPlane(binary);
  const nodes: NodeAgent[] = [];
  const list = async (): Promise<Pods['items']> => ((await plane.ask('GET', `/api/v1/namespaces/${NAMESPACE}/pods`)) as Pods).items;
  const jobs = async (): Promise<unknown[]> => ((await plane.ask('GET', `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`)) as { items: unknown[] }).items;
  try {
    for (let index = 1; index <= count; index += 1)
      nodes.push(await startNode(plane.ask, { name: `node-${index}`, gpus: 8, labels: {}, folder: join(plane.folder, `node-${index}`), keys: plane.keys }));
    await plane.ask('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    const cluster: AtOnceCluster = {
      runOn: { kubernetes: { namespace: NAMESPACE, image: 'bench:1', gpus_per_node: 8 } },
      env: { KUBECONFIG: plane.kubeconfig, PATH: path, HOME: plane.folder },
      folder: plane.folder,
      running: async () =>
        (await list()).flatMap(({ spec: { nodeName: node }, status }) =>
          node !== undefined && status?.containerStatuses?.some(({ name, state }) => name === 'main' && state?.running !== undefined) === true ? [{ node }] : [],
        ),
      left: async () => (await list()).length + (await jobs()).length,
    };
    const figures = await cellsAtOnce({ nodes: count, cells: 16, maxParallel: count, seconds: 10 }, cluster);
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    expect(figures).toMatchObject({ at_once: count, on_one_node: 1, nodes_used: count, points: 16, left: 0, exit_code: 0 });
  } finally {
    for (const node of nodes) await node.stop();
    await plane.stop();
  }
}, 900_000); // prettier-ignore
