#!/usr/bin/env node
// Program `profile-and-optimize`.
import { runProgram } from '../main.ts';

await runProgram(process.argv.slice(2), { program: 'profile-and-optimize', prefix: '' });
