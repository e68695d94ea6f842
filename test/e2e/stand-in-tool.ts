// A tool that measures nothing: a shell script in the place of `python3`, which writes a result of SGLang's client for the load that it is
// asked for, and a line into a log when it begins and when it has ended. For tests of what runs tools, not of what reads them.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface StandInTool {
  /** Folder for PATH. */
  readonly path: string;
  /** `begin <file>` and `end <file>`, a line each. */
  readonly log: string;
}

/** `seconds` that each run takes; as a word of a shell it may be of `$c`, the load. */
export const standInTool = (folder: string, seconds: number | string): StandInTool => {
  const [path, log] = [join(folder, 'bin'), join(folder, 'tool.log')];
  mkdirSync(path, { recursive: true });
  writeFileSync(log, '');
  const script = `#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in
    --output-file) out="$2" ;;
    --max-concurrency) c="$2" ;;
  esac
  shift
done
echo "begin $out" >> '${log}'
sleep ${seconds}
n=$((c * 10))
printf '{"backend":"sglang","dataset_name":"random","request_rate":"inf","max_concurrency":%s,"num_prompts":%s,"completed":%s,"total_input_tokens":%s,"total_output_tokens":%s,"total_output_tokens_retokenized":%s,"sharegpt_output_len":null,"mean_ttft_ms":20.5%s,"median_ttft_ms":20.1%s,"mean_tpot_ms":10.2,"median_tpot_ms":10.1,"p99_tpot_ms":11.9,"output_throughput":%s.0,"request_throughput":%s.0,"duration":10.0,"random_input_len":16,"random_output_len":4,"random_range_ratio":1.0}\\n' "$c" "$n" "$n" "$((n * 16))" "$((n * 4))" "$((n * 4))" "$$" "$$" "$((c * 4))" "$c" > "$out.part"
mv "$out.part" "$out"
echo "end $out" >> '${log}'
`;
  const file = join(path, 'python3');
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  return { path, log };
};
