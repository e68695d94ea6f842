#!/usr/bin/env node
// Program `bench`.
import { runProgram } from '../main.ts';

await runProgram(process.argv.slice(2), { program: 'bench', prefix: 'bench_' });
