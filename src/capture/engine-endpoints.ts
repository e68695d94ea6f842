// The engines' own profiling calls: POST /start_profile and /stop_profile. vLLM takes no body; SGLang takes what to record
// and where. Sources: vLLM docs/contributing/profiling, SGLang srt/managers/io_struct ProfileReqInput.
import { Fault } from '../text/fault.ts';
import type { CaptureInput } from './capture-input.ts';

export interface EngineCall {
  readonly url: string;
  readonly body: string | null;
  /** How the call is made from inside a pod; null when it is made from this machine. */
  readonly command: readonly string[] | null;
}

/** Engine images have Python, but not always curl. Prints the status, then the start of the answer. */
const POST_SCRIPT = [
  'import sys,urllib.request,urllib.error',
  'b=sys.argv[2].encode() or None',
  'q=urllib.request.Request(sys.argv[1],data=b or b"",headers={"content-type":"application/json"},method="POST")',
  'try: r=urllib.request.urlopen(q,timeout=float(sys.argv[3])); s=r.status',
  'except urllib.error.HTTPError as e: r=e; s=e.code',
  'print(s); print(r.read(2000).decode("utf8","replace"))',
].join('\n');

const bodyOf = ({ engine, profiler, collectFrom }: CaptureInput, what: 'start' | 'stop'): string | null => {
  if (engine !== 'sglang' || what === 'stop') return null;
  if (profiler === 'cuda') return JSON.stringify({ activities: ['CUDA_PROFILER'] });
  return JSON.stringify({ activities: ['CPU', 'GPU'], output_dir: collectFrom });
};

/** The call that starts or stops the engine's profiler. */
export const enginePost = (input: CaptureInput, what: 'start' | 'stop'): EngineCall => {
  const url = `${(input.baseUrl ?? '').replace(/\/+$/, '')}/${what}_profile`;
  const body = bodyOf(input, what);
  const limit = String(input.finishS ?? 600);
  return {
    url,
    body,
    command: input.pod === undefined ? null : ['python3', '-c', POST_SCRIPT, url, body ?? '', limit],
  };
};

export interface EngineAnswer {
  readonly status: number;
  readonly text: string;
}

/** Reads what the call inside a pod printed. */
export const parseAnswer = (stdout: string): EngineAnswer => {
  const [first = '', ...rest] = stdout.split('\n');
  return { status: Number(first), text: rest.join('\n').trim() };
};

/** The fault of an answer that is no success; 404 and 405 mean that the engine was not started with a profiler. */
export const answerFault = (url: string, { status, text }: EngineAnswer): Fault | null => {
  if (status >= 200 && status < 300) return null;
  const says = `POST ${url} answers ${Number.isFinite(status) ? status : 'nothing'}: ${text.slice(0, 200)}`;
  if (status === 404 || status === 405) return new Fault('input', 'capture_not_prepared', says);
  return new Fault('input', 'engine_profile_failed', says, { fix: 'read the log of the engine' });
};
