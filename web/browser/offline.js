// Work without a network: nothing lost, nothing doubled.
import assert from 'node:assert/strict';
import { journey, phone } from './harness.js';

// reports counts the daily reports of a month, by day.
const reports = (page, region, month) =>
  page.evaluate(async ([r, m]) => {
    const answer = await fetch(`/api/v1/uses?region=${r}&from=${m}-01&to=${m}-28&limit=1000`);
    return (await answer.json()).items.map((u) => u.date);
  }, [region, month]);

journey('petugas bekerja tanpa jaringan: tidak ada yang hilang, tidak ada yang ganda', 'officer.12.71.03', phone, async (page) => {
  await page.goto('/use');
  await page.getByRole('button', { name: 'Bulan sebelumnya' }).waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await page.waitForLoadState('networkidle');

  // A cold start without a network, on another page than the one that was kept open.
  await page.context().setOffline(true);
  const began = Date.now();
  await page.goto('/use');
  await page.getByRole('heading', { level: 1, name: 'Laporan harian' }).waitFor();
  const took = Date.now() - began;
  console.log(`cold start offline: ${took} ms`);
  await page.getByText('Tidak ada jaringan').waitFor();

  // Three days of which nothing is known here yet.
  const free = page.locator('.day.missing:not([disabled]), .day.due:not([disabled]), .day.off:not([disabled])');
  const days = await free.evaluateAll((all) => all.slice(0, 3).map((d) => d.getAttribute('aria-label').split(':')[0]));
  assert.equal(days.length, 3);
  for (const day of days) {
    await page.getByRole('button', { name: new RegExp('^' + day + ':') }).click();
    await page.getByRole('button', { name: 'Catat: tidak ada pemakaian' }).click();
    await page.getByText('Tersimpan di perangkat ini').waitFor();
  }
  await page.getByRole('link', { name: '3 catatan belum terkirim' }).waitFor();

  // The network is back, but the first reply is lost on the way.
  const before = await page.context().setOffline(false).then(() => null);
  assert.equal(before, null);
  let lost = 0;
  await page.context().route('**/api/v1/uses', async (route) => {
    if (route.request().method() !== 'POST' || lost > 0) return route.continue();
    lost++;
    await route.fetch(); // it is done
    await route.abort(); // and nobody hears of it
  });
  await page.goto('/queue');
  await page.waitForFunction(() => document.body.innerText.includes('Kirim sekarang') || document.body.innerText.includes('Semua catatan sudah terkirim'));
  const second = await page.context().newPage(); // another tab sends too
  await second.goto('/queue');
  const button = page.getByRole('button', { name: 'Kirim sekarang' });
  if (await button.isVisible()) await button.click();
  await page.getByText('Semua catatan sudah terkirim').waitFor();
  const month = new Date().toISOString().slice(0, 7);
  const kept = await reports(page, '12.71.03', month);
  assert.equal(new Set(kept).size, kept.length, 'no day is reported twice');
  assert.ok(kept.length >= 3, 'all three are on the server');
});
