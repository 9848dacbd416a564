// SPDX-License-Identifier: Apache-2.0
// usage: verify_webauthn.js FILE AUTHORITY [SEED COUNT]
// Whether @simplewebauthn/server, a library for websites, accepts an evidence
// file's WebAuthn registration, trusting the certificate (PEM) of AUTHORITY
// alone; with SEED, whether it refuses each of COUNT copies with one bit changed.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SettingsService, verifyRegistrationResponse } from '@simplewebauthn/server';

const [file, authority, seed, count] = process.argv.slice(2);
const { webauthn, binding, evidence, signatures_der, attestation_key } = JSON.parse(readFileSync(file, 'utf8'));
const bytes = (text) => Buffer.from(text, 'base64url');

// What the registration has to answer: B of docs/attestation.md.
const challenge = createHash('sha256').update(bytes(binding.nonce)).update(binding.vault)
    .update(bytes(binding.machine_spki)).update(bytes(binding.certificate_sha256)).digest('base64url');
SettingsService.setRootCertificates({ identifier: 'tpm', certificates: [readFileSync(authority, 'utf8')] });

// "" where it is accepted, else why not.
async function refusal(response) {
    try {
        const { verified, registrationInfo } = await verifyRegistrationResponse({
            response: { ...webauthn, response },
            expectedChallenge: challenge,
            expectedOrigin: `urn:holdfast:vault:${binding.vault}`,
            expectedRPID: 'holdfast',
            requireUserVerification: false,
        });
        return verified && registrationInfo.fmt === 'tpm' ? '' : 'not verified';
    } catch (error) {
        return error.cause ? `${error.message}: ${error.cause.message}` : error.message;
    }
}

// Numbers below 1, the same for one seed (mulberry32).
function randomly(state) {
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
}

// The offset and length of what is in the DER element at OFFSET.
function inside(der, offset) {
    const first = der[offset + 1];
    const more = first < 0x80 ? 0 : first & 0x7f;
    const length = more === 0 ? first : der.readUIntBE(offset + 2, more);
    return [offset + 2 + more, length];
}

// The places of the two numbers of ECDSA-Sig-Value.  The library reads a changed
// length around them as the same numbers, and so as the same signature.
function numbers(der, offset) {
    const [r, rLength] = inside(der, inside(der, offset)[0]);
    const [s, sLength] = inside(der, r + rLength);
    return [[r, rLength], [s, sLength]];
}

// What a certificate's issuer signed, and the signature.
function certificate(der) {
    const [start] = inside(der, 0);
    const [tbs, tbsLength] = inside(der, start);
    const [algorithm, algorithmLength] = inside(der, tbs + tbsLength);
    const [bits] = inside(der, algorithm + algorithmLength);
    return [[start, tbs + tbsLength - start], ...numbers(der, bits + 1)];
}

// All that is signed, or a signature, in the registration's two byte strings.
function places(all, clientLength) {
    const list = [[0, clientLength]];
    const add = (text, parts) => {
        const value = bytes(text);
        const offset = all.indexOf(value, clientLength);
        if (offset < 0) {
            throw new Error('the registration is not of the evidence beside it');
        }
        parts(value).forEach(([start, length]) => list.push([offset + start, length]));
    };
    const whole = (value) => [[0, value.length]];
    add(evidence.machine.statement, whole);
    add(evidence.machine.public, whole);
    add(binding.authenticator_data, whole);
    add(signatures_der.machine, (value) => numbers(value, 0));
    add(attestation_key.certificate, certificate);
    return list.flatMap(([start, length]) => Array.from({ length }, (_, i) => start + i));
}

// The registration with one bit changed.
function changed(next) {
    const client = bytes(webauthn.response.clientDataJSON);
    const all = Buffer.concat([client, bytes(webauthn.response.attestationObject)]);
    const list = places(all, client.length);
    const place = list[Math.floor(next() * list.length)];
    const bit = Math.floor(next() * 8);
    all[place] ^= 1 << bit;
    return {
        place: `bit ${bit} of byte ${place}`,
        response: {
            clientDataJSON: all.subarray(0, client.length).toString('base64url'),
            attestationObject: all.subarray(client.length).toString('base64url'),
        },
    };
}

const why = await refusal(webauthn.response);
if (why !== '') {
    console.log(why);
    process.exit(1);
}
const next = randomly(Number(seed));
for (let i = 0; i < Number(count ?? 0); i++) {
    const { place, response } = changed(next);
    if (await refusal(response) === '') {
        console.log(`accepted with ${place} changed`);
        process.exit(1);
    }
}
