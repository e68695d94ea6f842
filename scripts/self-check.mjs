// Proves an installed server over stdio without any library: starts it, shakes hands, lists the tools, compares their
// names with the schemas that were shipped. Usage: node self-check.mjs SERVER SCHEMA_FOLDER
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';

const [server, schemas] = process.argv.slice(2);
const child = spawn(process.execPath, [server], { stdio: ['pipe', 'pipe', 'inherit'] });
const fail = (message) => {
  console.error(`self-check failed: ${message}`);
  child.kill();
  process.exit(4);
};
const timer = setTimeout(() => fail('no answer within 20 s'), 20_000);
const send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

let buffer = '';
child.stdout.on('data', (chunk) => {
  buffer += chunk;
  for (let end = buffer.indexOf('\n'); end >= 0; end = buffer.indexOf('\n')) {
    const line = buffer.slice(0, end);
    buffer = buffer.slice(end + 1);
    let message;
    try {
      message = JSON.parse(line);
    } catch {
      fail(`stdout holds something that is not protocol: ${line.slice(0, 80)}`);
    }
    if (message.error) fail(message.error.message);
    if (message.id === 1) {
      send({ method: 'notifications/initialized' });
      send({ id: 2, method: 'tools/list' });
    }
    if (message.id === 2) {
      const listed = message.result.tools.map((tool) => tool.name).sort();
      const shipped = readdirSync(schemas)
        .filter((name) => name.endsWith('.input.json'))
        .map((name) => name.replace('.input.json', ''))
        .sort();
      if (JSON.stringify(listed) !== JSON.stringify(shipped)) fail(`tools differ from schemas: ${listed}`);
      clearTimeout(timer);
      console.log(`ok: ${listed.length} tools, ${Buffer.byteLength(line)} bytes`);
      child.stdin.end();
    }
  }
});
child.on('exit', (code) => process.exit(code ?? 4));
send({
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'self-check', version: '1' } },
});
