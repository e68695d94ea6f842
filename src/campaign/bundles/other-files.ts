// What a file of a bundle is that gives no row, in a few words, and which verb reads it where one does. By its name, else by its first
// characters; undefined where neither says. Names kinds of files, reads no number.

interface Kind {
  readonly name?: RegExp;
  readonly head?: RegExp;
  readonly is: string;
}

const KINDS: readonly Kind[] = [
  { name: /\.(sqlite|nsys-rep|qdrep)$/i, is: 'a profile of nsys: import_nsys reads it' },
  { name: /\.ncu-rep$/i, is: 'a report of ncu: import_ncu reads its pages as CSV' },
  { name: /\.tsv$/i, head: /^(kernel|class|category|gpu_name|python_frame)\t/, is: 'samples of zymtrace: import_zymtrace reads them' },
  { head: /"traceEvents"|"schemaVersion"[^]*"deviceProperties"/, is: 'a trace of PyTorch: profile_summary reads it' },
  { head: /Total Time \(ns\)/, is: 'a table of nsys stats: import_nsys reads it' },
  { head: /"?Kernel Name"?,/, is: 'counters of ncu: import_ncu reads them' },
  { head: /"architectures"\s*:|"model_type"\s*:|"quantization"\s*:\s*\{/, is: 'the config of a model: import_roofline_sweep takes it as --model-config' },
  { head: /"apiVersion"\s*:|"clientVersion"\s*:|^apiVersion:/m, is: 'an object of Kubernetes' },
  { head: /DCGM_FI_/, is: 'fields of DCGM' },
  { head: /^#?\s*(Entity|GPU)\s+[A-Z]{4,5}|GPUs found\.|Long Name\s+Short Name\s+Field ID/im, is: 'the output of dcgmi' },
  { head: /NVIDIA-SMI|nvidia-smi|NVSMI|^\s*GPU0\s|^#\s*gpu\s|^GPU \d+: |(^|, )(power\.draw|pci\.bus_id|gpu_bus_id|gpu_uuid|uuid|process_name)\b/m, is: 'the output of nvidia-smi' },
  { head: /^\|\s*Tasks\s*\|/m, is: 'the table that lm-eval prints: give its results.json' },
  { name: /\.prom$/i, is: 'counters of a server or an exporter' },
  { name: /\.ya?ml$/i, is: 'YAML of no benchmark: reports of inference-perf and llm-d-benchmark are read' },
  { name: /\.xml$/i, is: 'XML, which no reader takes' },
  { name: /\.parquet$/i, is: 'a table in Parquet, no result of a run' },
  { name: /\.(md|sh|py|pdf|png|svg|html)$/i, is: 'a text or picture' },
]; // prettier-ignore

/** What a file is; `head` are its first characters where they are known. */
export const kindOfFile = (path: string, head?: string): string | undefined =>
  KINDS.find(
    ({ name, head: pattern }) =>
      (name === undefined || name.test(path)) && (pattern === undefined || (head !== undefined && pattern.test(head))),
  )?.is;
