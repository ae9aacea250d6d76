import { expect, test } from 'vitest';
import { unzip } from '../../infra/operate/deployed.ts';

/** Made by Python's zipfile: index.mjs and deployment.json deflated, stored.txt as it is, a comment. */
const ZIP = Buffer.from(
  [
    'UEsDBBQAAAAIAIYafV2JDIzTIAAAAPQBAAAJAAAAaW5kZXgubWpzS60oyC8qUUjOzysuUchIzEvJSS1S',
    'sFUwtE4dlRiuEgBQSwMEFAAAAAgAhhp9XdNFfGpAAAAAAwEAAA8AAABkZXBsb3ltZW50Lmpzb26rVirI',
    'z8lMrlSyqlZKzMnJL09Ncc5IzMtLzSlWsopWcjYIcAwK8XMNMjBUiq3VUSpITEnJzEtXslKqGCZAqRYA',
    'UEsDBBQAAAAAAIYafV2zJE6WCAAAAAgAAAAKAAAAc3RvcmVkLnR4dGFzIGl0IGlzUEsBAhQDFAAAAAgA',
    'hhp9XYkMjNMgAAAA9AEAAAkAAAAAAAAAAAAAAIABAAAAAGluZGV4Lm1qc1BLAQIUAxQAAAAIAIYafV3T',
    'RXxqQAAAAAMBAAAPAAAAAAAAAAAAAACAAUcAAABkZXBsb3ltZW50Lmpzb25QSwECFAMUAAAAAACGGn1d',
    'syROlggAAAAIAAAACgAAAAAAAAAAAAAAgAG0AAAAc3RvcmVkLnR4dFBLBQYAAAAAAwADAKwAAADkAAAA',
    'CQBhIGNvbW1lbnQ=',
  ].join(''),
  'base64',
);

test('a deflated file is taken out of a zip', () => {
  const text = unzip(ZIP, 'deployment.json')?.toString() ?? '';
  expect(JSON.parse(text).policy).toEqual({ allowedChannels: ['C0PARTNER01'] });
});

test('so is one that is not compressed', () => {
  expect(unzip(ZIP, 'stored.txt')?.toString()).toBe('as it is');
});

test('a file that is not there is undefined', () => {
  expect(unzip(ZIP, 'nothing.txt')).toBeUndefined();
});

test('what is not a zip is told', () => {
  expect(() => unzip(Buffer.from('<html></html>'), 'deployment.json')).toThrow('is not a zip');
});
