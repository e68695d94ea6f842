// The stand-in server as a process of its own, for tests in which a server is started anew: `serve-stand-in.ts <port>`.
import { startStandIn } from './stand-in-server.ts';

void startStandIn({ port: Number(process.argv[2]), chunks: 4 });
