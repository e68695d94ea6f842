// `npm run bench [name …]`: figures beside a peer or a limit of the same run. Without names all of them.
import { cpus, loadavg } from 'node:os';
import { benchAutotuneSearch } from './autotune-search.ts';
import { benchCampaign } from './campaign.ts';
import { benchEventLoop } from './event-loop.ts';
import { benchProfile } from './profile.ts';
import { benchRegistrySite } from './registry-site.ts';
import { benchReportPage } from './report-page.ts';
import { benchReport } from './report.ts';
import { benchStartUp } from './start-up.ts';
import { benchStructuredDiff } from './structured-diff.ts';
import { benchVerbs } from './verbs.ts';

const BENCHMARKS: Readonly<Record<string, () => Promise<void>>> = {
  'start-up': benchStartUp,
  verbs: benchVerbs,
  'structured-diff': benchStructuredDiff,
  profile: benchProfile,
  'autotune-search': benchAutotuneSearch,
  campaign: benchCampaign,
  'registry-site': benchRegistrySite,
  'event-loop': benchEventLoop,
  'report-page': benchReportPage,
  report: benchReport,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => BENCHMARKS[name] === undefined);
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHMARKS).join(', ')}`);
  process.exit(2);
}
console.log(
  `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'CPU'}, load ${loadavg()[0]?.toFixed(1)}`,
);
for (const [name, run] of Object.entries(BENCHMARKS)) if (wanted.length === 0 || wanted.includes(name)) await run();
