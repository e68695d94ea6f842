import { describe, expect, test } from 'vitest';
import { parsePrometheus, prometheusSum } from '../../src/text/prometheus.ts';

const PAGE = [
  '# HELP vllm:prefix_cache_hits_total Tokens',
  '# TYPE vllm:prefix_cache_hits_total counter',
  'vllm:prefix_cache_hits_total{engine="0",model_name="a}b"} 3',
  'vllm:prefix_cache_hits_created{engine="0"} 1.7e+09',
  'vllm:prefix_cache_queries_total{engine="0"} 10.0',
  'vllm:prefix_cache_queries_total{engine="1"} 5 1763777701',
  'vllm:generation_tokens_total{engine="0"} 1200.0\r',
  'vllm:generation_tokens_total{engine="1"} 3e2',
  'plain_total 7',
].join('\n');

describe('a page of metrics', () => {
  test.each([
    ['vllm:prefix_cache_queries_total', 15],
    ['vllm:prefix_cache_hits_total', 3],
    ['vllm:generation_tokens_total', 1500],
    ['plain_total', 7],
    ['vllm:prefix_cache', null],
    ['vllm:generation_tokens', null],
  ])('%s adds up over its labels to %s', (name, sum) => {
    expect(prometheusSum(PAGE, name)).toBe(sum);
  });

  test.each([
    ['labels with commas, braces and quotes', 'm{a="x,y}",b="say \\"hi\\"",c="a\\nb\\\\c"} 1', { labels: { a: 'x,y}', b: 'say "hi"', c: 'a\nb\\c' } }],
    ['a trailing comma, as Java writes it', 'm{a="x",} 1', { labels: { a: 'x' } }],
    ['no labels', 'm{} 1', { labels: {} }],
    ['an exemplar', 'm_bucket{le="0.5"} 4 # {trace_id="x"} 0.3', { labels: { le: '0.5' }, value: 4 }],
    ['an infinity', 'm{le="+Inf"} +Inf', { value: Infinity }],
    ['no number', 'm NaN', { value: Number.NaN }],
    ['more digits than a number holds', 'm 9223372036854775794', { written: '9223372036854775794' }],
  ])('keeps %s', (_what, line, sample) => {
    expect(parsePrometheus(line)).toMatchObject([sample]);
  });

  test.each(['', '# EOF', 'metric1', '<html>404 page</html>', 'm{a="x" 1', 'm{} one', '{"error": 1}'])('passes over %j', (line) => {
    expect(parsePrometheus(line)).toEqual([]);
  });
}); // prettier-ignore
