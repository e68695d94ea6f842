// What the server tells an agent when it connects: how the verbs fit together, in a few sentences.

export const INSTRUCTIONS = `Records GPU performance measurements in an append-only registry, compares new ones with them, and says what got slower and how sure that is.
Start with perf_baseline_record (source = a result file of vLLM, SGLang, AIPerf, nccl-tests, nvbandwidth, or any JSON), then perf_baseline_diff (baseline = family/measurement@latest, current = the new file). Read decision beside verdict: a colour from one run a side is a hint, repeats make it a decision. Results carry unit, context and what is missing; large data is in the linked files. Verbs of class submits_jobs start work and need i_understand_this_submits_jobs: true; use dry_run first.`;
