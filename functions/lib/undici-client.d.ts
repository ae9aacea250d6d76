// The client alone, without fetch, mocks and the other dispatchers that undici's main module loads.
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';

  export default Client;
}
