// SPDX-License-Identifier: Apache-2.0
// The real restic as a machine: by its own REST client and its own TLS, with the
// key that the emulation of a token keeps in a file.
import {execFile, spawn} from 'node:child_process';
import {createHash, createPrivateKey} from 'node:crypto';
import {readFile, readdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';

const run = promisify(execFile);

async function findKey(state, certificate) {
    const directory = join(state, 'keys');
    const names = (await readdir(directory)).filter((name) => name.endsWith('.key'));

    if (names.length !== 1)
        throw new Error(`${directory}: ${names.length} keys where only the machine's should be`);
    const der = await readFile(join(directory, names[0]));
    const key = createPrivateKey({key: der, format: 'der', type: 'pkcs8'});

    return certificate + key.export({format: 'pem', type: 'pkcs8'});
}

// restic for the machine whose registration is recorded in STATE.
export async function resticOf(service, state, passphrase) {
    const record = JSON.parse(await readFile(join(state, 'state.json'), 'utf8'));
    const identity = join(state, 'identity.pem');
    const secret = join(state, `passphrase-${createHash('sha256').update(passphrase).digest('hex')}`);

    await writeFile(identity, await findKey(state, record.machine_certificate), {mode: 0o600});
    await writeFile(secret, passphrase, {mode: 0o600});
    const options = ['--repo', `rest:${service.url}/`, '--cacert', service.caFile,
        '--tls-client-cert', identity, '--password-file', secret, '--no-cache'];

    return {
        run: (...words) => run('restic', [...options, ...words], {maxBuffer: 1 << 24}),
        // Until restic says so of its first request that is refused: 0.14 would
        // go on trying for a quarter of an hour, 0.18 ends by itself.
        untilRefused: (...words) => untilRefused([...options, ...words]),
    };
}

function untilRefused(words) {
    return new Promise((resolve, reject) => {
        const restic = spawn('restic', words, {stdio: ['ignore', 'ignore', 'pipe']});
        let said = '';

        restic.stderr.setEncoding('utf8');
        restic.stderr.on('data', (text) => {
            said += text;
            if (/returned error, retrying/.test(said))
                restic.kill('SIGINT');
        });
        restic.on('close', (code) => code !== 0 ? resolve(said) : reject(new Error(`not refused: ${said}`)));
    });
}
