// SPDX-License-Identifier: Apache-2.0
// The vault service under test: started with vaultctl in a fresh directory, and
// ended and removed whatever becomes of this program.
import {execFile, spawn} from 'node:child_process';
import {mkdtemp, readFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';

const run = promisify(execFile);

// What CMake hands over; a test that is started without it says so.
export function program(name) {
    const path = process.env[name];

    if (path === undefined)
        throw new Error(`${name} is not set: start this with ctest`);
    return path;
}

// Goes to work when the pipe to it closes, that is, when this program ends.
function startCaretaker(directory) {
    const script = 'read -r _ || :; "$1" stop "$2/vault"; rm -rf "$2"';
    const caretaker = spawn('/bin/sh', ['-c', script, 'sh', program('VAULTCTL'), directory],
        {stdio: ['pipe', 'ignore', 'inherit'], detached: true});

    caretaker.unref();
    return caretaker;
}

export async function startService(...vaults) {
    const directory = await mkdtemp(join(tmpdir(), 'portal-'));
    const caretaker = startCaretaker(directory);
    const data = join(directory, 'vault');
    const options = vaults.flatMap((name) => ['--vault', name]);
    const {stdout} = await run(program('VAULTCTL'), ['start', data, ...options]);
    const ready = JSON.parse(stdout);
    const password = (await readFile(ready.password_file, 'utf8')).trim();

    return {
        directory,
        url: ready.url,
        caFile: ready.ca_file,
        user: ready.user,
        password,
        vaults: ready.vaults,
        setClock: (offset) => run(program('VAULTLEVER'), ['clock', data, String(offset)]),
        vaultctl: (command, ...words) =>
            run(program('VAULTCTL'), [command, data, ...words]).then((result) => result.stdout),
        stop: () => new Promise((resolve, reject) => {
            caretaker.on('exit', (code) => code === 0 ? resolve() : reject(new Error(`caretaker: ${code}`)));
            caretaker.stdin.end();
        }),
    };
}

// A machine of its own, with the emulation of a token in its own directory.
export function machineOf(service, name) {
    const state = join(service.directory, name);

    return {
        state,
        register: (file, vault, token = 'soft:', ...options) => run(program('HOLDFAST'), ['register', file,
            '--token', token, '--allow-emulation', '--vault-host', new URL(service.url).host, '--ca-file',
            service.caFile, '--expect-vault', vault, '--state-dir', state, ...options]),
    };
}
