#!/usr/bin/env node
// Program `perftunereport`.
import { main } from '../main.ts';

process.exitCode = await main(process.argv.slice(2), { program: 'perftunereport', prefix: 'perf_tune_report_' });
