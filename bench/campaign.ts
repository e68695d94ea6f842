// The atlas of a campaign of 10,000 cells with 8 points each, through the command line, beside a bare loop that reads the same
// files, parses them and writes the same rows; and once more when nothing but one cell has changed. Then what is computed from that
// atlas, one program after another and all together, beside a bare loop over its lines.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cellFile, cellFolder } from '../src/campaign/layout.ts';
import { measuredRow } from '../src/campaign/measured-row.ts';
import { writtenRow } from '../src/campaign/row-text.ts';
import { jsonFile } from '../src/text/json.ts';
import { median, table } from './figures.ts';
import { processCost, type ProcessCost } from './process-cost.ts';

const CLI = resolve('dist/perftunereport.mjs');
const CELLS = 10_000;
const CONCURRENCIES = [1, 2, 4, 8, 16, 32, 64, 128];

const PEER = `import{readFileSync,readdirSync,openSync,writeSync}from'node:fs';const[cells,out]=process.argv.slice(2);const to=openSync(out,'w');
for(const cell of readdirSync(cells).sort()){const rows=JSON.parse(readFileSync(cells+'/'+cell+'/normalized.json','utf8'));
writeSync(to,rows.map(r=>JSON.stringify(r)+'\\n').join(''))}`;

const LINES_PEER = `import{createReadStream,openSync,writeSync}from'node:fs';import{createInterface}from'node:readline';const[from,out]=process.argv.slice(2);
const to=openSync(out,'w');for await(const line of createInterface({input:createReadStream(from),crlfDelay:Infinity}))writeSync(to,JSON.stringify(JSON.parse(line))+'\\n')`;

/** CPU of all answers together over the bare loop, and memory of each process. */
const LIMITS = { times: 2, mb: 250 };

/** What is computed from an atlas. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  tpm_summary: [],
  reconcile: [],
  champion_select: [],
};

const rowsOf = (cellId: string, factor: number) =>
  CONCURRENCIES.map((concurrency) => {
    const tpot = (8 + concurrency / 8) * factor;
    const rate = (1000 / tpot) * concurrency;
    const values = {
      req_per_s: rate / 512,
      throughput_tok_per_s: rate,
      total_throughput_tok_per_s: 3 * rate,
      ttft_mean_ms: 90 * factor,
      ttft_p50_ms: 80 * factor,
      ttft_p99_ms: 160 * factor,
      tpot_mean_ms: 1.02 * tpot,
      tpot_p50_ms: tpot,
      tpot_p99_ms: 1.4 * tpot,
      itl_mean_ms: tpot,
      isl_mean_tokens: 1024,
      osl_mean_tokens: 512,
      tps_per_user: 1000 / tpot,
    };
    return writtenRow(
      measuredRow({
        cellId,
        concurrency,
        identity: { model: 'org/model', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, backend: 'vllm-sweep' },
        runs: [
          {
            path: `c${concurrency}.txt`,
            values,
            counts: { completed: 10 * concurrency },
            validity: ['no_telemetry'],
            replicate_level: null,
            context: {},
          },
        ],
        status: 'full',
        capturedAt: '2026-11-28T00:00:00Z',
        notes: [],
        extra: {},
      }),
    );
  });

const writeCell = (campaign: string, index: number, factor: number): void => {
  const cellId = `cell-${String(index).padStart(5, '0')}`;
  mkdirSync(cellFolder(campaign, cellId), { recursive: true });
  writeFileSync(cellFile(campaign, cellId, 'rows'), jsonFile(rowsOf(cellId, factor)));
};

const figures = (name: string, costs: readonly ProcessCost[], bare: readonly ProcessCost[]): string[] => [
  name,
  (median(costs.map(({ ms }) => ms)) / 1000).toFixed(2),
  (median(costs.map(({ cpu }) => cpu)) / 1000).toFixed(2),
  Math.max(...costs.map(({ mb }) => mb)).toFixed(0),
  `${(median(costs.map(({ cpu }) => cpu)) / median(bare.map(({ cpu }) => cpu))).toFixed(2)} x`,
];

const together = (costs: readonly ProcessCost[]): ProcessCost => ({
  ms: costs.reduce((sum, { ms }) => sum + ms, 0),
  cpu: costs.reduce((sum, { cpu }) => sum + cpu, 0),
  mb: Math.max(...costs.map(({ mb }) => mb)),
});

/** Each answer from the atlas, and all of them, beside the bare loop over its lines. */
const benchAnswers = (root: string, campaign: string): void => {
  const peer = join(root, 'lines.mjs');
  writeFileSync(peer, LINES_PEER);
  const run = (verb: string, words: readonly string[]): ProcessCost =>
    processCost([process.execPath, CLI, verb, '--campaign', 'large', ...words, '--repo-root', root]);
  const rounds = Array.from({ length: 3 }, () => ({
    bare: processCost([process.execPath, peer, join(campaign, 'atlas.jsonl'), join(root, 'lines.jsonl')]),
    answers: Object.entries(ANSWERS).map(([verb, words]) => run(verb, words)),
  }));
  const bare = rounds.map((round) => round.bare);
  const names = Object.keys(ANSWERS);
  table(
    `What is computed from ${CELLS.toLocaleString('en')} cells x ${CONCURRENCIES.length} rows`,
    ['', 'wall s', 'CPU s', 'peak MB', 'CPU over the bare loop'],
    [
      ...names.map((name, at) => figures(name, rounds.flatMap(({ answers }) => answers[at] ?? []), bare)),
      figures(`all together (limit ${LIMITS.times.toFixed(2)} x, ${LIMITS.mb} MB each)`, rounds.map(({ answers }) => together(answers)), bare),
      figures('bare loop', bare, bare),
    ],
  );
}; // prettier-ignore

/** Prints the tables. At most 2 x the bare loop, and 250 MB. */
export const benchCampaign = async (): Promise<void> => {
  const root = mkdtempSync(join(tmpdir(), 'perf-campaign-'));
  const campaign = join(root, 'campaigns', '20261128T000000Z-large');
  try {
    for (let index = 0; index < CELLS; index += 1) writeCell(campaign, index, 1 + (index % 50) / 100);
    const peer = join(root, 'peer.mjs');
    writeFileSync(peer, PEER);
    const aggregate = (): ProcessCost =>
      processCost([process.execPath, CLI, 'atlas_aggregate', 'large', '--repo-root', root]);
    const whole = Array.from({ length: 3 }, () => {
      rmSync(join(campaign, 'atlas.jsonl'), { force: true });
      return aggregate();
    });
    writeCell(campaign, 17, 2);
    const again = [aggregate()];
    const bare = Array.from({ length: 3 }, () =>
      processCost([process.execPath, peer, join(campaign, 'cells'), join(root, 'bare.jsonl')]),
    );
    table(
      `Atlas of ${CELLS.toLocaleString('en')} cells x ${CONCURRENCIES.length} points`,
      ['', 'wall s', 'CPU s', 'peak MB', 'CPU over the bare loop'],
      [
        figures('atlas_aggregate, all cells', whole, bare),
        figures('atlas_aggregate, one cell changed', again, bare),
        figures('bare loop', bare, bare),
      ],
    );
    benchAnswers(root, campaign);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};
