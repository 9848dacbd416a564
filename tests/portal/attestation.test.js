// SPDX-License-Identifier: Apache-2.0
// A vault that lets in only machines whose TPM proves their key: its owner sets
// that in the portal, and sees there what proves a machine's key, and the file
// with all of it.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {ask, follow, inspect, signIn, startBrowser} from './browser.js';
import {machineOf, startService} from './service.js';
import {startTpm} from './tpm.js';

let service, browser, page, tpm, vault;

before(async () => {
    service = await startService('lab1');
    tpm = await startTpm(join(service.directory, 't'));
    browser = await startBrowser(service);
    page = browser.page;
    vault = `${service.url}/vaults/${service.vaults[0].id}`;
    await signIn(page, service);
});

after(async () => {
    await browser?.context.close();
    await tpm?.stop();
    await service?.stop();
});

async function fact(name) {
    return page.locator('dt', {hasText: name}).locator('xpath=following-sibling::dd[1]').innerText();
}

async function file() {
    return (await service.vaultctl('download', 'lab1', '--machines', 'several', '--out', service.directory)).trim();
}

test('the owner wants proof, and trusts a maker', async () => {
    await page.goto(`${vault}/policy`);
    await page.getByLabel('EK-verified:').check();
    await follow(page.getByRole('button', {name: 'Set the policy'}));
    for (const root of tpm.roots)
        await service.vaultctl('trust', 'lab1', root);
    await service.vaultctl('allow', 'lab1', 'ab'.repeat(32));
    await page.reload();
    assert.equal(await fact('Policy'), 'EK-verified');
    assert.match(await fact('Roots of TPM makers'), /swtpm-localca/);
    assert.equal(await fact('Allowed endorsement keys'), 'ab'.repeat(32));
    await inspect(page, 'properties-attested');
});

test('who proves nothing is not let in', async () => {
    await assert.rejects(machineOf(service, 'soft').register(await file(), 'lab1'), /policy/);
    await page.goto(`${vault}/machines`);
    await page.getByText('No machine has been registered yet.').waitFor();
});

test('who proves it is, and the page says how', async () => {
    await machineOf(service, 'kiosk').register(await file(), 'lab1', tpm.token, '--attest', 'require',
        '--attest-pcrs', '0,7');
    await page.reload();
    const row = await page.getByRole('row').filter({hasText: 'Revoke'}).innerText();

    for (const words of ['TPM 2.0', 'Emulation', 'born', 'EK-verified'])
        assert.ok(row.includes(words), words);
    await inspect(page, 'machines-attested');
    await follow(page.locator('td a').first());
    assert.equal(await fact('Origin'), 'born');
    assert.equal(await fact('Proof'), 'EK-verified');
    assert.match(await fact('Key store'), /TPM 2.0\s+Emulation/);
    assert.match(await fact('Endorsement key'), /^RSA-2048, SHA-256 [0-9a-f]{64}$/);
    assert.match(await fact('Trusted by'), /its certificate, issued by\s+.*swtpm-localca/);
    assert.match(await fact('PCRs quoted'), /^0: [0-9a-f]{64}\s+7: [0-9a-f]{64}$/);
    assert.match(await fact('Given'), /20\d\d/);
    assert.match(await fact('Verifier\'s version'), /^\d+$/);
    await inspect(page, 'machine');
});

test('the evidence is a file', async () => {
    const uuid = new URL(page.url()).pathname.split('/').at(-1);
    const waiting = page.waitForEvent('download');

    await page.getByRole('link', {name: 'Download the evidence'}).click();
    const download = await waiting;
    const path = join(service.directory, 'evidence.json');

    assert.equal(download.suggestedFilename(), `${uuid}.evidence.json`);
    await download.saveAs(path);
    const evidence = JSON.parse(await readFile(path, 'utf8'));

    assert.equal(evidence.machine, uuid);
    assert.equal(evidence.proof ?? evidence.verdict?.proof, 'EK-verified');
    assert.equal(JSON.stringify(evidence).includes('"secret"'), false);
});

test('the evidence is for who is signed in', async () => {
    await page.context().clearCookies();
    assert.deepEqual(await ask(page, `${page.url()}/evidence`), {status: 200, path: '/login'});
    assert.deepEqual(browser.complaints, []);
});
