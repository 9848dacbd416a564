// SPDX-License-Identifier: Apache-2.0
// The token endpoint and other people's programs: Microsoft's clients get tokens
// from the vault, and what holdfast sends to such an endpoint is what they send.
import assert from 'node:assert/strict';
import {constants, verify} from 'node:crypto';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {after, before, test} from 'node:test';
import {download} from './credential.js';
import {startListener} from './listener.js';
import {parse, pointTo, register, run} from './client.js';
import {startService} from './service.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
let service, credential;

before(async () => {
    service = await startService('lab1', 'lab2');
    credential = await download(service, 'lab1');
});

after(async () => {
    await service?.stop();
});

function getToken(client, authority, caFile, from) {
    const input = JSON.stringify({
        ...from,
        thumbprintHex: Buffer.from(from.thumbprint, 'base64url').toString('hex'),
    });

    return run(process.execPath, [join(import.meta.dirname, 'other_client.js'), client, authority],
        {input, env: {NODE_EXTRA_CA_CERTS: caFile}});
}

for (const client of ['identity', 'msal']) {
    test(`@azure/${client === 'msal' ? 'msal-node' : client} gets a token from the vault`, async () => {
        const {out, err, status} = await getToken(client, service.url, service.caFile, credential);

        assert.equal(status, 0, err);
        const {claims} = parse(out);

        assert.equal(claims.cnf['x5t#S256'], credential.thumbprint);
        assert.equal(claims.aud, credential.scope.replace('/.default', ''));
        assert.ok(claims.exp - claims.iat <= 600);
    });

    test(`${client} is told why when its file was superseded`, async () => {
        const old = await download(service, 'lab2');

        await download(service, 'lab2');
        const {err, status} = await getToken(client, service.url, service.caFile, old);

        assert.notEqual(status, 0);
        assert.match(err, /superseded/);
    });
}

// An authority that writes down each token request and refuses it.
async function startRecorder(tenant, ret) {
    return startListener(service.directory, (url) => async (request, reply) => {
        const path = new URL(request.url, url).pathname;

        reply.setHeader('Content-Type', 'application/json');
        if (path === `/${tenant}/v2.0/.well-known/openid-configuration`)
            reply.end(JSON.stringify({
                issuer: `${url}/${tenant}/v2.0`,
                token_endpoint: `${url}/${tenant}/oauth2/v2.0/token`,
                authorization_endpoint: `${url}/${tenant}/oauth2/v2.0/authorize`,
                jwks_uri: `${url}/${tenant}/discovery/v2.0/keys`,
                token_endpoint_auth_methods_supported: ['private_key_jwt'],
                token_endpoint_auth_signing_alg_values_supported: ['PS256', 'RS256', 'ES256'],
                tls_client_certificate_bound_access_tokens: true,
            }));
        else {
            ret.push({method: request.method, path, type: request.headers['content-type'],
                form: Object.fromEntries(new URLSearchParams(await text(request)))});
            reply.statusCode = 401;
            reply.end(JSON.stringify({error: 'invalid_client', error_description: 'only written down'}));
        }
    });
}

function checkAssertion(from, endpoint, {header, claims, signed, signature}) {
    const key = from.certificate.publicKey;

    assert.ok(verify('sha256', signed, {key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32}, signature));
    assert.deepEqual({...header}, {'alg': 'PS256', 'typ': 'JWT', 'x5t#S256': from.thumbprint});
    assert.equal(claims.aud, endpoint);
    assert.equal(claims.iss, from.clientId);
    assert.equal(claims.sub, from.clientId);
    assert.match(claims.jti, UUID);
    assert.equal(claims.exp - claims.nbf, 600);
    for (const name of ['iat', 'nbf', 'exp'])
        assert.ok(Number.isInteger(claims[name]), name);
    assert.ok(Math.abs(claims.nbf - claims.iat) <= 1);
}

test('holdfast sends the request and the assertion that Microsoft\'s clients send', async () => {
    const recorded = [];
    const from = await download(service, 'lab1');
    const recorder = await startRecorder(from.tenant, recorded);
    const endpoint = `${recorder.url}/${from.tenant}/oauth2/v2.0/token`;

    try {
        const path = await pointTo(service, recorder.url, from);

        for (const client of ['identity', 'msal'])
            await getToken(client, recorder.url, recorder.caFile, from);
        await register(service, path, recorder, 'recorded');
    } finally {
        await recorder.stop();
    }
    assert.equal(recorded.length, 3, JSON.stringify(recorded));
    const [identity, msal, ours] = recorded;
    const assertions = recorded.map(({form}) => parse(form.client_assertion));

    for (const assertion of assertions)
        checkAssertion(from, endpoint, assertion);
    // Claims by name: ours are theirs and the two that the vault asks for.
    const names = assertions.map(({claims}) => Object.keys(claims).sort());

    assert.deepEqual(names[0], names[1]);
    assert.deepEqual(names[2], [...names[0], 'resource', 'vault'].sort());
    for (const name of Object.keys(ours.form).filter((field) => field !== 'client_assertion')) {
        assert.equal(ours.form[name], identity.form[name].split(' ')[0], name);
        assert.equal(ours.form[name], msal.form[name].split(' ')[0], name);
    }
    for (const {method, path, type} of recorded) {
        assert.equal(method, 'POST');
        assert.equal(path, new URL(endpoint).pathname);
        assert.match(type, /^application\/x-www-form-urlencoded/);
    }
});
