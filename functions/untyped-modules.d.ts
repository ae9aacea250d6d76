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

declare module 'aws4' {
  type Post = {
    service: string;
    region: string;
    method: 'POST';
    path: string;
    headers: Record<string, string>;
    body: string;
  };
  type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

  /** By Signature Version 4, as of the header `x-amz-date`. */
  type Sign = (
    request: Post,
    credentials: Credentials,
  ) => { headers: Record<string, string | number> };
  const aws4: { sign: Sign };
  export default aws4;
}
