import { describe, expect, test } from 'vitest';
import {
  ASSUMED_NSYS,
  nsysSupports,
  parseNsysOptions,
  parseNsysReports,
  parseNsysVersion,
  readNsysFacts,
  type NsysFacts,
} from '../../src/drivers/nsys-facts.ts';
import {
  nsysExportArgv,
  nsysLaunchArgv,
  nsysProfileArgv,
  nsysStartArgv,
  parseGenerated,
  parseSessions,
} from '../../src/drivers/nsys.ts';
import type { Runner } from '../../src/exec/run-process.ts';
import { nsysStatsArgv } from './nsys-stats.ts';

const OLD_PROFILE = `usage: nsys profile [<args>]

\t-c, --capture-range=

\t   Possible values are none, cudaProfilerApi, nvtx, hotkey.

\t-h, --help=[<tag>]

\t   Print the command's help menu.

\t--nvtx-domain-[include|exclude]=

\t   Possible values are a comma-separated list of NVTX domains.

\t-s, --sample=

\t   Possible values are 'process-tree', 'system-wide' or 'none'.

\t-t, --trace=

\t   Possible values are 'cuda', 'nvtx', 'cublas-verbose', 'osrt' or 'none'.
`;
const NEW_PROFILE = `${OLD_PROFILE}
\t--capture-range-end=

\t   Possible values are 'none', 'stop', 'stop-shutdown', 'repeat[:N]'.

\t--cpuctxsw=

\t   Possible values are 'process-tree', 'system-wide', or 'none'.

\t--cuda-graph-trace=<granularity>[:<launch origin>]

\t   Possible values are 'graph' or 'node'.

\t--trace-fork-before-exec=

\t   Possible values are 'true' or 'false'.
`;

const facts = (profile: string, exported = '', reports = ''): NsysFacts => ({
  nsys: 'nsys',
  version: '1.2',
  options: {
    profile: parseNsysOptions(profile),
    launch: parseNsysOptions(profile),
    start: parseNsysOptions(profile),
    export: parseNsysOptions(exported),
  },
  reports: parseNsysReports(reports),
});

const tracing = { trace: ['cuda', 'nvtx', 'osrt'], graphNodes: true, forkedProcesses: true };
const output = { output: '/o/run', session: 's1' };

describe('what an installation can do', () => {
  test.each([
    ['NVIDIA Nsight Systems version 2025.6.1.190-256136895201v0\n', '2025.6.1.190'],
    ['NVIDIA Nsight Systems version 2022.4.2.1-df9881f', '2022.4.2.1'],
    ['NVIDIA Nsight Systems version 2024.5.1', '2024.5.1'],
    ['bash: nsys: command not found', null],
  ])('%j is version %j', (text, version) => expect(parseNsysVersion(text)).toBe(version));

  test('options come with their values, and a value is a whole word', () => {
    const old = facts(OLD_PROFILE);
    expect([...(old.options.profile?.keys() ?? [])]).toEqual([
      'capture-range',
      'help',
      'nvtx-domain-',
      'sample',
      'trace',
    ]);
    expect(nsysSupports(old, 'profile', 'trace', 'cuda')).toBe(true);
    expect(nsysSupports(old, 'profile', 'trace', 'cublas')).toBe(false);
    expect(nsysSupports(old, 'profile', 'cuda-graph-trace')).toBe(false);
    expect(nsysSupports(facts(NEW_PROFILE), 'profile', 'cuda-graph-trace', 'node')).toBe(true);
    expect(nsysSupports(old, 'stats', 'report')).toBe(false);
  });

  test('something else that answers to the name is refused', async () => {
    const run: Runner = async () => ({
      ...{ code: 0, signal: null, stdout: 'Node System Yard 3', stderr: '' },
      ...{ timedOut: false, cancelled: false, truncated: false, durationMs: 1 },
    });
    await expect(readNsysFacts(run)).rejects.toMatchObject({ code: 'nsys_unrecognised' });
  });
});

describe('command lines', () => {
  test('use every option that the version has', () => {
    const wanted = {
      ...tracing,
      ...output,
      captureRange: 'cudaProfilerApi',
      application: ['python3', 'serve.py'],
    } as const;
    expect(nsysProfileArgv(facts(NEW_PROFILE), { ...wanted, delayS: 2, durationS: 5 })).toEqual({
      argv: [
        ...['nsys', 'profile', '--session-new=s1', '--trace=cuda,nvtx,osrt', '--cuda-graph-trace=node'],
        ...['--trace-fork-before-exec=true', '--sample=none', '--cpuctxsw=none'],
        ...['--capture-range=cudaProfilerApi', '--capture-range-end=stop', '--delay=2', '--duration=5'],
        ...['--output=/o/run', '--force-overwrite=true', 'python3', 'serve.py'],
      ],
      left_out: [],
    });
  });

  test('leave out and name what it lacks', () => {
    const call = nsysProfileArgv(facts(OLD_PROFILE), {
      ...tracing,
      ...output,
      trace: ['cuda', 'cublas'],
      application: ['a'],
    });
    expect(call.argv).not.toContain('--cuda-graph-trace=node');
    expect(call.argv).toContain('--trace=cuda');
    expect(call.left_out).toEqual([
      '--trace=cublas',
      '--cuda-graph-trace=node',
      '--trace-fork-before-exec=true',
      '--cpuctxsw=none',
    ]);
  });

  test('assume everything where the installation cannot be asked', () => {
    const launch = nsysLaunchArgv(ASSUMED_NSYS, { ...tracing, session: 's1', application: ['vllm', 'serve'] });
    expect(launch.left_out).toEqual([]);
    expect(launch.argv).toContain('--cuda-graph-trace=node');
    expect(nsysStartArgv(ASSUMED_NSYS, output).argv.slice(0, 4)).toEqual([
      ...['nsys', 'start', '--session=s1', '--output=/o/run'],
    ]);
  });

  test('export only the tables that are needed where the version can', () => {
    const wanted = {
      report: 'r.nsys-rep',
      output: 'r.sqlite',
      type: 'sqlite',
      tables: ['StringIds', 'CUPTI_.*'],
    } as const;
    const able = nsysExportArgv(facts('', '\t-l, --lazy=\n\n\t--tables=<pattern>\n'), wanted);
    expect(able.argv).toEqual([
      ...['nsys', 'export', '--type=sqlite', '--output=r.sqlite', '--force-overwrite=true', '--lazy=true'],
      ...['--tables=StringIds,CUPTI_.*', 'r.nsys-rep'],
    ]);
    expect(nsysExportArgv(facts(''), wanted).argv.at(-2)).toBe('--force-overwrite=true');
  });

  test('ask stats for the reports that the version has', () => {
    const call = nsysStatsArgv(facts('', '', '  gpukernsum -- x\n  nvtxsum -- y\n'), {
      ...{ file: 'r.nsys-rep', output: 'o', reports: ['cuda_gpu_kern_sum', 'nvtx_sum', 'cuda_api_sum'] },
    });
    expect(call.argv.slice(0, 4)).toEqual(['nsys', 'stats', '--report', 'gpukernsum,nvtxsum']);
    expect(call.left_out).toEqual(['cuda_api_sum']);
  });
});

test('paths under Generated are read past progress bars', () => {
  const text =
    "Generating '/tmp/nsys-report-df45.qdstrm'\n[1/1] [0%   ] r1.nsys-rep\r[1/1] [=100%] r1.nsys-rep\nGenerated:\n    /o/a b.nsys-rep\n    /o/a b.sqlite\n";
  expect(parseGenerated(text)).toEqual(['/o/a b.nsys-rep']);
  expect(parseGenerated('Generated:\n')).toEqual([]);
});

test('sessions are read with their state', () => {
  const text =
    '              ID         TIME                       STATE LAUNCH NAME\n         1010885        00:01                    Launched      1 my session\n          9        1:00:01          Collection      0 b\n';
  expect(parseSessions(text)).toEqual([
    { name: 'my session', state: 'Launched' },
    { name: 'b', state: 'Collection' },
  ]);
});
