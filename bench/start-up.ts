// Start-up cost: from spawn to the answer of `tools/list`, CPU time of all threads, beside a Node process that answers the
// same bytes with no library at all. Linux only (schedstat).
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuMs, median, table } from './figures.ts';

const RUNS = 15;
const SERVER = 'dist/profile-and-optimize-mcp.mjs';

const MESSAGES = [
  {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
  },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 2, method: 'tools/list' },
];

interface Start {
  readonly cpu: number;
  readonly wall: number;
  readonly bytes: number;
  readonly lines: readonly string[];
}

const startOnce = (script: string, args: readonly string[] = []): Promise<Start> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    let buffer = '';
    const lines: string[] = [];
    child.once('error', reject);
    child.stdout.on('data', (chunk: Buffer) => {
      buffer += chunk.toString();
      for (let end = buffer.indexOf('\n'); end >= 0; end = buffer.indexOf('\n')) {
        lines.push(buffer.slice(0, end));
        buffer = buffer.slice(end + 1);
        if (lines.length === 1)
          child.stdin.write(
            MESSAGES.slice(1)
              .map((message) => `${JSON.stringify(message)}\n`)
              .join(''),
          );
        if (lines.length < 2 || child.pid === undefined) continue;
        const figures = {
          cpu: cpuMs(child.pid),
          wall: performance.now() - began,
          bytes: Buffer.byteLength(lines[1] ?? ''),
          lines,
        };
        child.once('exit', () => resolve(figures));
        child.kill();
        return;
      }
    });
    child.stdin.write(`${JSON.stringify(MESSAGES[0])}\n`);
  });

/** A server without any library that answers with the very bytes that ours answered with. */
const writeFloor = (lines: readonly string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), 'perf-floor-'));
  lines.forEach((line, index) => writeFileSync(join(folder, `${index}.json`), `${line}\n`));
  const script = join(folder, 'floor.mjs');
  writeFileSync(
    script,
    `import{readFileSync}from'node:fs';let b='';process.stdin.on('data',c=>{b+=c;for(let e=b.indexOf('\\n');e>=0;e=b.indexOf('\\n')){` +
      `const m=JSON.parse(b.slice(0,e));b=b.slice(e+1);if(m.id)process.stdout.write(readFileSync(new URL((m.id-1)+'.json',import.meta.url)))}})`,
  );
  return script;
};

/** Bytes of the list of tools: everything, a tool on average, the core. */
const sizeRows = (everything: Start, core: Start): string[][] => {
  const tools: unknown[] = JSON.parse(everything.lines[1] ?? '').result.tools;
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
  return [
    [`tools/list, ${tools.length} tools`, '', '', kilobytes(everything.bytes), '64 kB'],
    ['tools/list, bytes a tool', '', '', `${Math.round(everything.bytes / tools.length)} B`, '950 B'],
    ['tools/list, --toolset core', '', '', kilobytes(core.bytes), '24 kB'],
  ];
};

/** Bytes of each tool in the list, the largest first. */
const toolRows = ({ lines }: Start): string[][] => {
  const tools: { name: string }[] = JSON.parse(lines[1] ?? '').result.tools;
  const sizes = tools.map((tool) => ({ name: tool.name, bytes: Buffer.byteLength(JSON.stringify(tool)) }));
  return sizes.toSorted((a, b) => b.bytes - a.bytes).map(({ name, bytes }) => [name, String(bytes)]);
};

/** Prints the tables; the ratio is the figure that is held to a limit. */
export const benchStartUp = async (): Promise<void> => {
  const probe = await startOnce(SERVER);
  const floor = writeFloor(probe.lines);
  const ours: Start[] = [];
  const peers: Start[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    peers.push(await startOnce(floor));
    ours.push(await startOnce(SERVER));
  }
  const cpu = (starts: readonly Start[]): number => median(starts.map((start) => start.cpu));
  const wall = (starts: readonly Start[]): number => median(starts.map((start) => start.wall));
  table(
    'Start to tools/list (median of 15)',
    ['what', 'CPU ms', 'wall ms', 'ratio to peer', 'limit'],
    [
      ['Node without a library, same bytes', cpu(peers).toFixed(0), wall(peers).toFixed(0), '1.0', ''],
      [
        'profile-and-optimize-mcp',
        cpu(ours).toFixed(0),
        wall(ours).toFixed(0),
        (cpu(ours) / cpu(peers)).toFixed(2),
        '2.4 (CPU)',
      ],
      ...sizeRows(probe, await startOnce(SERVER, ['--toolset', 'core'])),
    ],
  );
  table('Bytes of each tool in tools/list', ['tool', 'B'], toolRows(probe));
};
