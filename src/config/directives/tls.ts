/** TLS: the port it is spoken on, who the server shows itself to be, and whom it believes. */

import type { Directives } from '../directive.ts';
import { enumeration, integer, secret, text, yesNo } from '../scalar-types.ts';
import { tlsProtocols } from '../tls-protocols.ts';

const path = text({ optional: true, expected: 'a path; empty means none' });

export const tlsDirectives = {
  'tls-port': {
    type: integer(0, 65535),
    default: '0',
    mutable: false,
    summary:
      'TCP port to speak TLS on; 0 for none. With `port 0` it is the only one. At run time, Redis can change it; Zippy cannot.',
  },
  'tls-grpc': {
    type: yesNo(),
    default: 'no',
    mutable: false,
    summary: 'Speak TLS on grpc-port, with the same certificates. Zippy’s own.',
  },
  'tls-line': {
    type: yesNo(),
    default: 'no',
    mutable: false,
    summary: 'Speak TLS on line-port, with the same certificates. Zippy’s own.',
  },
  'tls-cert-file': {
    type: path,
    default: '',
    mutable: true,
    readsFiles: true,
    summary: 'The server’s certificate, PEM, with those that lead to its authority.',
  },
  'tls-key-file': {
    type: path,
    default: '',
    mutable: true,
    readsFiles: true,
    summary: 'The private key of the certificate, PEM.',
  },
  'tls-key-file-pass': {
    type: secret(),
    default: '',
    mutable: true,
    sensitive: true,
    readsFiles: true,
    summary: 'What the private key is encrypted with.',
  },
  'tls-ca-cert-file': {
    type: path,
    default: '',
    mutable: true,
    readsFiles: true,
    summary: 'Certificates of the authorities whose clients are believed, PEM.',
  },
  'tls-ca-cert-dir': {
    type: path,
    default: '',
    mutable: true,
    readsFiles: true,
    summary: 'A directory of such certificates: all files ending in .pem, .crt, .cer or .0.',
  },
  'tls-auth-clients': {
    type: enumeration(['no', 'yes', 'optional']),
    default: 'yes',
    mutable: true,
    readsFiles: true,
    summary:
      'Whether clients have to show a certificate; `optional`: only that one they show must be good.',
  },
  'tls-protocols': {
    type: tlsProtocols(),
    default: '',
    mutable: true,
    readsFiles: true,
    summary: 'Versions of TLS to speak; empty means 1.2 and 1.3.',
  },
  'tls-ciphers': {
    type: text({ optional: true, expected: 'OpenSSL’s names with colons between them' }),
    default: '',
    mutable: true,
    readsFiles: true,
    summary: 'Ciphers for versions up to 1.2; empty means the usual ones.',
  },
  'tls-ciphersuites': {
    type: text({ optional: true, expected: 'OpenSSL’s names with colons between them' }),
    default: '',
    mutable: true,
    readsFiles: true,
    summary: 'Ciphers for version 1.3; empty means the usual ones.',
  },
  'tls-prefer-server-ciphers': {
    type: yesNo(),
    default: 'no',
    mutable: true,
    readsFiles: true,
    summary: 'Choose ciphers in the server’s order of preference, not the client’s.',
  },
} as const satisfies Directives;
