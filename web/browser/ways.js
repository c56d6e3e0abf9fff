// Other ways to the same work: the keyboard alone, paper, and English.
import assert from 'node:assert/strict';
import { client, journey, phone } from './harness.js';

const focused = (page) => page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.getAttribute('aria-label') || document.activeElement?.id);

// tabTo goes on with Tab until the focus is on `target`.
async function tabTo(page, target, most = 80) {
  for (let i = 0; i < most; i++) {
    if (await target.evaluate((e) => e === document.activeElement).catch(() => false)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${target} cannot be reached with Tab; the focus is on "${await focused(page)}"`);
}

journey('tanpa tetikus: masuk, minta blangko, dan buka penjelasan', null, {}, async (page) => {
  await page.goto('/');
  await tabTo(page, page.getByLabel('Nama pengguna'));
  await page.keyboard.type('officer2.12.71');
  await tabTo(page, page.getByRole('textbox', { name: 'Kata sandi' }));
  await page.keyboard.type('blangko-demo');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Beranda' }).waitFor();

  // The first Tab offers to skip what stands on every page.
  await page.evaluate(() => document.activeElement.blur());
  await page.goto('/requests/new');
  await page.getByLabel('Jumlah blangko').waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Langsung ke isi');
  await page.keyboard.press('Enter');
  assert.ok(await page.evaluate(() => document.activeElement.closest('main') !== null), 'the focus is in the page');
  const amount = page.getByLabel('Jumlah blangko');
  await tabTo(page, amount);
  await page.keyboard.press('Control+A');
  await page.keyboard.type('1');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.tagName === 'SELECT'); // far from what is suggested: the reason is asked for
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await tabTo(page, page.getByLabel('Nomor surat (bila ada)'));
  await page.keyboard.type('1234 5678 9012 3456');
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Ajukan' }));
  await page.keyboard.press('Enter');
  await page.getByRole('alert').first().waitFor(); // sixteen digits could be somebody's number
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.waitForTimeout(300); // a dialog that ends gives the focus back; it must not take it from the summary
  assert.ok(await page.evaluate(() => document.activeElement.closest('[role=alert]') !== null), `the summary of what is wrong takes the focus, not ${await focused(page)}`);

  // A help opens, holds the focus, and gives it back.
  await page.goto('/');
  const help = page.getByRole('button', { name: /^Penjelasan: / }).first();
  await help.waitFor();
  await tabTo(page, help);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.closest('.mantine-Popover-dropdown'));
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.className.includes('help'));
});

journey('tanpa tetikus: perencana mengurutkan tabel dan menyetujui bersama', 'planner', { at: '/requests' }, async (page) => {
  const sort = page.getByRole('button', { name: /^Diminta/ });
  await sort.waitFor();
  await tabTo(page, sort);
  await page.keyboard.press('Enter');
  assert.equal(await page.getByRole('columnheader', { name: /^Diminta/ }).getAttribute('aria-sort'), 'ascending');
  const box = page.getByRole('checkbox', { name: /^Pilih / }).first();
  await tabTo(page, box, 400);
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Setujui yang dipilih' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.closest('[role=dialog]') !== null), 'the focus stays in the dialog');
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

// seen are the parts of a page that paper would show.
const seen = (page, selector) => page.locator(selector).evaluateAll((all) => all.filter((e) => e.checkVisibility()).length);

journey('dicetak: tabel utuh, tanpa tombol dan menu', 'planner', {}, async (page) => {
  await page.getByRole('region', { name: 'Angka utama' }).waitFor();
  await page.getByText('Semua', { exact: true }).last().click();
  await page.getByRole('row').nth(514).waitFor();
  await page.emulateMedia({ media: 'print' });
  assert.equal(await seen(page, 'nav, button, .help'), 0, 'nothing to press on paper');
  await page.getByText('Data sintetis').first().waitFor();
  const cut = await page.locator('.sheet.tall').first().evaluate((e) => e.scrollHeight - e.clientHeight);
  assert.ok(cut <= 1, `${cut} px of the table would be cut off`);
  const pdf = await page.pdf({ format: 'A4' });
  const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g).length;
  assert.ok(pages >= 8, `514 regions take ${pages} pages`);
  await page.goto('/regions/82.71');
  await page.getByRole('img', { name: /^Stok dan perkiraannya/ }).or(page.getByRole('heading', { name: 'Stok dan perkiraannya' })).first().waitFor();
  await page.emulateMedia({ media: 'print' });
  assert.equal(await seen(page, 'nav, button, .help'), 0);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${wide} px too wide for paper`);
});

// What stays Indonesian in English: names of offices, places and people's roles in the demo's own data, and terms of the law.
journey('in English: every screen of the officer and of the planner', null, phone, async (page) => {
  const catalogue = await (await import('node:fs/promises')).readFile(new URL('../src/locales/id.json', import.meta.url), 'utf8').then(JSON.parse);
  const english = await (await import('node:fs/promises')).readFile(new URL('../src/locales/en.json', import.meta.url), 'utf8').then(JSON.parse);
  const flat = (o, at = '') => Object.entries(o).flatMap(([k, v]) => (typeof v === 'string' ? [[`${at}${k}`, v]] : flat(v, `${at}${k}.`)));
  const there = new Map(flat(english));
  // Whole Indonesian sentences and labels that English says otherwise, without facts in them.
  const foreign = new Set(flat(catalogue).filter(([k, v]) => !v.includes('{{') && v.length > 3 && there.get(k) !== v && ![...there.values()].includes(v)).map(([, v]) => v));
  assert.ok(foreign.size > 500, `${foreign.size} sentences are looked for`);
  for (const [user, paths] of [
    ['planner', ['/', '/requests', '/shipments', '/alerts', '/regions/12', '/coverage', '/account']],
    ['officer.12.71', ['/', '/requests/new', '/use', '/coverage/new', '/outreach', '/outreach/sites', '/outreach/gaps', '/outreach/new', '/queue']],
    ['outreach.82.71', ['/visits']],
  ]) {
    const { cookies } = await client(user);
    await page.context().clearCookies();
    await page.context().addCookies(cookies);
    await page.goto('/account');
    await page.getByRole('heading', { level: 1 }).waitFor();
    const english = page.getByText('English', { exact: true });
    if ((await page.evaluate(() => document.documentElement.lang)) !== 'en') await english.first().click();
    await page.waitForFunction(() => document.documentElement.lang === 'en');
    for (const path of paths) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      const said = await page.evaluate(() => {
        const texts = [];
        const walk = document.createTreeWalker(document.querySelector('#root') ?? document.body, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) texts.push(walk.currentNode.textContent.trim());
        for (const e of document.querySelectorAll('[aria-label], [title], [placeholder]')) for (const a of ['aria-label', 'title', 'placeholder']) if (e.getAttribute(a)) texts.push(e.getAttribute(a));
        return texts;
      });
      assert.deepEqual(said.filter((s) => foreign.has(s)), [], `${user} at ${path} reads Indonesian`);
    }
  }
});
