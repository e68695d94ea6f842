#!/usr/bin/env node
// Program `profile-and-optimize`.
import { main } from '../main.ts';

process.exitCode = await main(process.argv.slice(2), { program: 'profile-and-optimize', prefix: '' });
