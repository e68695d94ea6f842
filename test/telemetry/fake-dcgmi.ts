// A dcgmi for tests: a program that prints what the real one prints, in the forms of DCGM 2, 3 and 4, and misbehaves as a test asks. The
// forms are those of its sources and of published outputs; figures are made up.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FakeDcgmi {
  readonly version?: 2 | 3 | 4;
  readonly gpus?: number;
  readonly name?: string;
  /** Ids that this GPU lacks, each with the code that is printed (`-6` not supported, `-29` needs root, `-33` module not loaded). */
  readonly lacks?: Readonly<Record<number, number>>;
  /** Most fields of the profiling unit that are watched together. */
  readonly together?: number;
  /** Profiling fields take turns: each reads 0.000 in every second sample. */
  readonly turns?: boolean;
  /** The GPU does nothing: all zeros. */
  readonly idle?: boolean;
  /** No host engine is there. */
  readonly noEngine?: boolean;
  /** Output stays in the pipe until the end. */
  readonly buffered?: boolean;
}

const PROGRAM = String.raw`
const o = OPTIONS;
const args = process.argv.slice(2);
const say = (text) => process.stdout.write(text + '\n');
if (o.noEngine) {
  say('Error: unable to establish a connection to the specified host: localhost');
  say('Error: Unable to connect to host engine. Host engine is not running?.');
  process.exit(1);
}
const NAMES = { 1001: 'GRACT', 1002: 'SMACT', 1003: 'SMOCC', 1004: 'TENSO', 1005: 'DRAMA', 1006: 'FP64A', 1007: 'FP32A', 1008: 'FP16A', 1009: 'PCITX', 1010: 'PCIRX', 1011: 'NVLTX', 1012: 'NVLRX', 100: 'SMCLK', 101: 'MMCLK', 112: 'DVCCTR', 150: 'TMPTR', 155: 'POWER', 156: 'TOTEC', 203: 'GPUTL', 230: 'XIDER', 311: 'EDVTL' };
const UNITS = { 150: 'C', 155: 'W', 156: 'mJ' };
const BUSY = { 1001: '0.966', 1002: '0.800', 1003: '0.400', 1004: '0.250', 1005: '0.600', 1006: '0.000', 1007: '0.020', 1008: '0.001', 1009: '498948', 1010: '1555', 1011: '19694075554', 1012: '19687914629', 100: '1980', 101: '2619', 112: '0', 150: '61', 155: '650.000', 156: '0', 203: '99', 230: '0', 311: '0' };
if (args[0] === 'discovery') {
  say(o.gpus + ' GPUs found.');
  const rule = '+--------+----------------------------------------------------------------------+';
  say(rule); say('| GPU ID | Device Information                                                   |'); say(rule);
  for (let i = 0; i < o.gpus; i++) {
    say('| ' + String(i).padEnd(6) + ' | ' + ('Name: ' + o.name).padEnd(68) + ' |');
    say('|        | ' + ('PCI Bus ID: 00000000:' + (18 + i) + ':00.0').padEnd(68) + ' |');
    say('|        | ' + ('Device UUID: GPU-00000000-0000-0000-0000-00000000000' + i).padEnd(68) + ' |');
    say(rule);
  }
  say('0 NvSwitches found.'); say('+-----------+'); say('| Switch ID |'); say('+-----------+');
  process.exit(0);
}
const of = (flag) => { const at = args.indexOf(flag); return at < 0 ? undefined : args[at + 1]; };
const ids = of('-e').split(',').map(Number);
const gpus = of('-i') === undefined ? Array.from({ length: o.gpus }, (_, i) => i) : of('-i').split(',').map(Number);
const first = o.version === 2 ? '# Entity' : '#Entity';
const width = o.version === 4 ? 16 : 10;
const cells = (texts) => texts.map((text) => text.padEnd(28)).join('');
const header = () => {
  say(first.padEnd(width) + cells(ids.map((id) => NAMES[id])));
  say((o.version === 2 ? '      Id' : 'ID').padEnd(width) + cells(ids.map((id) => UNITS[id] ?? '')));
};
header();
const lacking = ids.find((id) => o.lacks[id] !== undefined);
const profiling = ids.filter((id) => id > 1000).length;
const code = lacking !== undefined ? o.lacks[lacking] : profiling > o.together ? -6 : 0;
if (code !== 0) {
  const WORDS = { '-6': 'Feature not supported', '-29': 'Unable to watch one or more of the requested fields because doing so requires the host engine to be running as root.', '-33': 'This request is serviced by a module of DCGM that is not currently loaded' };
  say('Error setting watches. Result: ' + (o.version === 2 ? '' : code + ': ') + WORDS[code]);
  process.exit(256 + code);
}
const period = Number(of('-d'));
const count = of('-c') === undefined ? Infinity : Number(of('-c'));
let held = '';
const put = (text) => { if (o.buffered) held += text + '\n'; else say(text); };
const end = () => { if (held !== '') process.stdout.write(held); process.exit(0); };
process.on('SIGTERM', () => { put('dmon was stopped due to receiving a signal'); end(); });
let n = 0;
const tick = () => {
  if (n > 0 && n % 14 === 0) header();
  for (const gpu of gpus.toReversed()) {
    const value = (id, at) => {
      if (n === 0) return 'N/A';
      if (id === 156) return String(1e9 + 650 * n * period);
      if (o.idle) return id === 155 ? '70.000' : id > 1008 ? '0' : '0.000';
      if (o.turns && id > 1000 && (n + at) % 2 === 0) return id > 1008 ? '0' : '0.000';
      return BUSY[id];
    };
    put(('GPU ' + gpu).padEnd(width) + cells(ids.map(value)));
  }
  n += 1;
  if (n >= count) end();
  else setTimeout(tick, period);
};
tick();
`;

/** Puts a `dcgmi` into the folder, for the front of a PATH. */
export const writeFakeDcgmi = (folder: string, options: FakeDcgmi = {}): void => {
  mkdirSync(folder, { recursive: true });
  const all = { version: 3, gpus: 2, name: 'NVIDIA H100 80GB HBM3', lacks: {}, together: 99, ...options };
  const path = join(folder, 'dcgmi');
  writeFileSync(path, `#!${process.execPath}\n${PROGRAM.replace('OPTIONS', JSON.stringify(all))}`);
  chmodSync(path, 0o755);
};
