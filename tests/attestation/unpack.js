// SPDX-License-Identifier: Apache-2.0
// usage: unpack.js FILE DIRECTORY
// Writes each value of an evidence file into a file of its own, for tools that
// know neither JSON nor base64url.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [file, directory] = process.argv.slice(2);
const evidence = JSON.parse(readFileSync(file, 'utf8'));

if (evidence.format !== 'holdfast-evidence' || evidence.version !== 1) {
    console.error(`${file} is no evidence file of version 1`);
    process.exit(65);
}

function write(name, bytes) {
    writeFileSync(join(directory, name), bytes);
}

function bytes(name, value) {
    if (value !== undefined) {
        write(name, Buffer.from(value, 'base64url'));
    }
}

const { binding, offer, verdict } = evidence;
// What is printed is one line.
const words = [evidence.machine, evidence.vault, evidence.time, evidence.verifier.name, evidence.verifier.version,
    verdict.origin, verdict.proof, verdict.endorsement];
if (!words.every((each) => typeof each === 'string' && /^[\w.:-]+$/.test(each)) ||
    typeof verdict.emulated !== 'boolean') {
    console.error(`${file} is no evidence file: its verdict is no words`);
    process.exit(65);
}
write('vault', binding.vault);
write('judged_vault', evidence.vault);
write('about', `machine ${evidence.machine} of vault ${evidence.vault}, judged ${evidence.time} by ` +
    `${evidence.verifier.name}'s verifier ${evidence.verifier.version}: ${verdict.origin}, ${verdict.proof}, ` +
    `${verdict.emulated ? 'emulated TPM' : 'no emulation'}, EK ${verdict.endorsement}\n`);
write('verdict', `${verdict.origin} ${verdict.proof} ${verdict.emulated}`);
bytes('nonce', binding.nonce);
bytes('spki', binding.machine_spki);
bytes('caller', binding.certificate_sha256);
bytes('client_data', binding.client_data);
bytes('authenticator_data', binding.authenticator_data);

bytes('ek.area', offer.endorsement.public);
bytes('ek.der', offer.endorsement.certificate);
(offer.endorsement.chain ?? []).forEach((each, i) => bytes(`chain${i}.der`, each));
bytes('ak.area', offer.key);
bytes('ak.der', evidence.attestation_key?.certificate);
bytes('authority.der', evidence.attestation_key?.authority);

for (const name of ['creation', 'machine', 'credential', 'quote']) {
    const statement = evidence.evidence[name];
    if (statement !== undefined) {
        bytes(`${name}.statement`, statement.statement);
        bytes(`${name}.tpm`, statement.signature);
        bytes(`${name}.sig`, evidence.signatures_der[name]);
        bytes(`${name}.area`, statement.public);
    }
}
bytes('creation.data', evidence.evidence.creation.data);
if (evidence.evidence.quote !== undefined) {
    write('values', Buffer.concat(evidence.evidence.quote.values.map((each) => Buffer.from(each, 'base64url'))));
    write('pcrs', `sha256:${offer.pcrs.join(',')}`);
}
