import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';

/** A certificate that signs itself, for a host name. */
export interface Certificate {
  /** The path of the certificate, which is its own authority. */
  readonly file: string;
  readonly key: string;
}

/** Makes a certificate for `localhost` in a folder, good for a day. */
export function createCertificate(folder: string): Certificate {
  const [file, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', file], { stdio: 'ignore' });
  return { file, key };
}

/** The first message of a PostgreSQL client that wants TLS: its length, and the code of the request. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * Starts a network in front of a server until the test ends, which clients reach by TLS only; those of PostgreSQL ask for it first.
 * Returns the url of the server on `localhost` through that network.
 */
export async function startTlsNetwork(
  serverUrl: string,
  { file, key }: Certificate,
  onEnd: (end: () => void) => void,
): Promise<URL> {
  const url = new URL(serverUrl);
  const target = { host: url.hostname, port: Number(url.port) };
  const secureContext = createSecureContext({ cert: readFileSync(file), key: readFileSync(key) });
  const sockets = new Set<Socket>();
  const keep = <T extends Socket>(socket: T): T => {
    sockets.add(socket.on('error', () => undefined));
    return socket;
  };
  const encrypt = (near: Socket) => {
    const far = keep(connect(target));
    const plain = keep(new TLSSocket(near, { isServer: true, secureContext }));
    far.on('close', () => plain.destroy());
    plain.on('close', () => far.destroy());
    far.pipe(plain).pipe(far);
  };
  const network = createServer((near) => {
    keep(near);
    if (url.protocol === 'postgres:') {
      near.once('data', (first: Buffer) => {
        near.write(first.equals(SSL_REQUEST) ? 'S' : 'N');
        encrypt(near);
      });
    } else {
      encrypt(near);
    }
  });
  network.listen({ port: 0, host: '127.0.0.1' });
  await once(network, 'listening');
  onEnd(() => {
    network.close();
    sockets.forEach((socket) => socket.destroy());
  });
  const address = network.address();
  url.host = `localhost:${typeof address === 'object' ? address?.port : ''}`;
  return url;
}
