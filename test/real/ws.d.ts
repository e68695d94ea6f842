// The part of `ws` that the stand-in for the Kubernetes API uses; the package brings no types.
declare module 'ws' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';

  export interface WebSocket extends EventEmitter {
    readonly readyState: number;
    send(data: Uint8Array): void;
    close(code?: number): void;
    terminate(): void;
  }

  export class WebSocketServer {
    constructor(options: {
      noServer: true;
      handleProtocols: (protocols: ReadonlySet<string>) => string | false;
      perMessageDeflate: boolean;
    });
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, done: (socket: WebSocket) => void): void;
  }
}
