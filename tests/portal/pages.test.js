// SPDX-License-Identifier: Apache-2.0
// A person's day with a vault, in a real browser: from the sign-in to the
// revocation of a machine that was registered with a downloaded file.
import assert from 'node:assert/strict';
import {X509Certificate} from 'node:crypto';
import {chmod, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {ask, follow, inspect, signIn, startBrowser} from './browser.js';
import {machineOf, startService} from './service.js';

const TWO_DAYS = 48 * 3600;
let service, browser, page, vault;

before(async () => {
    service = await startService('lab1');
    browser = await startBrowser(service);
    page = browser.page;
});

after(async () => {
    await browser?.context.close();
    await service?.stop();
});

// The file that a click on the page's button brings, saved as people save it.
async function download(name, several) {
    const waiting = page.waitForEvent('download');

    if (several)
        await page.getByLabel('several machines').check();
    await page.getByRole('button', {name: 'Download vault credentials'}).click();
    const file = await waiting;
    const path = join(service.directory, name);

    await file.saveAs(path);
    await chmod(path, 0o600);
    return {path, suggested: file.suggestedFilename()};
}

async function openCredentials() {
    await follow(page.getByRole('link', {name: 'Properties'}));
    await follow(page.getByRole('link', {name: 'Download', exact: true}));
}

async function fact(name) {
    return page.locator('dt', {hasText: name}).locator('xpath=following-sibling::dd[1]').innerText();
}

// The state of each file on the page, the newest first.
async function states() {
    const newest = await fact('State');
    const earlier = await page.locator('tbody .state').allInnerTexts();

    return [newest, ...earlier];
}

test('a wrong password does not sign in', async () => {
    await page.goto(service.url);
    assert.equal(new URL(page.url()).pathname, '/login');
    await inspect(page, 'sign-in');
    await signIn(page, service, 'wrong');
    await page.getByRole('alert').filter({hasText: 'Name or password is wrong.'}).waitFor();
    // Chromium says on its console that the answer was 403.
    assert.equal(browser.complaints.splice(0).length, 1);
});

test('sign in, and go from all services to the vaults', async () => {
    await signIn(page, service);
    await page.getByRole('heading', {name: 'All services', level: 1}).waitFor();
    await inspect(page, 'services');
    await follow(page.getByRole('link', {name: 'Recovery Services vaults'}));
    await page.getByRole('link', {name: 'lab1'}).waitFor();
    await inspect(page, 'vaults');
});

test('create a vault; its name is checked', async () => {
    await follow(page.getByRole('link', {name: 'Create a vault'}));
    await page.getByLabel('Name of the vault').fill('<b>lab</b>');
    await follow(page.getByRole('button', {name: 'Create'}));
    await page.getByRole('alert').filter({hasText: 'letters, digits and hyphens'}).waitFor();
    assert.equal(await page.getByLabel('Name of the vault').inputValue(), '<b>lab</b>');
    await inspect(page, 'create');
    await page.getByLabel('Name of the vault').fill('lab1');
    await follow(page.getByRole('button', {name: 'Create'}));
    await page.getByRole('alert').filter({hasText: 'a vault of this name'}).waitFor();
    browser.complaints.length = 0;
    await page.getByLabel('Name of the vault').fill('office-2');
    await follow(page.getByRole('button', {name: 'Create'}));
    await page.getByRole('heading', {name: 'office-2', level: 1}).waitFor();
    vault = page.url();
    await inspect(page, 'overview');
});

test('the page says what the file is before it is downloaded', async () => {
    await follow(page.getByRole('link', {name: 'Properties'}));
    await inspect(page, 'properties');
    await openCredentials();
    const warning = await page.locator('.note').innerText();

    for (const words of ['private key', 'only for registering', '48 hours', 'every earlier file useless',
        'cannot read existing backups', 'keeps no copy of the key', 'who can read the folder or share'])
        assert.ok(warning.includes(words), words);
});

test('the owner says which machines are let in', async () => {
    await page.goto(`${vault}/properties`);
    for (const [policy, before] of [['EK-verified', 'any'], ['born', 'EK-verified'], ['any', 'born']]) {
        assert.equal(await fact('Policy'), before);
        await follow(page.getByRole('link', {name: 'Change the policy'}));
        assert.ok(await page.getByLabel(`${before}:`).isChecked());
        if (before === 'any')
            await inspect(page, 'policy');
        await page.getByLabel(`${policy}:`).check();
        await follow(page.getByRole('button', {name: 'Set the policy'}));
    }
    assert.equal(await fact('Policy'), 'any');
    await follow(page.getByRole('link', {name: 'Download', exact: true}));
});

test('a download is followed by the facts of the file', async () => {
    const {path, suggested} = await download('first.VaultCredentials', true);
    const text = await readFile(path, 'utf8');

    assert.match(text, /<ManagementCert>/);
    await page.getByRole('heading', {name: 'The newest file'}).waitFor();
    assert.equal(await fact('File name'), suggested);
    assert.match(await fact('Thumbprint'), /^[0-9a-f]{64}$/);
    assert.equal(await fact('Generation'), '1');
    assert.equal(await fact('For'), 'several machines');
    assert.deepEqual(await states(), ['Latest']);
    const shown = await page.getByRole('timer').innerText();

    assert.match(shown, /^(48:00:00|47:59:\d\d)$/);
    await page.waitForFunction((before) => document.querySelector('[role=timer]').textContent !== before, shown);
});

test('the second download makes the first useless', async () => {
    await download('second.VaultCredentials', true);
    await page.getByRole('heading', {name: 'Earlier files'}).waitFor();
    assert.deepEqual(await states(), ['Latest', 'Superseded']);
    assert.equal(await fact('Generation'), '2');
    await inspect(page, 'backup-credentials');
    await assert.rejects(
        machineOf(service, 'with-the-first').register(join(service.directory, 'first.VaultCredentials'), 'office-2'),
        /superseded/);
});

test('a machine that was registered with the file is on the list', async () => {
    const file = join(service.directory, 'second.VaultCredentials');

    await machineOf(service, 'kiosk').register(file, 'office-2');
    await page.goto(vault);
    await follow(page.getByRole('link', {name: 'Registered machines', exact: true}));
    const row = page.getByRole('row').filter({hasText: 'Revoke'});

    assert.equal(await row.count(), 1);
    const text = await row.innerText();

    for (const words of ['Software', 'Emulation', 'emulated', 'claimed', 'Registered'])
        assert.ok(text.includes(words), words);
    assert.match(text, /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/);
    await inspect(page, 'machines');
    await follow(page.getByRole('link', {name: 'Revoke:'}).locator('xpath=ancestor::tr').locator('td a').first());
    assert.equal(await fact('Origin'), 'emulated');
    assert.equal(await fact('Proof'), 'claimed');
    await page.getByText('nothing proves it').waitFor();
    assert.equal(await page.getByRole('link', {name: 'Download the evidence'}).count(), 0);
    assert.equal((await ask(page, `${page.url()}/evidence`)).status, 404);
    assert.equal(browser.complaints.splice(0).length, 1);
    await page.goto(`${vault}/machines`);
});

test('a machine is revoked after a question', async () => {
    await follow(page.getByRole('link', {name: /^Revoke:/}));
    await page.getByRole('heading', {name: 'Revoke a machine'}).waitFor();
    await inspect(page, 'revoke');
    await follow(page.getByRole('link', {name: 'Cancel'}));
    await follow(page.getByRole('link', {name: /^Revoke:/}));
    await follow(page.getByRole('button', {name: 'Revoke this machine'}));
    await page.locator('.state.bad', {hasText: 'Revoked'}).waitFor();
    assert.equal(await page.getByRole('link', {name: /^Revoke:/}).count(), 0);
});

test('the file ends after 48 hours by the clock of the vault', async () => {
    await openCredentials();
    await download('third.VaultCredentials', false);
    await page.getByRole('heading', {name: 'The newest file'}).waitFor();
    await page.waitForFunction(() => document.querySelector('dl .state').textContent === 'Latest');
    await service.setClock(TWO_DAYS + 1);
    await signIn(page, service);
    await page.goto(`${vault}/backup-credentials`);
    assert.equal((await states())[0], 'Expired');
    assert.equal(await page.getByRole('timer').count(), 0);
    await inspect(page, 'expired');
    await service.setClock(0);
    await signIn(page, service);
});

test('a post without the session\'s token is refused', async () => {
    const posts = ['/vaults', '/logout', `${new URL(vault).pathname}/credentials`,
        `${new URL(vault).pathname}/policy`];

    for (const path of posts) {
        const reply = await page.evaluate(async (to) => {
            const answer = await fetch(to, {method: 'POST', body: new URLSearchParams({name: 'x', machines: 'one', policy: 'born'})});

            return {status: answer.status, text: await answer.text()};
        }, path);

        assert.equal(reply.status, 403, path);
        assert.ok(!reply.text.includes('ManagementCert'));
    }
    assert.equal(browser.complaints.splice(0).length, posts.length);
    await page.goto(`${vault}/backup-credentials`);
    assert.equal(await fact('Generation'), '4');
    await page.goto(`${vault}/properties`);
    assert.equal(await fact('Policy'), 'any');
});

test('an address where nothing is has a page', async () => {
    const reply = await page.goto(`${service.url}/vaults/7/nothing`);

    assert.equal(reply.status(), 404);
    await inspect(page, 'not-found');
    browser.complaints.length = 0;
});

test('the policy lets no inline script or style in', async () => {
    const reply = await page.goto(`${service.url}/vaults`);
    const policy = reply.headers()['content-security-policy'];

    assert.ok(policy.includes('default-src \'none\''));
    assert.ok(!policy.includes('unsafe'));
    const ran = await page.evaluate(() => {
        const script = document.createElement('script');

        script.textContent = 'globalThis.inline = true;';
        document.body.append(script);
        return globalThis.inline === true;
    });

    assert.equal(ran, false);
    assert.equal(browser.complaints.splice(0).length, 1);
});

test('everything can be reached and done by keyboard', async () => {
    await page.goto(`${service.url}/vaults`);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
    await page.keyboard.press('Enter');
    for (let i = 0; i < 10; i++) {
        await page.keyboard.press('Tab');
        if (await page.evaluate(() => document.activeElement.textContent) === 'office-2')
            break;
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', {name: 'office-2', level: 1}).waitFor();
});

test('after signing out, nothing is shown', async () => {
    await follow(page.getByRole('button', {name: 'Sign out'}));
    await page.goto(vault);
    assert.equal(new URL(page.url()).pathname, '/login');
    assert.deepEqual(browser.complaints, []);
});
