// What the desk of an office does with a plan that others work on too: dragging, contradiction, a lost team, blanks.
import assert from 'node:assert/strict';
import { handMade, takeBack } from './books.js';
import { client, journey } from './harness.js';
import { sound } from './judge.js';

const version = (of) => ({ 'If-Match': `"${of.version}"` });
const exactly = (name) => new RegExp(name.replace(/[()./]/g, '.'));

journey('meja jemput bola menyeret kunjungan di papan: akibatnya tampak sebelum dilepas', 'officer.82.71', {}, async (page) => {
  const plan = await handMade();
  const ask = await client('officer.82.71');
  const now = async () => (await ask.get(`/plans/${plan.id}`)).visits.filter((v) => v.state === 'proposed');
  const [v] = plan.visits;
  const site = (await now()).filter((x) => x.site === v.site);
  assert.equal(site.length, 1);
  await page.goto(`/outreach/${plan.id}`);
  await page.waitForLoadState('networkidle');
  const board = page.getByRole('group', { name: 'Papan kunjungan' });
  const card = board.getByRole('button', { name: exactly(v.site_name) });
  const cell = (team, day) => board.locator(`[data-cell="${team} ${day}"]`);
  const days = (await board.locator('tbody tr').first().locator('td').evaluateAll((all) => all.map((c) => c.dataset.cell.split(' ')[1])));
  const sunday = days.find((d) => new Date(d).getUTCDay() === 0);
  const other = days.find((d) => d !== v.day && ![0, 6].includes(new Date(d).getUTCDay()));

  // Over a Sunday it says why not; over a working day what it would make of the plan; let go elsewhere, nothing is done.
  await card.scrollIntoViewIfNeeded();
  const over = async (to) => {
    const box = await to.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + 12, { steps: 4 });
    await page.mouse.move(box.x + box.width / 2 + 2, box.y + 14);
  };
  const from = await card.boundingBox();
  await page.mouse.move(from.x + 20, from.y + 10);
  await page.mouse.down();
  await over(cell(v.team, sunday));
  await board.getByText(/^Tutup pada jam kerja tim|^Tim tidak berangkat pada hari itu/).waitFor();
  await over(cell(v.team, other));
  await board.getByText(/orang, .* menit di jalan/).waitFor();
  await page.mouse.up();
  const dialog = page.getByRole('dialog', { name: v.site_name });
  await dialog.getByRole('row', { name: /^Perkiraan direkam/ }).waitFor();
  assert.equal(await dialog.getByLabel('Hari').inputValue(), other, 'the dialog stands on the day it was dragged to');
  assert.equal((await now()).find((x) => x.id === v.id).day, v.day, 'nothing has moved yet');
  await dialog.getByRole('button', { name: 'Pindahkan' }).click();
  await page.getByText(`${v.site_name} dipindahkan.`).waitFor();
  await cell(v.team, other).getByRole('button', { name: exactly(v.site_name) }).waitFor();
  assert.equal((await now()).find((x) => x.id === v.id).day, other);
  await page.getByRole('button', { name: 'Urungkan' }).click();
  await cell(v.team, v.day).getByRole('button', { name: exactly(v.site_name) }).waitFor();

  // Dropped where it lies already, it stays. Enter on a card takes it in hand as well.
  await card.dragTo(cell(v.team, v.day));
  assert.equal(await page.getByRole('dialog').count(), 0);
  await card.focus();
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Keluarkan' }).click();
  await dialog.getByRole('row', { name: /^Kunjungan/ }).waitFor();
  await dialog.getByRole('button', { name: 'Keluarkan' }).click();
  await page.getByText(`${v.site_name} dikeluarkan dari rencana.`).waitFor();

  // From the list of those left out back onto the board.
  await page.getByRole('group', { name: 'Mengapa tidak masuk' }).getByText(v.site_name, { exact: true }).dragTo(cell(v.team, v.day));
  await dialog.getByRole('row', { name: /^Kunjungan/ }).waitFor();
  await sound(page, 'a place dragged onto the board');
  await dialog.getByRole('button', { name: 'Masukkan' }).click();
  await page.getByText(`${v.site_name} masuk rencana.`).waitFor();
  assert.deepEqual((await now()).filter((x) => x.site === v.site).map((x) => [x.team, x.day]), [[v.team, v.day]]);
  await takeBack(ask, await ask.get(`/plans/${plan.id}`));
});

journey('lokasi setuju atas kunjungan yang baru berubah: kedua versi tampak', 'officer.82.71', {}, async (page) => {
  const plan = await handMade();
  const ask = await client('officer.82.71');
  const [v, w] = plan.visits;
  await page.goto(`/outreach/${plan.id}`);
  const agree = (x) => page.getByRole('button', { name: `Catat: ${x.site_name} setuju` });
  await agree(v).waitFor();
  await ask.post(`/visits/${v.id}/pin`, { pinned: true }, version(v));
  await ask.post(`/visits/${w.id}/cancellation`, { reason: 'Ditunda sekolah' }, version(w));
  await agree(v).click();
  const both = page.getByRole('alert');
  await both.getByText('sudah diubah orang lain').waitFor();
  await both.getByRole('columnheader', { name: 'Yang Anda baca' }).waitFor();
  await sound(page, 'a site that agreed to a visit that had changed');
  await both.getByRole('button', { name: 'Lanjutkan di atas versi sekarang' }).click();
  await page.getByRole('row', { name: exactly(v.site_name) }).getByText('Disepakati', { exact: true }).first().waitFor();
  await agree(w).waitFor({ state: 'detached' }); // called off meanwhile
  const after = await ask.get(`/plans/${plan.id}`);
  assert.equal(after.visits.find((x) => x.id === v.id).state, 'confirmed');
  assert.equal(after.outcome.visits, plan.outcome.visits - 1, 'the plan is worth a visit less');
  await takeBack(ask, after);
});

journey('kunjungan diatur sementara orang lain mengubahnya: kedua versi tampak, juga saat mengurungkan', 'officer.82.71', {}, async (page) => {
  const plan = await handMade();
  const ask = await client('officer.82.71');
  const v = plan.visits.find((x) => x.shares === 1);
  const now = async () => (await ask.get(`/plans/${plan.id}`)).visits.find((x) => x.id === v.id);
  const pin = async (pinned) => ask.post(`/visits/${v.id}/pin`, { pinned }, version(await now()));
  // Its team is closed.
  await page.route('**/api/v1/teams?*', async (route) => {
    const answer = await route.fetch();
    const teams = await answer.json();
    for (const team of teams.items) if (team.id === v.team) team.status = 'closed';
    await route.fulfill({ response: answer, json: teams });
  });
  await page.goto(`/outreach/${plan.id}`);
  await page.waitForLoadState('networkidle');
  await page.getByRole('button', { name: `Atur: ${v.site_name}` }).click();
  const dialog = page.getByRole('dialog', { name: v.site_name });
  const team = dialog.getByLabel('Tim');
  assert.equal(await team.locator('option:checked').innerText(), `${v.team_name} (tidak berangkat)`);
  assert.ok(await team.locator('option:checked').isDisabled(), 'it cannot be chosen');

  // Another day, while somebody else has changed the visit: the trial finds out, and both versions show.
  await pin(true);
  const days = await dialog.getByLabel('Hari').locator('option').evaluateAll((all) => all.map((o) => o.value));
  await dialog.getByLabel('Hari').selectOption(days.find((d) => d !== v.day && ![0, 6].includes(new Date(d).getUTCDay())));
  const both = page.getByRole('alert');
  await both.getByRole('row').first().waitFor();
  assert.deepEqual(await both.getByRole('row', { name: /^Tetap di hari dan tim ini/ }).getByRole('cell').allInnerTexts(), ['Tidak', 'Ya']);
  await sound(page, 'a visit that changed while it was taken in hand');
  await both.getByRole('button', { name: 'Lanjutkan di atas versi sekarang' }).click();
  await dialog.getByRole('row', { name: /^Perkiraan direkam/ }).waitFor();
  await dialog.getByRole('button', { name: 'Pindahkan' }).click();
  await page.getByText(`${v.site_name} dipindahkan.`).waitFor();
  assert.notEqual((await now()).day, v.day);

  // And again before it is undone.
  await pin(!(await now()).pinned);
  await page.getByRole('button', { name: 'Urungkan' }).click();
  await both.getByRole('row', { name: /^Tetap di hari dan tim ini/ }).locator('b.changed').waitFor();
  await both.getByRole('button', { name: 'Lanjutkan di atas versi sekarang' }).click();
  await page.getByText(`${v.site_name} dipindahkan.`).waitFor({ state: 'detached' });
  assert.equal((await now()).day, v.day);
  await takeBack(ask, await ask.get(`/plans/${plan.id}`));
});

journey('satu tim tidak dapat berangkat: rencana yang diumumkan dicari ulang tanpa tim itu', 'officer.82.71', {}, async (page) => {
  const ask = await client('officer.82.71');
  const plan = await handMade(5);
  const published = await ask.post(`/plans/${plan.id}/publication`, undefined, version(plan)).catch(() => ask.post(`/plans/${plan.id}/publication`, {}, version(plan)));
  const lost = published.visits[0];
  await page.goto(`/outreach/${plan.id}`);
  await page.getByRole('button', { name: 'Rencanakan ulang' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('group', { name: 'Tim yang tidak dapat berangkat' }).getByLabel('Tim').selectOption({ label: lost.team_name });
  await dialog.getByLabel('Hari', { exact: true }).selectOption(lost.day);
  await dialog.getByRole('button', { name: 'Tambah' }).click();
  await dialog.getByText(exactly(`${lost.team_name}: `)).waitFor();
  await sound(page, 'a plan that loses a team');
  await dialog.getByRole('button', { name: 'Rencanakan ulang' }).click();
  await dialog.waitFor({ state: 'hidden', timeout: 60_000 });
  const after = await ask.get(`/plans/${plan.id}`);
  const going = after.visits.filter((v) => v.state === 'proposed' || v.state === 'confirmed');
  assert.deepEqual(going.filter((v) => v.team === lost.team && v.day === lost.day), [], 'the team does not go out that day');
  const others = (p) => p.visits.filter((v) => v.state !== 'cancelled' && !(v.team === lost.team && v.day === lost.day)).map((v) => [v.site, v.team, v.day].join(' '));
  const kept = new Set(others(after));
  assert.ok(others(published).every((v) => kept.has(v)), 'what was announced for other teams and days stays');
  await takeBack(ask, after);
});

journey('meja memberi dan menarik blangko sebuah kunjungan, lalu menghitung blangko kunjungan yang batal', 'officer.82.71', {}, async (page) => {
  const ask = await client('officer.82.71'), field = await client('outreach.82.71');
  const plan = await handMade();
  const v = plan.visits.find((x) => x.blanks > 0);
  assert.ok(v, 'there are blanks for a visit');
  await page.goto(`/visits/${v.id}`);
  await page.getByRole('button', { name: 'Rekam saja' }).click();
  await page.getByRole('button', { name: 'Beri blangko' }).waitFor();
  let now = await ask.get(`/visits/${v.id}`);
  assert.deepEqual([now.blanks, now.record_only], [0, true]);
  assert.equal((await ask.get(`/plans/${plan.id}`)).outcome.blanks.record_only, plan.outcome.blanks.record_only + 1);
  await page.getByRole('button', { name: 'Beri blangko' }).click();
  await page.getByRole('button', { name: 'Serahkan blangko' }).click();
  await page.waitForLoadState('networkidle');
  now = await ask.get(`/visits/${v.id}`);
  assert.deepEqual([now.blanks, now.handed], [v.blanks, v.blanks]);

  // The team takes them, and the road is cut: what it took is counted back in by the office.
  now = await field.post(`/visits/${v.id}/start`, { blanks: v.blanks }, version(now));
  await field.post(`/visits/${v.id}/miss`, { reason: 'Jembatan putus' }, version(now));
  await page.reload();
  const back = page.getByRole('form', { name: 'Terima kembali' }).or(page.locator('form', { has: page.getByRole('heading', { name: 'Terima kembali' }) })).first();
  await back.waitFor();
  await sound(page, 'a visit called off whose blanks are out');
  await back.getByLabel('Blangko dibawa pulang').fill(String(v.blanks + 1));
  await back.getByRole('button', { name: 'Terima kembali' }).click();
  await page.getByRole('alert').waitFor(); // more than was taken
  await back.getByLabel('Blangko dibawa pulang').fill(String(v.blanks));
  await back.getByRole('button', { name: 'Terima kembali' }).click();
  await back.waitFor({ state: 'detached' });
  assert.equal((await ask.get(`/visits/${v.id}`)).handed ?? 0, 0, 'nothing is out');
  await takeBack(ask, await ask.get(`/plans/${plan.id}`));
});

journey('meja jemput bola mewajibkan satu lokasi, dan menyatakan sebuah tanda benar adanya', 'officer.82.71', {}, async (page) => {
  const ask = await client('officer.82.71');
  const name = 'Diatur tangan';
  const before = await handMade(); // whose sites are free again then
  await takeBack(ask, before);
  const far = await ask.get(`/sites/${before.visits[0].site}`);
  await page.goto('/outreach/new');
  await page.getByLabel('Nama (bila perlu)').fill(name);
  const later = new Date(Date.now() + 40 * 86_400_000);
  while (later.getUTCDay() !== 1) later.setUTCDate(later.getUTCDate() + 1);
  await page.getByLabel('Hari pertama').fill(later.toISOString().slice(0, 10));
  await page.getByLabel('Jumlah hari').fill('1');
  await page.getByText('Lokasi wajib, jenis lokasi').click();
  await page.getByLabel('Cari nama lokasi').fill(far.name.slice(0, 12));
  await page.getByRole('button', { name: `Wajibkan: ${far.name}` }).click();
  await page.getByRole('button', { name: `Hapus: ${far.name}` }).waitFor();
  await sound(page, 'a plan with a site that is a must');
  await page.getByRole('button', { name: 'Cari rencana' }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor({ timeout: 60_000 });
  const plan = await ask.get(`/plans/${page.url().split('/').at(-1)}`);
  assert.deepEqual(plan.asked.mandatory, [far.id]);
  assert.ok(plan.visits.some((v) => v.site === far.id), 'it is visited');
  await takeBack(ask, plan);

  // A second site of the same name beside the first may be one too many; a person says that it is not.
  const balai = { region: far.region, kind: 'institution', name: `Balai uji ${Date.now().toString(36)}`, lon: far.lon, lat: far.lat, source: 'uji peramban (sintetis)' };
  await ask.post('/sites', balai);
  const twin = await ask.post('/sites', balai);
  assert.ok(twin.flags.includes('near-duplicate'));
  await page.goto('/outreach/sites');
  await page.getByLabel('Perlu dilihat').selectOption('near-duplicate');
  await page.getByRole('button', { name: `Periksa: ${twin.name}` }).first().click();
  const dialog = page.getByRole('dialog', { name: twin.name });
  await dialog.getByLabel('Mirip lokasi lain: sudah diperiksa, memang benar').check();
  await ask.post(`/sites/${twin.id}/heads`, { group: 'all', people: 40, as_of: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10), basis: 'estimated' });
  await dialog.getByRole('button', { name: 'Simpan' }).click();
  await dialog.getByRole('alert').getByText('Yang Anda baca').waitFor(); // somebody counted meanwhile
  await sound(page, 'a flag judged on a site that has changed');
  await dialog.getByRole('button', { name: 'Lanjutkan di atas versi sekarang' }).click();
  await dialog.waitFor({ state: 'detached' });
  const after = await ask.get(`/sites/${twin.id}`);
  assert.deepEqual([after.checked, after.flags.includes('near-duplicate')], [['near-duplicate'], false]);
  await ask.put(`/sites/${twin.id}`, { ...balai, status: 'closed' }, version(after));
});

journey('meja melihat hasil kunjungan, mengunduh daftarnya, dan membagikan kalender tim', 'officer.82.71', { at: '/outreach/results' }, async (page) => {
  const list = page.getByRole('group', { name: 'Hasil kunjungan menurut jenis lokasi' });
  await list.getByRole('row').nth(1).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Unduh Hasil kunjungan menurut jenis lokasi sebagai CSV' }).click()]);
  assert.equal(download.suggestedFilename(), 'visits.achieved.csv');
  const text = await (await import('node:fs/promises')).readFile(await download.path(), 'utf8');
  assert.match(text, /region.*kind.*visits/, 'its head names the columns');
  await page.getByLabel('Dari').fill(''); // while it is typed anew, the last answer stays
  await page.getByText('Isi kedua tanggal').waitFor();
  await list.getByRole('row').nth(1).waitFor();
  await page.getByLabel('Dari').fill('2020-01-01');
  await page.getByLabel('Sampai').fill('2020-01-31');
  await page.getByText('Tidak ada kunjungan pada hari-hari ini.').waitFor();

  const ask = await client('officer.82.71');
  const plan = await handMade();
  await page.goto(`/outreach/${plan.id}`);
  await page.getByRole('button', { name: /^Bagikan kalender Tim/ }).first().click();
  const dialog = page.getByRole('dialog');
  // The address is secret: where the answer is lost it cannot be told again.
  await page.route('**/calendar/link', async (route) => (await route.fetch(), route.abort()), { times: 1 });
  await dialog.getByRole('button', { name: 'Buat alamat baru' }).click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByRole('button', { name: 'Buat alamat baru' }).click();
  await dialog.getByText('jawabannya hilang di jalan').waitFor();
  await dialog.getByRole('button', { name: 'Buat alamat baru' }).click();
  const address = await dialog.getByLabel('Alamat kalender').inputValue();
  await sound(page, 'a calendar that is shared');
  const read = async () => { const r = await fetch(address); return [r.status, (await r.text()).slice(0, 15)]; };
  assert.deepEqual(await read(), [200, 'BEGIN:VCALENDAR'], 'whoever has the address reads it without signing in');
  await dialog.getByRole('button', { name: 'Akhiri alamat' }).click();
  await dialog.getByText('Alamat kalender sudah tidak berlaku.').waitFor();
  assert.equal((await read())[0], 404);
  await takeBack(ask, plan);
});
