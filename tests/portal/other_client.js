// SPDX-License-Identifier: Apache-2.0
// usage: node other_client.js identity|msal AUTHORITY, with the rest in JSON on
// standard input.  One of Microsoft's clients gets an access token and prints
// it.  A process of its own, so that NODE_EXTRA_CA_CERTS says whom it trusts.
import {text} from 'node:stream/consumers';

const [client, authority] = process.argv.slice(2);
const {tenant, clientId, pemPath, pem, thumbprintHex, scope} = JSON.parse(await text(process.stdin));

async function withIdentity() {
    const {ClientCertificateCredential} = await import('@azure/identity');
    const credential = new ClientCertificateCredential(tenant, clientId, {certificatePath: pemPath},
        {authorityHost: authority, disableInstanceDiscovery: true, retryOptions: {maxRetries: 0}});

    return (await credential.getToken(scope)).token;
}

async function withMsal() {
    const msal = await import('@azure/msal-node');
    const application = new msal.ConfidentialClientApplication({
        auth: {
            clientId,
            authority: `${authority}/${tenant}`,
            knownAuthorities: [new URL(authority).host],
            clientCertificate: {
                thumbprintSha256: thumbprintHex,
                privateKey: /-----BEGIN PRIVATE KEY-----[^]*-----END PRIVATE KEY-----/.exec(pem)[0],
            },
        },
    });

    return (await application.acquireTokenByClientCredential({scopes: [scope]})).accessToken;
}

process.stdout.write(await (client === 'identity' ? withIdentity() : withMsal()));
