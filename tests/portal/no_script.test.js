// SPDX-License-Identifier: Apache-2.0
// The same pages in a browser that runs no script.
import assert from 'node:assert/strict';
import {chmod} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {follow, signIn, startBrowser} from './browser.js';
import {machineOf, startService} from './service.js';

let service, browser, page;

before(async () => {
    service = await startService();
    browser = await startBrowser(service, {javaScriptEnabled: false});
    page = browser.page;
});

after(async () => {
    await browser?.context.close();
    await service?.stop();
});

test('from the sign-in to a revoked machine without a script', async () => {
    const path = join(service.directory, 'file.VaultCredentials');

    await signIn(page, service);
    await follow(page.getByRole('link', {name: 'Recovery Services vaults'}));
    await page.getByText('There is no vault yet.').waitFor();
    await follow(page.getByRole('link', {name: 'Create a vault'}));
    await page.getByLabel('Name of the vault').fill('plain');
    await follow(page.getByRole('button', {name: 'Create'}));
    const waiting = page.waitForEvent('download');

    await page.getByRole('button', {name: 'Download vault credentials'}).click();
    await (await waiting).saveAs(path);
    await chmod(path, 0o600);
    await follow(page.getByRole('link', {name: 'the file\'s thumbprint, end and state'}));
    assert.match(await page.getByRole('timer').innerText(), /^4[78]:\d\d:\d\d$/);
    await machineOf(service, 'kiosk').register(path, 'plain');
    await follow(page.getByRole('link', {name: 'Properties'}).last());
    await follow(page.getByRole('link', {name: 'Change the policy'}));
    await page.getByLabel('born:').check();
    await follow(page.getByRole('button', {name: 'Set the policy'}));
    await page.getByText('whose key is said to be born').waitFor();
    await follow(page.getByRole('link', {name: 'Registered machines'}));
    await follow(page.locator('td a').first());
    await page.getByText('nothing proves it').waitFor();
    await follow(page.getByRole('link', {name: 'Registered machines'}).last());
    await follow(page.getByRole('link', {name: /^Revoke:/}));
    await follow(page.getByRole('button', {name: 'Revoke this machine'}));
    await page.locator('.state.bad', {hasText: 'Revoked'}).waitFor();
    await follow(page.getByRole('button', {name: 'Sign out'}));
    await page.getByRole('button', {name: 'Sign in'}).waitFor();
});
