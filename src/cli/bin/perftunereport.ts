#!/usr/bin/env node
// Program `perftunereport`.
import { runProgram } from '../main.ts';

await runProgram(process.argv.slice(2), { program: 'perftunereport', prefix: 'perf_tune_report_' });
