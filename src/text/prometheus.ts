// Prometheus' text format (version 0.0.4, and OpenMetrics as far as samples go): a page of metrics as its samples. Lines that are no
// sample are passed over; a value is kept as it was written too, since sentinels of some exporters exceed what a number holds.
// Format: https://prometheus.io/docs/instrumenting/exposition_formats/

export interface PrometheusSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** May be NaN or infinite, as the format allows. */
  readonly value: number;
  readonly written: string;
}

const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\s*\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\}\s*|\s+)(\S+)(?:\s+-?[\d.]+)?(?:\s+#.*)?$/;
const LABEL = /([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

const labelsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll(/\\(.)/g, (whole, escaped: string) => ESCAPES[escaped] ?? whole),
    ]),
  );

const INFINITIES: Readonly<Record<string, number>> = { '+Inf': Infinity, Inf: Infinity, '-Inf': -Infinity };

const sampleOf = (line: string): PrometheusSample | undefined => {
  const [, name, labels = '', written = ''] = SAMPLE.exec(line) ?? [];
  if (name === undefined) return undefined;
  const value = INFINITIES[written] ?? Number(written);
  if (Number.isNaN(value) && written !== 'NaN') return undefined;
  return { name, labels: labelsOf(labels), value, written };
};

/** The samples of a page in their order. */
export const parsePrometheus = (page: string): PrometheusSample[] =>
  page.split('\n').flatMap((line) => {
    const trimmed = line.trim();
    return trimmed === '' || trimmed.startsWith('#') ? [] : (sampleOf(trimmed) ?? []);
  });

/** Sum over all label sets of one metric; null when it does not occur. */
export const prometheusSum = (page: string, name: string): number | null => {
  const values = parsePrometheus(page)
    .filter((sample) => sample.name === name && Number.isFinite(sample.value))
    .map(({ value }) => value);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
};
