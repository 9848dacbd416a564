// SPDX-License-Identifier: Apache-2.0
// An emulated TPM as it comes from a maker: with endorsement keys and the
// certificates for them, by a CA of the test's.
import {execFile, spawn} from 'node:child_process';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {promisify} from 'node:util';

const run = promisify(execFile);

// In DIRECTORY, which is short: a socket's path has at most 107 bytes.
export async function startTpm(directory) {
    const maker = join(directory, 'maker');
    const state = join(directory, 'state');
    const socket = join(directory, 's');

    await mkdir(maker, {recursive: true});
    await mkdir(state);
    await writeFile(join(maker, 'ca.conf'), `statedir=${maker}\nsigningkey=${maker}/signkey.pem\n` +
        `issuercert=${maker}/issuercert.pem\ncertserial=${maker}/certserial\n`);
    await writeFile(join(maker, 'setup.conf'), `create_certs_tool=/usr/bin/swtpm_localca\n` +
        `create_certs_tool_config=${maker}/ca.conf\ncreate_certs_tool_options=/dev/null\n` +
        'active_pcr_banks=sha256\n');
    await run('swtpm_setup', ['--tpm2', '--tpmstate', state, '--create-ek-cert', '--lock-nvram', '--config',
        join(maker, 'setup.conf'), '--logfile', join(maker, 'log'), '--pcr-banks', 'sha256']);
    // It is ready when the one that was started here ends, and goes when the test does.
    const tpm = spawn('swtpm', ['socket', '--tpm2', '--tpmstate', `dir=${state}`, '--server',
        `type=unixio,path=${socket}`, '--ctrl', `type=unixio,path=${socket}.ctrl`, '--flags',
        'not-need-init,startup-clear', '--pid', `file=${join(directory, 'pid')}`, '--daemon'], {stdio: 'inherit'});

    await new Promise((resolve, reject) => tpm.on('exit',
        (code) => code === 0 ? resolve() : reject(new Error(`swtpm: ${code}`))));
    return {
        token: `tpm2:swtpm=${socket}`,
        roots: [join(maker, 'swtpm-localca-rootca-cert.pem'), join(maker, 'issuercert.pem')],
        stop: async () => process.kill(Number(await readFile(join(directory, 'pid'), 'utf8'))),
    };
}
