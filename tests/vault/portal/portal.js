// SPDX-License-Identifier: Apache-2.0
// Two comforts; every page works without them.
//
// A countdown runs by the vault's clock, which the page brings, and not by the
// browser's.  After a download, which leaves its page standing, the page that
// tells the file's facts is opened as soon as the vault knows of the file.
'use strict';

const TICK = 1000;
const LOOK = 400;
const LOOKS = 50;

function spell(seconds) {
    const two = (number) => String(number).padStart(2, '0');
    const hours = Math.floor(seconds / 3600);

    return `${two(hours)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function countDown(element) {
    const began = performance.now();
    const left = Number(element.dataset.left);

    function show() {
        const now = left - Math.floor((performance.now() - began) / TICK);

        if (now < 0) {
            location.reload();
            return;
        }
        element.textContent = spell(now);
        setTimeout(show, TICK);
    }

    show();
}

async function generationNow() {
    const reply = await fetch(location.href, {cache: 'no-store'});
    const page = new DOMParser().parseFromString(await reply.text(), 'text/html');
    const form = page.querySelector('form[data-generation]');

    // A page that no longer asks has been answered.
    return form === null ? '' : form.dataset.generation;
}

function follow(form) {
    let looks = 0;

    async function look() {
        looks++;
        const generation = await generationNow().catch(() => null);

        if (generation !== null && generation !== form.dataset.generation)
            location.assign(form.dataset.after);
        else if (looks < LOOKS)
            setTimeout(look, LOOK);
    }

    form.addEventListener('submit', () => setTimeout(look, LOOK));
}

document.querySelectorAll('[data-left]').forEach(countDown);
document.querySelectorAll('form[data-generation]').forEach(follow);
