// The block `run_on` of a cell: where its commands run. Shape only.
import { z } from 'zod';
import { WORKLOAD_KINDS } from '../cluster/workload.ts';

const name = z.string().min(1);
const size = z.number().int().positive();
const words = z.record(z.string(), z.string());

/** Batch jobs of a Slurm cluster, from a host that has sbatch and whose root the nodes see. */
const slurmSchema = z.strictObject({
  partition: name.optional(),
  account: name.optional(),
  qos: name.optional(),
  reservation: name.optional(),
  constraint: name.optional(),
  nodes: size.optional(),
  gpus_per_node: size.optional(),
  cpus_per_task: size.optional(),
  time_limit_min: size.optional(),
  container_image: name.optional(),
  container_mounts: z.array(name).optional(),
});

/** A pod that stands already. */
const podSchema = z.strictObject({
  namespace: name,
  pod: name,
  container: name.optional(),
  context: name.optional(),
});

/** Workloads of a Kubernetes cluster, one for each command. */
const kubernetesSchema = z.strictObject({
  kind: z.enum(WORKLOAD_KINDS).optional(),
  namespace: name,
  context: name.optional(),
  image: name,
  nodes: size.optional(),
  gpus_per_node: size.optional(),
  gpu_resource: name.optional(),
  node_selector: words.optional(),
  tolerations: z.array(name).optional(),
  shm: name.optional(),
  /** Volume claims by the folder where they are seen. */
  volumes: words.optional(),
  /** Of Kueue. */
  queue: name.optional(),
  env: words.optional(),
  secrets: z.array(z.strictObject({ variable: name, secret: name, key: name })).optional(),
  service_account: name.optional(),
  image_pull_secrets: z.array(name).optional(),
  time_limit_min: size.optional(),
});

export const runOnSchema = z
  .strictObject({
    slurm: slurmSchema.optional(),
    pod: podSchema.optional(),
    kubernetes: kubernetesSchema.optional(),
  })
  .refine((place) => Object.values(place).filter((each) => each !== undefined).length === 1, {
    message: 'must name one of slurm, pod, kubernetes',
  });

export type SlurmPlace = z.output<typeof slurmSchema>;
export type KubernetesPlace = z.output<typeof kubernetesSchema>;
