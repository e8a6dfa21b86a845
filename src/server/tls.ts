/** The configuration of TLS as the transport takes it, and how a CONFIG SET reaches it. */
import { resolve } from 'node:path';
import type { Config } from '#config/config.ts';
import { tlsDirectives } from '#config/directives/tls.ts';
import { systemErrorText } from '#platform/files.ts';
import type { TlsSettings } from '#platform/tls.ts';
import type { Listener } from '#platform/transport.ts';

const clientCertificates = { yes: 'required', optional: 'optional', no: 'not-asked' } as const;

export function tlsSettings(config: Config): TlsSettings {
  const path = (
    name: 'tls-cert-file' | 'tls-key-file' | 'tls-ca-cert-file' | 'tls-ca-cert-dir',
  ) => {
    const text = config.get(name);
    return text === '' ? '' : resolve(config.get('dir'), text);
  };
  return {
    certFile: path('tls-cert-file'),
    keyFile: path('tls-key-file'),
    keyPassphrase: config.get('tls-key-file-pass'),
    caFile: path('tls-ca-cert-file'),
    caDirectory: path('tls-ca-cert-dir'),
    clientCertificates: clientCertificates[config.get('tls-auth-clients')],
    versions: config.get('tls-protocols'),
    ciphers: config.get('tls-ciphers'),
    cipherSuites: config.get('tls-ciphersuites'),
    prefersOwnCiphers: config.get('tls-prefer-server-ciphers'),
  };
}

/**
 * Has the listeners take over what CONFIG SET changes, files that were renewed in place too; connections that exist keep
 * what they agreed on. Returns how to stop that.
 */
export function renewTlsOnChange(config: Config, listeners: readonly Listener[]): () => void {
  const renew = (): string | undefined => {
    try {
      for (const listener of listeners) listener.renewTls(tlsSettings(config));
      return undefined;
    } catch (error) {
      return `Unable to update TLS configuration: ${systemErrorText(error)}`;
    }
  };
  // Only names of the table.
  const names = Object.keys(tlsDirectives) as (keyof typeof tlsDirectives)[];
  const stops = names.map((name) => config.onChange(name, renew));
  return () => {
    for (const stop of stops) stop();
  };
}
