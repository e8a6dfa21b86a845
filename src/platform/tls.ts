/**
 * What TLS is to be like, and node:tls's options made from it. Certificates and keys are read each time, so making the
 * options again takes over files that were renewed in place.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';

const tlsVersions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

type TlsVersion = (typeof tlsVersions)[number];

/** Empty texts are not given. */
export interface TlsSettings {
  readonly certFile: string;
  readonly keyFile: string;
  readonly keyPassphrase: Uint8Array;
  readonly caFile: string;
  readonly caDirectory: string;
  /** Whether clients have to show a certificate that the authorities have signed. */
  readonly clientCertificates: 'required' | 'optional' | 'not-asked';
  /** None is the usual ones: 1.2 and 1.3. */
  readonly versions: readonly TlsVersion[];
  /** For up to TLS 1.2, in OpenSSL's words. */
  readonly ciphers: string;
  /** For TLS 1.3. */
  readonly cipherSuites: string;
  readonly prefersOwnCiphers: boolean;
}

/** How long a client may take to agree on keys. */
const handshakeTimeoutMs = 10_000;
/** OpenSSL's own. Node takes both kinds in one list, and leaves TLS 1.3 out where the list has none of its suites. */
const suitesDefault = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256';
const certificatePattern = /\.(pem|crt|cer|0)$/;

/** Throws an Error that says what cannot be: a file that cannot be read, a key that is not the certificate's. */
export function tlsOptions(settings: TlsSettings): tls.TlsOptions {
  const { certFile, keyFile, keyPassphrase, clientCertificates } = settings;
  if (certFile === '') throw new Error('there is no tls-cert-file');
  const ca = authorities(settings);
  if (clientCertificates !== 'not-asked' && ca.length === 0) {
    throw new Error(
      'client certificates are asked for (tls-auth-clients), but there is no tls-ca-cert-file or tls-ca-cert-dir',
    );
  }
  const options: tls.TlsOptions = {
    cert: readFileSync(certFile),
    // The two may be in one file.
    key: readFileSync(keyFile === '' ? certFile : keyFile),
    ...(keyPassphrase.length > 0 ? { passphrase: Buffer.from(keyPassphrase).toString() } : {}),
    ...(ca.length > 0 ? { ca } : {}),
    ...versionOptions(settings.versions),
    ...cipherOptions(settings),
    honorCipherOrder: settings.prefersOwnCiphers,
    requestCert: clientCertificates !== 'not-asked',
    // One that is shown must be good even where none need be: see isTrusted.
    rejectUnauthorized: clientCertificates === 'required',
    handshakeTimeout: handshakeTimeoutMs,
  };
  tls.createSecureContext(options);
  return options;
}

/** Whether the client showed no certificate, or one that is good. */
export function isTrusted(socket: tls.TLSSocket): boolean {
  return socket.authorized || Object.keys(socket.getPeerCertificate() ?? {}).length === 0;
}

function authorities({ caFile, caDirectory }: TlsSettings): Buffer[] {
  const files = caFile === '' ? [] : [caFile];
  if (caDirectory !== '') {
    const names = readdirSync(caDirectory).filter((name) => certificatePattern.test(name));
    files.push(...names.sort().map((name) => join(caDirectory, name)));
  }
  return files.map((file) => readFileSync(file));
}

function versionOptions(versions: readonly TlsVersion[]): tls.TlsOptions {
  const chosen = tlsVersions.filter((version) => versions.includes(version));
  const [minVersion, maxVersion] = [chosen[0], chosen.at(-1)];
  return minVersion === undefined || maxVersion === undefined ? {} : { minVersion, maxVersion };
}

function cipherOptions({ ciphers, cipherSuites }: TlsSettings): tls.TlsOptions {
  if (ciphers === '' && cipherSuites === '') return {};
  const suites = cipherSuites === '' ? suitesDefault : cipherSuites;
  const older = ciphers === '' ? tls.DEFAULT_CIPHERS.split(':').filter(isOlder).join(':') : ciphers;
  return { ciphers: `${suites}:${older}` };
}

function isOlder(cipher: string): boolean {
  return !cipher.startsWith('TLS_');
}
