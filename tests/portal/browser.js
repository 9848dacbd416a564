// SPDX-License-Identifier: Apache-2.0
// Debian's Chromium with a profile of its own.  It trusts the service under test
// by the hash of its key, and nothing else that a test did not make.
import {X509Certificate, createHash} from 'node:crypto';
import {mkdir, mkdtemp, readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import assert from 'node:assert/strict';
import {chromium} from 'playwright-core';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const WIDE = {width: 1280, height: 900};
const NARROW = {width: 400, height: 800};

async function keyHash(service) {
    const certificate = new X509Certificate(await readFile(join(service.directory, 'vault', 'server.pem')));

    return createHash('sha256').update(certificate.publicKey.export({type: 'spki', format: 'der'}))
        .digest('base64');
}

// Every message of a page's console, and every error of its script, fails the
// test that asks for them at its end.
export async function startBrowser(service, {javaScriptEnabled = true} = {}) {
    const profile = await mkdtemp(join(service.directory, 'profile-'));
    const context = await chromium.launchPersistentContext(profile, {
        executablePath: '/usr/bin/chromium',
        headless: true,
        javaScriptEnabled,
        viewport: WIDE,
        acceptDownloads: true,
        args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
            '--disable-background-networking', '--disable-component-update', '--disable-sync',
            `--ignore-certificate-errors-spki-list=${await keyHash(service)}`],
    });
    const complaints = [];

    context.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning')
            complaints.push(message.text());
    });
    context.on('weberror', (error) => complaints.push(String(error.error())));
    return {context, page: context.pages()[0] ?? await context.newPage(), complaints};
}

// Clicks what opens a page, and returns when that page is there: a click alone
// returns while the old one is still looked at.
export async function follow(target) {
    await Promise.all([target.page().waitForEvent('load'), target.click()]);
}

export async function signIn(page, service, password = service.password) {
    await page.goto(`${service.url}/login`);
    await page.getByLabel('Name').fill(service.user);
    await page.getByLabel('Password').fill(password);
    await follow(page.getByRole('button', {name: 'Sign in'}));
}

// The status of a request by the page's own script, and where it was led to.
export function ask(page, path) {
    return page.evaluate(async (to) => {
        const answer = await fetch(to);

        return {status: answer.status, path: new URL(answer.url).pathname};
    }, path);
}

// The page as it stands must please axe, in light and in dark, and fit into 400
// pixels; in passing it is drawn, if PORTAL_IMAGES names a folder for that.
export async function inspect(page, name) {
    const images = process.env.PORTAL_IMAGES;

    for (const [width, size] of [[1280, WIDE], [400, NARROW]]) {
        await page.setViewportSize(size);
        await checkAxe(page, name);
        const overflow = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth);

        assert.equal(overflow, 0, `${name} is wider than ${width} pixels`);
        if (images !== undefined && images !== '') {
            await mkdir(images, {recursive: true});
            await page.screenshot({path: join(images, `${name}-${width}.png`), fullPage: true});
        }
    }
    await page.setViewportSize(WIDE);
    await page.emulateMedia({colorScheme: 'dark'});
    await checkAxe(page, `${name}, dark`);
    await page.emulateMedia({colorScheme: 'light'});
}

async function checkAxe(page, name) {
    // In an isolated world, which the page's policy does not reach.
    await page.evaluate(await readFile(AXE, 'utf8'));
    const result = await page.evaluate(() => globalThis.axe.run());
    const found = result.violations.map(
        (violation) => `${violation.impact}: ${violation.id}: ${violation.nodes.map((node) => node.html).join(' ')}`);

    assert.ok(result.passes.length > 10, `axe looked at nothing of ${name}`);
    assert.deepEqual(found, [], name);
}
