// SPDX-License-Identifier: Apache-2.0
// holdfast as the client of an authority that is not the vault's own, and what
// it and others say to one.
import {spawn} from 'node:child_process';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {program} from './service.js';

// What a program says, given INPUT; its status, too.
export async function run(command, words, {input = '', env = {}} = {}) {
    const child = spawn(command, words, {env: {...process.env, ...env}, stdio: ['pipe', 'pipe', 'pipe']});

    child.stdin.end(input);
    const [out, err, status] = await Promise.all(
        [text(child.stdout), text(child.stderr), new Promise((resolve) => child.on('close', resolve))]);

    return {out, err, status};
}

// The file as URL's authority and vault would have given it out.
export async function pointTo(service, url, from) {
    const path = join(service.directory, `${new URL(url).port}.VaultCredentials`);
    const file = from.text.replace(/<AadAuthority>[^<]*/, `<AadAuthority>${url}`)
        .replace(/<IdMgmtRestEndpoint>[^<]*/, `<IdMgmtRestEndpoint>${url}/backup/`);

    await writeFile(path, file, {mode: 0o600});
    return path;
}

export function register(service, path, listener, name) {
    return run(program('HOLDFAST'), ['register', path, '--token', 'soft:', '--allow-emulation', '--vault-host',
        new URL(listener.url).host, '--ca-file', listener.caFile, '--expect-vault', 'lab1', '--state-dir',
        join(service.directory, name)]);
}

// A compact JWS, taken apart.
export function parse(compact) {
    const [header, claims, signature] = compact.split('.');

    return {
        header: JSON.parse(Buffer.from(header, 'base64url')),
        claims: JSON.parse(Buffer.from(claims, 'base64url')),
        signed: Buffer.from(`${header}.${claims}`),
        signature: Buffer.from(signature, 'base64url'),
    };
}
