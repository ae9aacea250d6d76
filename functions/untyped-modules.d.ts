// Text, not modules: the bundler goes by the attribute, the tests' runner by the query.
declare module '*?raw' {
  const text: string;
  export default text;
}

// The client alone, without fetch, mocks and the other dispatchers that undici's main module loads.
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';
  import symbols from 'undici/lib/core/symbols.js';

  class ConnectingClient extends Client {
    [symbols.kConnect](connected: () => void): void;
  }
  export default ConnectingClient;
}

declare module 'undici/lib/core/symbols.js' {
  const symbols: { readonly kConnect: unique symbol };
  export default symbols;
}

declare module 'undici/lib/core/connect.js' {
  import type { Socket } from 'node:net';
  import type { buildConnector } from 'undici';

  type Open = (...call: Parameters<buildConnector.connector>) => Socket;
  export default function build(options: buildConnector.BuildOptions): Open;
}
