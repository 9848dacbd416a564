// SPDX-License-Identifier: Apache-2.0
// holdfast gets its access token from oidc-provider, an independent server of
// the same standards (RFC 7523, RFC 8705), given a file that points there.
import assert from 'node:assert/strict';
import {Readable} from 'node:stream';
import {text} from 'node:stream/consumers';
import {after, before, test} from 'node:test';
import Provider from 'oidc-provider';
import {pointTo, register} from './client.js';
import {download} from './credential.js';
import {startListener} from './listener.js';
import {startService} from './service.js';

let service;

before(async () => {
    service = await startService('lab1');
});

after(async () => {
    await service?.stop();
});

function clientOf(from, method) {
    const key = from.certificate.publicKey.export({format: 'jwk'});

    return {
        client_id: from.clientId,
        token_endpoint_auth_method: method,
        ...method === 'private_key_jwt' ? {token_endpoint_auth_signing_alg: 'PS256'} : {},
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        tls_client_certificate_bound_access_tokens: true,
        jwks: {keys: [{...key, use: 'sig', x5c: [from.certificate.raw.toString('base64')]}]},
    };
}

function peerCertificate(context) {
    const {raw} = context.socket.getPeerCertificate();

    return raw === undefined ? undefined
        : `-----BEGIN CERTIFICATE-----\n${raw.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

function newProvider(url, from, method) {
    const audience = from.scope.replace('/.default', '');
    const provider = new Provider(url, {
        clients: [clientOf(from, method)],
        clientAuthMethods: ['private_key_jwt', 'self_signed_tls_client_auth'],
        routes: {token: `/${from.tenant}/oauth2/v2.0/token`},
        scopes: [from.scope],
        features: {
            devInteractions: {enabled: false},
            clientCredentials: {enabled: true},
            mTLS: {
                enabled: true,
                certificateBoundAccessTokens: true,
                selfSignedTlsClientAuth: true,
                getCertificate: peerCertificate,
            },
            resourceIndicators: {
                enabled: true,
                defaultResource: () => audience,
                getResourceServerInfo: () => ({scope: from.scope, audience, accessTokenFormat: 'jwt',
                    accessTokenTTL: 600}),
            },
        },
    });

    return provider;
}

// Entra's path for the discovery; and, where DROP, a token request without the
// assertion, so that nothing but the TLS certificate is left to go by.
async function adapt(request, from, drop) {
    if (request.url === `/${from.tenant}/v2.0/.well-known/openid-configuration`)
        request.url = '/.well-known/openid-configuration';
    if (!drop || request.method !== 'POST')
        return request;
    const form = new URLSearchParams(await text(request));

    form.delete('client_assertion');
    form.delete('client_assertion_type');
    const body = Buffer.from(form.toString());
    const copy = Object.assign(Readable.from([body]), {method: 'POST', url: request.url, socket: request.socket,
        httpVersion: request.httpVersion, headers: {...request.headers, 'content-length': String(body.length)}});

    return copy;
}

// What the provider says of one registration: tokens given, errors.
async function registerAt(method, {drop = false, alter = (from) => from} = {}) {
    const from = await download(service, 'lab1');
    const said = {tokens: [], errors: []};
    const listener = await startListener(service.directory, (url) => {
        const provider = newProvider(url, alter(from), method);
        const answer = provider.callback();

        provider.on('grant.success', (context) => said.tokens.push(context.oidc.entities.ClientCredentials));
        provider.on('grant.error', (context, error) => said.errors.push(error.error_detail ?? error.message));
        return async (request, reply) => answer(await adapt(request, from, drop), reply);
    });

    try {
        const path = await pointTo(service, listener.url, from);

        said.result = await register(service, path, listener, `at-${new URL(listener.url).port}`);
    } finally {
        await listener.stop();
    }
    return {...said, from};
}

// The provider has no vault behind it: after the token the registration ends.
function assertToken({tokens, errors, result, from}) {
    assert.deepEqual(errors, [], result.err);
    assert.equal(tokens.length, 1);
    assert.equal(tokens[0].clientId, from.clientId);
    assert.equal(tokens[0]['x5t#S256'], from.thumbprint);
    assert.equal(tokens[0].scope, from.scope);
    assert.notEqual(result.status, 0);
}

test('by private_key_jwt, bound to the credential\'s certificate', async () => {
    assertToken(await registerAt('private_key_jwt'));
});

test('by self_signed_tls_client_auth, from the TLS certificate alone', async () => {
    assertToken(await registerAt('self_signed_tls_client_auth', {drop: true}));
});

test('another key gets none, by either method', async () => {
    const other = await download(service, 'lab1');
    const alter = (from) => ({...from, certificate: other.certificate});

    for (const method of ['private_key_jwt', 'self_signed_tls_client_auth']) {
        const {tokens, errors, result} = await registerAt(method, {drop: method !== 'private_key_jwt', alter});

        assert.equal(tokens.length, 0);
        assert.equal(errors.length, 1, result.err);
        assert.match(result.err, /invalid_client|client authentication failed/);
    }
});
