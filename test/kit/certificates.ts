/**
 * Certificates for tests of TLS, made with openssl where there is one: an authority, a server and a client that it signed, and a
 * client that nobody knows. Gone with the directory they are in.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function opensslAvailable(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A certificate with its key: where they are, and what they say. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: Buffer;
  readonly key: Buffer;
}

export class Certificates implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'zippy-tls-'));
  readonly authority: Certificate;

  constructor() {
    this.authority = this.make('authority', []);
  }

  /** One that the authority signed, for this machine. */
  signed(name: string): Certificate {
    const { certFile, keyFile } = this.authority;
    return this.make(name, ['-CA', certFile, '-CAkey', keyFile]);
  }

  /** One that only its owner vouches for. */
  stranger(name: string): Certificate {
    return this.make(name, []);
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private make(name: string, signing: readonly string[]): Certificate {
    const certFile = join(this.directory, `${name}.pem`);
    const keyFile = join(this.directory, `${name}.key`);
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const subject = [
      '-subj',
      `/CN=${name}`,
      '-addext',
      'subjectAltName=IP:127.0.0.1,DNS:localhost',
    ];
    const files = ['-keyout', keyFile, '-out', certFile, '-days', '2'];
    const args = ['req', ...kind, ...subject, ...files, ...signing];
    execFileSync('openssl', args, { stdio: 'ignore' });
    return { certFile, keyFile, cert: readFileSync(certFile), key: readFileSync(keyFile) };
  }
}
