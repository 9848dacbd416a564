// SPDX-License-Identifier: Apache-2.0
// A TLS server of a test's own on a free port, with a certificate of its own
// making, which asks for a client certificate and takes any.
import {execFileSync} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:https';
import {join} from 'node:path';

export async function startListener(directory, handle) {
    const key = join(directory, 'listener.key');
    const caFile = join(directory, 'listener.pem');

    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
        '-keyout', key, '-out', caFile, '-days', '2', '-subj', '/CN=localhost', '-addext',
        'subjectAltName=DNS:localhost'], {stdio: 'ignore'});
    const server = createServer({
        key: await readFile(key),
        cert: await readFile(caFile),
        minVersion: 'TLSv1.3',
        requestCert: true,
        rejectUnauthorized: false,
    });

    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://localhost:${server.address().port}`;

    server.on('request', await handle(url));
    return {
        url,
        caFile,
        stop: () => new Promise((resolve) => {
            server.close(resolve);
            server.closeAllConnections();
        }),
    };
}
