#!/usr/bin/env node
// Program `bench`.
import { main } from '../main.ts';

process.exitCode = await main(process.argv.slice(2), { program: 'bench', prefix: 'bench_' });
