// SPDX-License-Identifier: Apache-2.0
// A vault credentials file as other people's programs read it.
import {execFileSync} from 'node:child_process';
import {X509Certificate, createHash} from 'node:crypto';
import {readFile, writeFile} from 'node:fs/promises';

function element(text, name) {
    const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text);

    if (found === null)
        throw new Error(`the file has no ${name}`);
    return found[1];
}

// Fields, and a PEM file with certificate and key beside the file.
async function readCredential(path) {
    const text = await readFile(path, 'utf8');
    const pem = execFileSync('openssl', ['pkcs12', '-legacy', '-nodes', '-passin', 'pass:'],
        {input: Buffer.from(element(text, 'ManagementCert'), 'base64'), stdio: ['pipe', 'pipe', 'ignore']});
    const certificate = new X509Certificate(pem);

    await writeFile(`${path}.pem`, pem, {mode: 0o600});
    return {
        path,
        text,
        pemPath: `${path}.pem`,
        pem: pem.toString(),
        certificate,
        thumbprint: createHash('sha256').update(certificate.raw).digest('base64url'),
        authority: element(text, 'AadAuthority'),
        tenant: element(text, 'AadTenantId'),
        clientId: element(text, 'ServicePrincipalClientId'),
        scope: `${element(text, 'AadAudience')}/.default`,
    };
}

// A new file of that vault.
export async function download(service, vault) {
    const path = await service.vaultctl('download', vault, '--machines', 'several', '--out', service.directory);

    return readCredential(path.trim());
}
