// SPDX-License-Identifier: Apache-2.0
// Backup data from the machine to the page: restic backs up, the page tells of
// it, a revoked machine gets no further, and its replacement has it all.
import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {chmod, mkdir, readFile, readdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {follow, inspect, signIn, startBrowser} from './browser.js';
import {resticOf} from './restic.js';
import {machineOf, startService} from './service.js';

const PASSPHRASE = 'only the customer has this one';
const MARKER = 'a line that must never be stored as it is';
let service, browser, page, restic, content;

before(async () => {
    service = await startService('lab1');
    browser = await startBrowser(service);
    page = browser.page;
    content = join(service.directory, 'content');
    await mkdir(content);
    await writeFile(join(content, 'noise'), randomBytes(20 << 20));
    await writeFile(join(content, 'text'), `${MARKER}\n`.repeat(1000));
    await signIn(page, service);
});

after(async () => {
    await browser?.context.close();
    await service?.stop();
});

// Registers a machine with a file that the button on the present page brings.
async function registerFromPage(name) {
    const waiting = page.waitForEvent('download');
    const path = join(service.directory, `${name}.VaultCredentials`);

    await page.getByRole('button', {name: 'Download vault credentials'}).click();
    await (await waiting).saveAs(path);
    await chmod(path, 0o600);
    await page.waitForURL(/backup-credentials$/);
    const machine = machineOf(service, name);

    await machine.register(path, 'lab1');
    return machine.state;
}

async function openMachines() {
    await page.goto(`${service.url}/vaults/${service.vaults[0].id}/machines`);
}

async function assertRestored(command, directory) {
    await command.run('restore', 'latest', '--target', directory);
    for (const name of ['noise', 'text'])
        assert.deepEqual(await readFile(join(directory, content, name)), await readFile(join(content, name)));
}

// Every file that the service keeps, the database among them.
async function filesOf(directory) {
    const entries = await readdir(directory, {withFileTypes: true, recursive: true});

    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

test('restic backs up and restores, and the page tells of it', async () => {
    await page.goto(`${service.url}/vaults/${service.vaults[0].id}`);
    const state = await registerFromPage('kiosk');

    restic = await resticOf(service, state, PASSPHRASE);
    await restic.run('init');
    await openMachines();
    await page.getByText('none yet').waitFor();
    await restic.run('backup', content);
    await assertRestored(restic, join(service.directory, 'restored'));
    await restic.run('check', '--read-data');
    await page.reload();
    const cell = page.locator('td[data-label="Last backup"]');

    assert.match(await cell.innerText(), /\d\d \w{3} 20\d\d, \d\d:\d\d UTC\s+2\d\.\d MB/);
    await inspect(page, 'machines-with-backup');
});

test('restic speaks HTTP/2 with the vault', async () => {
    const log = await readFile(join(service.directory, 'vault', 'log', 'access.log'), 'utf8');
    const uploads = log.trim().split('\n').map((line) => JSON.parse(line))
        .filter((line) => line.request.startsWith('POST /data/'));

    assert.ok(uploads.length > 0);
    assert.ok(uploads.every((line) => line.http_version === 'HTTP/2.0' && line.status === 200));
});

test('nothing of what was backed up is readable in what the vault keeps', async () => {
    const kept = await filesOf(join(service.directory, 'vault'));
    const noise = (await readFile(join(content, 'noise'))).subarray(5 << 20, (5 << 20) + 64);
    let bytes = 0;

    for (const path of kept) {
        const data = await readFile(path);

        bytes += data.length;
        for (const needle of [MARKER, PASSPHRASE, noise, join(content, 'text')])
            assert.equal(data.indexOf(needle), -1, path);
    }
    assert.ok(bytes > 20 << 20);
});

test('a wrong passphrase opens nothing', async () => {
    const wrong = await resticOf(service, join(service.directory, 'kiosk'), 'some other passphrase');

    await assert.rejects(wrong.run('snapshots'), /wrong password or no key found/);
});

test('another machine of the vault finds no backup', async () => {
    await page.goto(`${service.url}/vaults/${service.vaults[0].id}`);
    const other = await resticOf(service, await registerFromPage('neighbour'), PASSPHRASE);

    await assert.rejects(other.run('snapshots'), /Is there a repository/);
});

test('the machine\'s key cannot delete a backup, and not at once with a grant', async () => {
    const list = JSON.parse((await restic.run('snapshots', '--json')).stdout);

    assert.match(await restic.untilRefused('forget', list[0].id, '--prune'), /403/);
    await openMachines();
    await follow(page.getByRole('link', {name: 'Allow pruning: '}).first());
    await inspect(page, 'allow-pruning');
    await follow(page.getByRole('button', {name: 'Allow pruning for 24 hours'}));
    await page.getByText('may prune until').waitFor();
    assert.match(await restic.untilRefused('forget', list[0].id, '--prune'), /403/);
    assert.equal(JSON.parse((await restic.run('snapshots', '--json')).stdout).length, 1);
    await assertRestored(restic, join(service.directory, 'restored-again'));
});

test('a revoked machine backs up nothing more', async () => {
    await openMachines();
    await follow(page.getByRole('link', {name: 'Revoke: '}).first());
    await follow(page.getByRole('button', {name: 'Revoke this machine'}));
    await page.locator('.state.bad', {hasText: 'Revoked'}).waitFor();
    await assert.rejects(restic.run('backup', content), /403/);
});

test('its replacement has its backups, and nobody else', async () => {
    await follow(page.getByRole('row').filter({hasText: 'Revoked'}).getByRole('link', {name: 'Replace: '}));
    await inspect(page, 'replace');
    const state = await registerFromPage('kiosk-2');
    const replacement = await resticOf(service, state, PASSPHRASE);

    await page.getByText('one machine, in another\'s place').waitFor();
    await assertRestored(replacement, join(service.directory, 'restored-by-another'));
    await replacement.run('backup', content);
    await assert.rejects(restic.run('snapshots'), /403/);
    await openMachines();
    await page.locator('.state', {hasText: 'Replaced'}).waitFor();
    await page.getByText('with its successor').waitFor();
    await inspect(page, 'machines-replaced');
    assert.deepEqual(browser.complaints, []);
});

test('data is deleted by its owner alone, who types the machine\'s name', async () => {
    const row = page.getByRole('row').filter({hasText: 'none yet'});

    assert.equal(await page.getByRole('link', {name: 'Delete data: '}).count(), 0);
    await follow(row.getByRole('link', {name: 'Revoke: '}));
    await follow(page.getByRole('button', {name: 'Revoke this machine'}));
    await follow(page.getByRole('link', {name: 'Delete data: '}));
    await inspect(page, 'delete-data');
    await page.getByLabel('type the machine\'s name').fill('not its name');
    await follow(page.getByRole('button', {name: 'Delete the data for good'}));
    await page.getByRole('alert').filter({hasText: 'not the machine\'s name'}).waitFor();
    await page.getByLabel('type the machine\'s name').fill(await page.locator('dd').first().innerText());
    await follow(page.getByRole('button', {name: 'Delete the data for good'}));
    await page.getByRole('heading', {name: 'Registered machines'}).waitFor();
});
