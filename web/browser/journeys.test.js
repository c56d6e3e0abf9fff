import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, phone, serve, signIn, visit } from './harness.js';

let server, browser;
before(async () => {
  server = await serve();
  browser = await launch();
}, { timeout: 600_000 });
after(async () => {
  await browser?.close();
  await server?.stop();
});

// journey runs a test as somebody, and holds that no other host was asked and nothing went wrong in the console.
const journey = (name, user, options, walk) =>
  test(name, { timeout: 180_000 }, async () => {
    const page = await visit(browser, server.url, options);
    try {
      await signIn(page, user);
      await walk(page);
      assert.deepEqual(page.strangers, [], 'requests to other hosts');
      assert.deepEqual(page.troubles.filter((t) => !/401|404|409|412|422|ERR_INTERNET_DISCONNECTED|ERR_FAILED/.test(t)), [], 'errors in the console');
    } finally {
      await page.context().close();
    }
  });

journey('perencana melihat keadaan negara lalu membuka wilayah', 'planner', {}, async (page) => {
  await page.getByRole('region', { name: 'Angka utama' }).waitFor();
  await page.getByText('Data sintetis').waitFor();
  await page.getByText('Semua', { exact: true }).last().click();
  const table = page.getByRole('table');
  await assert.doesNotReject(table.getByRole('row').nth(514).waitFor());
  assert.equal(await table.getByRole('row').count(), 515, 'the head and 514 regions');
  await page.getByLabel('Cari wilayah').fill('Ternate');
  await table.getByRole('link', { name: 'Kota Ternate' }).click();
  await page.getByRole('heading', { level: 1, name: /Kota Ternate/ }).waitFor();
  await page.getByRole('button', { name: 'Penjelasan: Hari kecukupan' }).click();
  await page.getByText('Keadaan per').waitFor();
});

journey('perencana menyetujui satu permintaan, lalu beberapa sekaligus', 'planner', {}, async (page) => {
  await page.getByRole('link', { name: 'Permintaan' }).click();
  const row = page.getByRole('row').filter({ has: page.getByText('Diajukan', { exact: true }) }).first();
  await row.getByRole('link').click();
  await page.getByRole('button', { name: 'Setujui' }).click();
  await page.getByText('Disetujui', { exact: true }).first().waitFor();
  await page.getByRole('link', { name: 'Permintaan' }).first().click();
  const boxes = page.getByRole('checkbox', { name: /^Pilih / });
  await boxes.first().waitFor();
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  const left = await boxes.count();
  await page.getByRole('button', { name: 'Setujui yang dipilih' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Setujui' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await assert.doesNotReject(page.waitForFunction((n) => document.querySelectorAll('input[type=checkbox]').length === n, left - 2));
});

journey('petugas mengajukan blangko dengan alasan', 'officer.12.71', phone, async (page) => {
  await page.goto('/requests/new');
  await page.getByLabel('Jumlah blangko').fill('12000');
  await page.getByLabel('Alasan').selectOption({ label: 'Jemput bola' });
  await page.getByLabel('Catatan').fill('Untuk pemula 🙂 مرحبا');
  await page.getByRole('button', { name: 'Periksa' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Ajukan' }).click();
  await page.getByRole('heading', { level: 1, name: /Kota Medan/ }).waitFor();
  await page.getByText('Untuk pemula 🙂 مرحبا').waitFor();
});

journey('angka yang salah dijelaskan di samping isiannya', 'officer.12.71', phone, async (page) => {
  await page.goto('/use');
  await page.getByLabel('Pemula').fill('99999999');
  await page.getByRole('button', { name: 'Catat', exact: true }).click();
  const summary = page.getByRole('alert');
  await summary.getByText(/Stok tidak cukup|sudah dilaporkan/).waitFor();
  assert.ok(await summary.evaluate((e) => e === document.activeElement), 'the summary has the focus');
  assert.equal(await page.getByLabel('Pemula').inputValue(), '99.999.999', 'what was typed is still there');
});

journey('sesi berakhir saat mengetik: tidak ada yang hilang', 'officer.82.71', phone, async (page) => {
  await page.goto('/requests/new');
  await page.getByLabel('Catatan').fill('sudah diketik');
  await page.getByLabel('Jumlah blangko').fill('700');
  await page.getByLabel('Alasan').selectOption({ index: 1 });
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Periksa' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Ajukan' }).click();
  const again = page.getByRole('dialog', { name: 'Sesi Anda telah berakhir' });
  await again.getByRole('textbox', { name: 'Kata sandi' }).fill('blangko-demo');
  await again.getByRole('button', { name: 'Masuk', exact: true }).click();
  await again.waitFor({ state: 'hidden' });
  assert.equal(await page.getByLabel('Catatan').inputValue(), 'sudah diketik');
  await page.getByRole('button', { name: 'Periksa' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Ajukan' }).click();
  await page.getByRole('heading', { level: 1, name: /Ternate/ }).waitFor();
});
