// What a server says around each load of a sweep: one command of vLLM starts the server and runs all loads, so the words that run a load
// ask the server themselves, before, during and after it, and leave the pages beside its result. Works wherever the sweep runs, and needs a
// POSIX shell with curl or python3 there; without either the load runs all the same.
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../fs/atomic-file.ts';
import { readNamedText } from '../../fs/named-text.ts';
import { shellLine } from '../../text/shell-line.ts';
import { readScrape } from '../scrape.ts';
import { GAUGE_NAMES, gaugesOf } from '../server-gauges.ts';
import { pagesFile, scrapesIn } from '../server-times.ts';

export const AROUND_LOAD = 'around-load.sh';

/** Seconds between two pages of gauges. */
const PERIOD_S = 1;

/**
 * Arguments: base URL of the server, then the words of the load as the sweep completes them. Of several runs of a load the first page is
 * from before the first and the last from after the last; the sweep empties the caches between loads, outside of both.
 */
export const AROUND_LOAD_SCRIPT = `# Asks the server for its metrics around one load of a sweep, and runs the load.
server=$1
shift
load= folder= last=
for word in "$@"; do
  case "$last" in
    --max-concurrency) load=$word ;;
    --result-dir) folder=$word ;;
  esac
  last=$word
done
page() {
  if command -v curl >/dev/null 2>&1; then curl -sf -m 5 "$server/metrics"
  else python3 -c 'import sys, urllib.request as r; sys.stdout.write(r.urlopen(sys.argv[1], timeout=5).read().decode())' "$server/metrics"
  fi 2>/dev/null
}
save() {
  if page >"$1.part" && [ -s "$1.part" ]; then mv "$1.part" "$1"; else rm -f "$1.part"; fi
}
mark() {
  at=$(date +%s.%N)
  case "$at" in *N*) at=$(date +%s) ;; esac
  echo "# $1 $at"
}
watch= pages=
if [ -n "$load" ] && [ -d "$folder" ]; then
  pages="$folder/metrics-during-c$load.txt"
  before="$folder/metrics-pre-c$load.prom"
  ls "$folder"/run=*.json >/dev/null 2>&1 && [ -s "$before" ] || save "$before"
  mark begin >>"$pages"
  if [ -s "$before" ]; then
    while kill -0 $$ 2>/dev/null; do
      sleep ${PERIOD_S}
      now=$(mark page)
      gauges=$(page | grep -E '^(${GAUGE_NAMES.join('|')})[{ ]') && printf '%s\\n%s\\n' "$now" "$gauges"
    done >>"$pages" 2>/dev/null </dev/null &
    watch=$!
  fi
fi
"$@"
code=$?
if [ -n "$pages" ]; then
  mark end >>"$pages"
  if [ -n "$watch" ]; then
    kill "$watch" 2>/dev/null
    wait "$watch" 2>/dev/null
    save "$folder/metrics-post-c$load.prom"
  fi
fi
exit $code
`;

/** The command of the loads with the script before it; the sweep splits it as a POSIX shell does. */
export const aroundLoad = (script: string, server: string, benchCmd: string): string =>
  `${shellLine(['sh', script, server])} ${benchCmd}`;

/** A load of a sweep: the folder of its result, and which it is. */
export interface SweptLoad {
  /** Absolute path. */
  readonly folder: string;
  readonly concurrency: number;
}

interface Page {
  readonly word: string;
  readonly atMs: number;
  readonly text: string;
}

const MARK = /^# (begin|page|end) ([\d.]+)$/;

const pagesIn = (text: string): Page[] => {
  const pages: { word: string; atMs: number; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const [, word, at] = MARK.exec(line) ?? [];
    if (word === undefined) pages.at(-1)?.lines.push(line);
    else pages.push({ word, atMs: Math.round(Number(at) * 1000), lines: [] });
  }
  return pages.map(({ lines, ...page }) => ({ ...page, text: lines.join('\n') }));
};

/** Pages as lines of gauges; each run of the load has a number, and a line at its begin and end. */
export const gaugeLines = (text: string): string => {
  let run = 0;
  const lines = pagesIn(text).map(({ word, atMs, text: page }) => {
    if (word === 'begin') run += 1;
    return { at: new Date(atMs).toISOString(), run, ...(word === 'page' ? gaugesOf(readScrape(page)) : {}) };
  });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
};

const PAGES = /(?:^|\/)metrics-during-c(\d+)\.(?:txt|jsonl)$/;

/** The loads that a sweep has left something of, with their gauges as lines. */
export const sweptLoads = async (raw: string): Promise<SweptLoad[]> => {
  if (!existsSync(raw)) return [];
  const names = await readdir(raw, { recursive: true });
  const found = new Map<string, SweptLoad>();
  for (const name of names) {
    const concurrency = Number(PAGES.exec(name)?.[1]);
    if (Number.isNaN(concurrency)) continue;
    const folder = join(raw, name, '..');
    found.set(`${folder}\n${concurrency}`, { folder, concurrency });
  }
  for (const { folder, concurrency } of found.values()) {
    const pages = pagesFile(folder, concurrency);
    if (!existsSync(pages)) continue;
    await replaceFile(scrapesIn(folder, concurrency).during, gaugeLines(await readNamedText(pages)));
    await rm(pages, { force: true });
  }
  return [...found.values()].toSorted((a, b) => a.concurrency - b.concurrency);
};
