// Diff of flat JSON documents of 100,000 and 1,000,000 keys through the command line, beside two straightforward scripts: one
// parses both files and compares key by key without writing anything, one also leaves what the verb leaves (hashes of both
// files, rows ordered by size and key, every row written, a copy of the new file).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { median, table } from './figures.ts';
import { processCost, type ProcessCost } from './process-cost.ts';

const CLI = resolve('dist/profile-and-optimize.mjs');

const PEER = `import{readFileSync}from'node:fs';const[a,b]=process.argv.slice(2).map(p=>JSON.parse(readFileSync(p,'utf8')));
const rows=[];for(const k in a)if(k in b){const d=b[k]-a[k];rows.push({k,a:a[k],b:b[k],d,p:100*d/a[k]})}
rows.sort((x,y)=>Math.abs(y.p)-Math.abs(x.p));console.log(rows.filter(r=>Math.abs(r.p)>5).length)`;

const WRITING_PEER = `import{readFileSync,writeFileSync,copyFileSync}from'node:fs';import{createHash}from'node:crypto';
const[one,other,out]=process.argv.slice(2);const load=p=>{const t=readFileSync(p);return[JSON.parse(t.toString('utf8')),createHash('sha256').update(t).digest('hex')]};
const[[a,before],[b,after]]=[load(one),load(other)];const rows=[];for(const key in a)if(key in b){const baseline=a[key],current=b[key],delta=current-baseline;
rows.push({key,baseline,current,delta,delta_pct:100*delta/baseline,unit:'GB/s',direction:'higher-is-better',tolerance:{percent:5},headline:true,gating:true})}
rows.sort((x,y)=>Math.abs(y.delta_pct)-Math.abs(x.delta_pct)||(x.key<y.key?-1:1));copyFileSync(other,out+'.copy');
writeFileSync(out,JSON.stringify({before,after,deltas:[]}));for(let at=0;at<rows.length;at+=5000)writeFileSync(out,rows.slice(at,at+5000).map(r=>JSON.stringify(r)).join(',\\n'),{flag:'a'});`;

const writeDocument = (path: string, keys: number, factor: (index: number) => number): void => {
  const members = Array.from(
    { length: keys },
    (_, index) => `"pair_${index}_bw_gb_per_s": ${(300 + (index % 97)) * factor(index)}`,
  );
  writeFileSync(path, `{${members.join(',\n')}}`);
};

const benchKeys = (keys: number): string[][] => {
  const folder = mkdtempSync(join(tmpdir(), 'perf-keys-'));
  const at = (name: string): string => join(folder, name);
  const [before, after, peer, writingPeer] = [at('before.json'), at('after.json'), at('peer.mjs'), at('writing.mjs')];
  writeDocument(before, keys, () => 1);
  writeDocument(after, keys, (index) => (index % 50_000 === 0 ? 0.8 : 1.01));
  writeFileSync(peer, PEER);
  writeFileSync(writingPeer, WRITING_PEER);
  execFileSync(process.execPath, [
    CLI,
    'perf_baseline_record',
    '--family',
    'bench',
    '--measurement',
    'keys',
    '--source',
    before,
    '--repo-root',
    folder,
  ]);
  const ours = Array.from({ length: 3 }, () =>
    processCost([process.execPath, CLI, 'perf_baseline_diff', 'bench/keys', after, '--repo-root', folder]),
  );
  const theirs = Array.from({ length: 3 }, () => processCost([process.execPath, peer, before, after]));
  const writing = Array.from({ length: 3 }, () =>
    processCost([process.execPath, writingPeer, before, after, at('rows.json')]),
  );
  const start = processCost([process.execPath, CLI, '--version']);
  const ms = (runs: readonly ProcessCost[]): number => median(runs.map((run) => run.ms));
  const cpu = (runs: readonly ProcessCost[]): number => median(runs.map((run) => run.cpu));
  const mb = (runs: readonly ProcessCost[]): number => median(runs.map((run) => run.mb));
  const label = keys.toLocaleString('en');
  return [
    [
      `${label} keys: parse and compare only (script)`,
      ms(theirs).toFixed(0),
      cpu(theirs).toFixed(0),
      mb(theirs).toFixed(0),
      '1.0',
      '',
    ],
    [
      `${label} keys: the same, hashed, ordered and all rows written (script)`,
      ms(writing).toFixed(0),
      cpu(writing).toFixed(0),
      mb(writing).toFixed(0),
      (cpu(writing) / cpu(theirs)).toFixed(2),
      '',
    ],
    [
      `${label} keys: perf_baseline_diff, whole process, verified, all rows written`,
      ms(ours).toFixed(0),
      cpu(ours).toFixed(0),
      `${mb(ours).toFixed(0)} (start alone ${start.mb.toFixed(0)})`,
      (cpu(ours) / cpu(theirs)).toFixed(2),
      keys === 100_000 ? '250 ms, 60 MB over start' : '3 s',
    ],
  ];
};

export const benchStructuredDiff = async (): Promise<void> =>
  table(
    'Structured diff (median of 3)',
    ['what', 'wall ms', 'CPU ms', 'peak MB', 'CPU ratio', 'limit'],
    [...benchKeys(100_000), ...benchKeys(1_000_000)],
  );
