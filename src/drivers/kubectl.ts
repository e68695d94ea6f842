// Argument lists for kubectl, a runner that runs programs in a pod, and the faults behind what kubectl prints. Arguments
// never pass through a shell, on neither side.
import type { Runner, RunOptions, RunResult } from '../exec/run-process.ts';
import { outputTail, toolMissing } from '../exec/tool-fault.ts';
import { Fault } from '../text/fault.ts';

export interface KubeTarget {
  readonly pod: string;
  readonly namespace?: string | undefined;
  readonly container?: string | undefined;
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
}

const flag = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [`${name}=${value}`]);

const where = ({ context, kubeconfig, namespace }: KubeTarget): string[] => [
  ...flag('--kubeconfig', kubeconfig),
  ...flag('--context', context),
  ...flag('--namespace', namespace),
];

/** `stdin` attaches the caller's input. */
export const execArgv = (target: KubeTarget, argv: readonly string[], stdin = false): string[] => [
  'kubectl',
  ...where(target),
  'exec',
  ...(stdin ? ['--stdin'] : []),
  ...flag('--container', target.container),
  target.pod,
  '--',
  ...argv,
];

/** Prints the node that the pod runs on. */
export const podNodeArgv = (target: KubeTarget): string[] => [
  'kubectl',
  ...where(target),
  'get',
  'pod',
  target.pod,
  '--output=jsonpath={.spec.nodeName}',
];

/** Copies a file out of the pod; needs `tar` there. */
export const copyFromArgv = (target: KubeTarget, remote: string, local: string): string[] => [
  'kubectl',
  ...where(target),
  'cp',
  '--retries=5',
  ...flag('--container', target.container),
  `${target.pod}:${remote}`,
  local,
];

interface Refusal {
  readonly pattern: RegExp;
  readonly code: string;
  readonly fix: string;
}

const REFUSALS: readonly Refusal[] = [
  { pattern: /\(NotFound\): pods/, code: 'pod_not_found', fix: 'check the pod and namespace with `kubectl get pods`' },
  {
    pattern: /\(Forbidden\)|is forbidden/,
    code: 'kubectl_forbidden',
    fix: 'ask for the right to get pods and to use pods/exec there',
  },
  {
    pattern: /\(Unauthorized\)|You must be logged in/,
    code: 'kubectl_unauthorized',
    fix: 'log in to the cluster again',
  },
  {
    pattern: /connection to the server .* was refused|Unable to connect to the server|i\/o timeout|no such host/,
    code: 'cluster_unreachable',
    fix: 'check the context and the network',
  },
  {
    pattern: /context .* does not exist|no context exists/,
    code: 'kubectl_context_unknown',
    fix: 'choose one from `kubectl config get-contexts`',
  },
  {
    pattern: /container .* (?:is not valid|not found)/,
    code: 'container_not_found',
    fix: 'name a container of the pod',
  },
  {
    pattern: /unable to upgrade connection|container not created|pod does not exist/,
    code: 'pod_not_running',
    fix: 'wait until the pod runs',
  },
];

/**
 * The fault when kubectl itself failed; null when a program in the pod ended with a code of its own. A program that the
 * pod does not have is `tool_missing`.
 */
export const kubectlFault = (target: KubeTarget, argv: readonly string[], result: RunResult): Fault | null => {
  if (result.code === 0 || result.code === null) return null;
  const says = result.stderr;
  if (/executable file not found|exec failed: .*(ENOENT|no such file)/i.test(says))
    return new Fault('input', 'tool_missing', `${argv[0] ?? ''} is not in pod ${target.pod}`, {
      fix: toolMissing(argv[0] ?? '').details.fix ?? 'add it to the image',
      data: { pod: target.pod, tool: argv[0] ?? '' },
    });
  const refusal = REFUSALS.find(({ pattern }) => pattern.test(says));
  if (refusal === undefined) return null;
  const { code, fix } = refusal;
  return new Fault('input', code, `kubectl, pod ${target.pod}: ${outputTail(result, [], 1)}`, { fix });
};

/**
 * A runner whose programs run in the pod. Exit codes are those of the program; faults of the cluster are thrown. Stopping
 * the runner ends kubectl only: what was started in the pod has to be ended there.
 */
export const podRunner =
  (local: Runner, target: KubeTarget): Runner =>
  async (argv, options: Partial<RunOptions> = {}) => {
    const result = await local(execArgv(target, argv, options.stdin !== undefined), options);
    const fault = kubectlFault(target, argv, result);
    if (fault !== null) throw fault;
    return result;
  };
