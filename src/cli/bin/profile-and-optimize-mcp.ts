#!/usr/bin/env node
// Program `profile-and-optimize-mcp`: the MCP server on stdio.
import { runProgram } from '../main.ts';

await runProgram(['mcp', ...process.argv.slice(2)], { program: 'profile-and-optimize-mcp', prefix: '' });
