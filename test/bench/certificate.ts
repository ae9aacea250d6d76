import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a server on 127.0.0.1 shows, and where the certificate stands that its clients trust. */
export type Certificate = { key: Buffer; cert: Buffer; caFile: string };

/**
 * Makes a certificate authority and a certificate of it for this machine, as files of `directory`.
 * @throws where there is no OpenSSL 3 on this machine.
 */
export const makeCertificate = (directory: string): Certificate => {
  const file = (name: string) => join(directory, name);
  const make = (name: string, subject: string, ...more: string[]) =>
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-days', '2', '-subj', subject],
        ...['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`), ...more],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
  make('ca', '/CN=Benchmark CA');
  const authority = ['-CA', file('ca.crt'), '-CAkey', file('ca.key')];
  const extensions = ['subjectAltName=IP:127.0.0.1', 'basicConstraints=critical,CA:FALSE'];
  make('server', '/CN=127.0.0.1', ...authority, ...extensions.flatMap((text) => ['-addext', text]));
  return {
    key: readFileSync(file('server.key')),
    cert: readFileSync(file('server.crt')),
    caFile: file('ca.crt'),
  };
};
