// Work without a network, and the ways back to it: nothing lost, nothing doubled. What came to be is counted on the server.
import assert from 'node:assert/strict';
import { carried, client, journey, password, phone, signIn } from './harness.js';
import { fill, posts, queued, sent } from './queue.js';
import { point, reported, supply, unreported } from './books.js';

// offline is a journey on a phone that has kept the daily report, over a line.
const offline = (name, user, walk) =>
  journey(name, user, { ...phone, line: true, at: '/use' }, async (page, on) => {
    await page.getByRole('button', { name: 'Bulan sebelumnya' }).waitFor();
    await carried(page);
    await walk(page, on);
  });

offline('tanpa jaringan: aplikasi terbuka, tiga laporan dicatat, jawaban pertama hilang, semua terkirim satu kali', 'officer.12.71.03', async (page, on) => {
  const place = (await point('12.71.03')).id;
  // The days without a report of an earlier month, seen while there is a network: the first month that has three.
  const free = page.locator('button.day:not([disabled]):not(.reported)');
  let back = 0;
  do {
    await page.getByRole('button', { name: 'Bulan sebelumnya' }).click();
    await page.waitForLoadState('networkidle');
    back++;
  } while ((await free.count()) < 3);
  await page.context().setOffline(true);

  const took = [];
  for (let i = 0; i < 3; i++) {
    const cold = await page.context().newPage();
    const began = Date.now();
    await cold.goto('/use');
    await cold.getByRole('heading', { level: 1, name: 'Laporan harian' }).waitFor();
    await cold.locator('button.day').first().waitFor();
    took.push(Date.now() - began);
    await cold.close();
  }
  console.log(`cold start without a network: ${took.join(', ')} ms`);
  assert.ok(Math.min(...took) < 1000, 'the application opens without a network within a second');

  await page.goto('/use');
  await page.getByText('Tidak ada jaringan').waitFor();
  for (let i = 0; i < back; i++) await page.getByRole('button', { name: 'Bulan sebelumnya' }).click();
  const days = await free.evaluateAll((all) => all.slice(0, 3).map((d) => d.getAttribute('aria-label').split(':')[0]));
  for (const day of days) {
    await page.getByRole('button', { name: new RegExp('^' + day + ':') }).click();
    await page.getByRole('button', { name: 'Catat: tidak ada pemakaian' }).click();
    await page.getByText('Tersimpan di perangkat ini').waitFor();
  }
  await page.getByRole('link', { name: '3 catatan belum terkirim' }).waitFor();
  await page.getByRole('button', { name: 'Akun officer.12.71.03' }).click();
  await page.getByRole('button', { name: 'Keluar' }).click();
  await page.getByRole('dialog', { name: 'Belum dapat keluar' }).getByRole('link', { name: 'Lihat antrean' }).click();
  await page.getByRole('heading', { level: 1, name: 'Antrean' }).waitFor();

  let lost = 0;
  on.rule = (r) => (r.method === 'POST' && lost++ === 0 ? { cut: 'after' } : undefined); // done, and nobody hears of it
  await page.context().setOffline(false);
  await page.waitForFunction(() => /Kirim sekarang|Semua catatan sudah terkirim/.test(document.body.innerText));
  while (lost === 0) await page.waitForTimeout(50);
  const button = page.getByRole('button', { name: 'Kirim sekarang' });
  if (await button.isVisible()) await button.click();
  await page.getByText('Semua catatan sudah terkirim').waitFor();
  assert.equal(posts(on).length, 4, 'three records, and the first once more');
  assert.equal(new Set(posts(on).map((p) => p.key)).size, 3, 'each under its own key');
  const medan = await client('officer.12.71');
  const latest = (await medan.get(`/uses?place=${place}&limit=4`)).items;
  assert.equal(latest.filter((u) => u.actor === 'officer.12.71.03' && Date.now() - Date.parse(u.at) < 60_000).length, 3, 'three on the server, none twice');
});

offline('sesi berakhir dengan antrean penuh: masuk lagi, semua terkirim', 'officer.12.71', async (page, on) => {
  const { id: place } = await point('12.71.05');
  const days = await unreported(place, 60);
  await page.getByLabel('Tempat').selectOption({ label: 'Layanan Kecamatan Medan Barat' });
  await page.getByLabel('Pemula').fill('7');
  await page.context().setOffline(true);
  await fill(page, 'officer.12.71', days.map((date) => ({ place, date })));
  await page.context().clearCookies();
  await page.context().setOffline(false);
  const again = page.getByRole('dialog', { name: 'Sesi Anda telah berakhir' });
  await again.waitFor();
  assert.ok((await queued(page)).every((s) => s === 'waiting'), 'the queue is kept');
  await again.getByRole('textbox', { name: 'Kata sandi' }).fill(password);
  await again.getByRole('button', { name: 'Masuk', exact: true }).click();
  await again.waitFor({ state: 'hidden' });
  assert.equal(await page.getByLabel('Pemula').inputValue(), '7', 'what was being typed is still there');
  assert.equal(await sent(page, 15), 60);
  assert.deepEqual(await reported(place, days), days.map(() => 1), 'each day once on the server');
  assert.equal(posts(on).filter((p) => p.status === 201).length, 60);
});

offline('sesi berakhir saat aplikasi tertutup: antrean menunggu sampai masuk lagi', 'officer.12.71', async (page) => {
  const { id: place } = await point('12.71.04');
  const days = await unreported(place, 3);
  await page.context().setOffline(true);
  await fill(page, 'officer.12.71', days.map((date) => ({ place, date })));
  await page.context().clearCookies();
  await page.context().setOffline(false);
  await page.goto('/queue');
  const again = page.getByRole('dialog', { name: 'Sesi Anda telah berakhir' });
  await again.getByRole('textbox', { name: 'Kata sandi' }).fill(password);
  await again.getByRole('button', { name: 'Masuk', exact: true }).click();
  await page.getByText('Semua catatan sudah terkirim').waitFor();
  assert.deepEqual(await reported(place, days), [1, 1, 1]);
});

offline('orang lain masuk di perangkat yang sama: antrean tetap milik yang mencatat', 'officer.12.71', async (page, on) => {
  const { id: place } = await point('12.71.06');
  const days = await unreported(place, 2);
  await page.context().setOffline(true);
  await fill(page, 'officer.12.71', days.map((date) => ({ place, date })));
  await page.context().clearCookies();
  await page.context().setOffline(false);
  await page.getByRole('dialog', { name: 'Sesi Anda telah berakhir' }).getByRole('button', { name: 'Masuk sebagai pengguna lain' }).click();
  await signIn(page, 'officer2.12.71');
  await page.goto('/queue');
  await page.getByText('Semua catatan sudah terkirim').waitFor();
  assert.equal(await page.getByRole('article').count(), 0, 'nothing of the other is shown');
  await page.getByRole('button', { name: 'Akun officer2.12.71' }).click();
  await page.getByRole('button', { name: 'Keluar' }).click();
  await page.getByLabel('Nama pengguna').waitFor();
  assert.deepEqual(await reported(place, days), [0, 0], 'nothing was sent in the name of the other');
  assert.equal(posts(on).filter((p) => p.status === 201).length, 0);
  await signIn(page, 'officer.12.71');
  assert.equal(await sent(page), 2);
  assert.deepEqual(await reported(place, days), [1, 1]);
});

offline('orang lain masuk di tab lain: tidak ada yang terkirim atas namanya', 'officer.12.71', async (page, on) => {
  const { id: place } = await point('12.71.11');
  const days = await unreported(place, 2);
  await page.context().clearCookies();
  const other = await page.context().newPage();
  await other.goto('/account');
  await other.getByRole('dialog', { name: 'Sesi Anda telah berakhir' }).getByRole('button', { name: 'Masuk sebagai pengguna lain' }).click();
  await other.getByLabel('Nama pengguna').waitFor();
  await signIn(other, 'officer2.12.71');
  const again = page.getByRole('dialog', { name: 'Sesi Anda telah berakhir' }); // said before anything is asked in the other's name
  await again.waitFor();
  const asked = page.waitForResponse((r) => r.url().endsWith('/api/v1/me'));
  await fill(page, 'officer.12.71', days.map((date) => ({ place, date })));
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await asked;
  await page.waitForTimeout(300); // time enough to send
  assert.ok((await queued(page)).every((s) => s === 'waiting'));
  assert.deepEqual([posts(on).length, ...(await reported(place, days))], [0, 0, 0], 'nothing went in the name of the other');
  await again.getByRole('textbox', { name: 'Kata sandi' }).fill(password);
  await again.getByRole('button', { name: 'Masuk', exact: true }).click();
  assert.equal(await sent(page), 2);
  assert.deepEqual(await reported(place, days), [1, 1]);
  await other.getByRole('dialog', { name: 'Sesi Anda telah berakhir' }).waitFor(); // and now the other is asked
});

offline('dua tab mengirim bersamaan: setiap catatan satu kali', 'officer.12.71', async (page, on) => {
  const { id: place } = await point('12.71.07');
  const days = await unreported(place, 30);
  await page.context().setOffline(true);
  await fill(page, 'officer.12.71', days.map((date) => ({ place, date })));
  const second = await page.context().newPage();
  await second.goto('/queue');
  await second.getByText('30 catatan belum terkirim dari perangkat ini').waitFor();
  await page.context().setOffline(false); // both hear of it
  await second.getByRole('button', { name: 'Kirim sekarang' }).click({ timeout: 2_000 }).catch(() => undefined); // too late is as well
  assert.equal(await sent(page), 30);
  assert.equal(posts(on).length, 30, 'none was sent twice');
  assert.deepEqual(await reported(place, days), days.map(() => 1));
});

offline('dua perangkat melaporkan hari yang sama: petugas memilih', 'officer.12.71', async (page) => {
  const place = await supply(10);
  const [day] = await unreported(place.id, 1);
  const medan = await client('officer.12.71');
  await page.context().setOffline(true);
  await fill(page, 'officer.12.71', [{ place: place.id, date: day }]);
  await page.goto('/queue');
  await page.getByText('1 catatan belum terkirim dari perangkat ini').waitFor();
  const theirs = await medan.post('/uses', { place: place.id, item: 'ktp-el', date: day, lines: [], spoiled: 1 }); // from another device
  await page.context().setOffline(false);
  await page.getByRole('button', { name: 'Bandingkan kedua versi' }).click();
  await page.locator('[data-version=theirs]').getByText('1', { exact: true }).waitFor();
  await page.locator('[data-version=mine]').waitFor();
  await page.getByRole('button', { name: 'Pakai catatan saya' }).click();
  await page.getByText('Semua catatan sudah terkirim').waitFor();
  const { items } = await medan.get(`/uses?place=${place.id}&from=${day}&to=${day}`);
  assert.equal(items.find((u) => u.id === theirs.id).corrected, true);
  assert.deepEqual(items.filter((u) => !u.corrected).map((u) => [u.spoiled, u.corrects]), [[0, theirs.id]], 'one report stands, in the place of the other');
});

offline('aplikasi diperbarui di tengah kerja: tidak ada yang hilang atau ganda', 'officer.12.71', async (page, on) => {
  const { id: place } = await point('12.71.08');
  const days = await unreported(place, 12);
  await page.getByLabel('Tempat').selectOption({ label: 'Layanan Kecamatan Medan Belawan' });
  await page.getByLabel('Pemula').fill('7');
  await page.context().setOffline(true);
  await fill(page, 'officer.12.71', days.map((date) => ({ place, date })));

  // A new build: the worker is another one, and the line is slow, so that the queue is under way when it takes over.
  on.rule = (r) => (r.url === '/sw.js' ? { rewrite: (text) => text.replace(/const version = "\w+"/, 'const version = "a-later-build"') } : r.method === 'POST' ? { delay: 400 } : undefined);
  await page.context().setOffline(false);
  while (posts(on).length === 0) await page.waitForTimeout(20);
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await page.getByText('Versi baru aplikasi sudah siap').waitFor();
  assert.equal(await page.getByLabel('Pemula').inputValue(), '7', 'it waits, and what is being typed stays');
  assert.ok((await queued(page)).includes('waiting'), 'the queue is under way');
  const reloaded = page.waitForEvent('load');
  await page.getByRole('button', { name: 'Muat ulang' }).click();
  await reloaded;
  await page.getByRole('heading', { level: 1, name: 'Laporan harian' }).waitFor();
  const caches = await page.evaluate(() => caches.keys());
  assert.deepEqual(caches, ['blangko-a-later-build'], 'the new version has taken over, the old one is gone');
  assert.equal(await page.getByText('Versi baru aplikasi sudah siap').count(), 0);
  assert.equal(await sent(page, 60), 12);
  assert.deepEqual(await reported(place, days), days.map(() => 1));
  assert.equal(new Set(posts(on).map((p) => p.key)).size, 12);
});
