#!/usr/bin/env node
// Program `profile-and-optimize-mcp`: the MCP server on stdio.
import { main } from '../main.ts';

process.exitCode = await main(['mcp', ...process.argv.slice(2)], { program: 'profile-and-optimize-mcp', prefix: '' });
