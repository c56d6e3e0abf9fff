// What each role does in a day.
import assert from 'node:assert/strict';
import { parcel as prepare } from './books.js';
import { client, journey, phone, signIn } from './harness.js';
import { sound } from './judge.js';

journey('siapa pun masuk dengan kata sandi, dan keluar', null, {}, async (page) => {
  await page.goto('/requests');
  await page.getByLabel('Nama pengguna').fill('planner');
  await page.getByRole('textbox', { name: 'Kata sandi' }).fill('salah sama sekali');
  await page.getByRole('button', { name: 'Masuk' }).click();
  await page.getByRole('alert').waitFor();
  await signIn(page, 'planner2');
  await page.getByRole('button', { name: 'Akun planner2' }).click();
  await page.getByRole('button', { name: 'Keluar' }).click();
  await page.getByLabel('Nama pengguna').waitFor();
  await page.goto('/requests');
  await page.getByLabel('Nama pengguna').waitFor();
});

journey('perencana melihat keadaan negara lalu membuka wilayah', 'planner', {}, async (page) => {
  await page.getByRole('region', { name: 'Angka utama' }).waitFor();
  await page.getByText('Data sintetis').waitFor();
  await page.getByText('Semua', { exact: true }).last().click();
  const table = page.getByRole('table');
  await assert.doesNotReject(table.getByRole('row').nth(514).waitFor());
  assert.equal(await table.getByRole('row').count(), 515, 'the head and 514 regions');
  assert.ok(await table.evaluate((e) => e.hasAttribute('data-kept')), 'rows out of sight are not laid out when it is sorted');
  await table.getByRole('button', { name: 'Sisa stok' }).click();
  await table.getByRole('button', { name: 'Sisa stok' }).click();
  const stock = (await table.getByRole('row').evaluateAll((rows) => rows.slice(1).map((r) => r.cells[2].textContent))).map((n) => Number(n.replaceAll('.', '')));
  assert.deepEqual(stock, stock.toSorted((a, b) => b - a), 'the most stock first, to the last row');
  await page.getByLabel('Cari wilayah').fill('Ternate');
  await table.getByRole('link', { name: 'Kota Ternate' }).click();
  await page.getByRole('heading', { level: 1, name: /Kota Ternate/ }).waitFor();
  await page.getByRole('button', { name: 'Penjelasan: Hari kecukupan' }).click();
  await page.getByText('Keadaan per').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Stok dan perkiraannya' }).waitFor();
  await page.getByRole('button', { name: 'Lihat sebagai tabel' }).first().click();
  await page.getByRole('table').first().waitFor();
});

journey('petugas kecamatan melihat kunjungan di wilayahnya', 'officer.12.71.03', { ...phone, at: '/visits' }, async (page) => {
  const visits = (await (await client('officer.12.71.03')).get('/visits?limit=1000')).items.filter((v) => v.published);
  assert.ok(visits.length > 0, 'teams go there');
  await page.getByRole('heading', { level: 1, name: 'Kunjungan' }).waitFor();
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Jakarta' }).format(new Date());
  const next = visits.find((v) => v.day >= today);
  if (next) await page.locator(`a[href="/visits/${next.id}"]`).waitFor();
});

journey('wilayah di setiap tingkat: permintaan, kiriman, cakupan, kunjungan yang akan datang, mutasi', 'planner', {}, async (page) => {
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Jakarta' }).format(new Date());
  const { items: [next] } = await (await client('planner')).get(`/visits?region=12.71&from=${today}&limit=1`);
  for (const [code, parts] of [['12', ['Permintaan', 'Pengiriman']], ['12.71', ['Permintaan', 'Pengiriman', 'Cakupan terakhir', 'Jejak mutasi']], ['12.71.03', ['Jejak mutasi']]]) {
    await page.goto(`/regions/${code}`);
    for (const name of parts) await page.getByRole('region', { name, exact: true }).getByRole('row').nth(1).waitFor();
    for (const name of ['Permintaan', 'Pengiriman', 'Cakupan terakhir', 'Jejak mutasi']) await page.getByRole('region', { name, exact: true }).waitFor();
    const visits = page.getByRole('region', { name: 'Kunjungan jemput bola', exact: true });
    await visits.waitFor();
    if (code !== '12.71.03') await visits.locator(`a[href="/visits/${next.id}"]`).waitFor(); // what comes stands first
  }
});

journey('perencana menyetujui satu permintaan, lalu beberapa sekaligus', 'planner', {}, async (page) => {
  await page.getByRole('link', { name: 'Permintaan', exact: true }).click();
  const row = page.getByRole('row').filter({ has: page.getByText('Diajukan', { exact: true }) }).first();
  await row.getByRole('link').click();
  await page.getByRole('button', { name: 'Setujui' }).click();
  await page.locator('.state', { hasText: /^Disetujui$/ }).waitFor();
  await page.getByRole('link', { name: 'Permintaan', exact: true }).first().click();
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

journey('persetujuan bersama: yang berubah sementara itu tampak dalam kedua versi', 'planner', { at: '/requests' }, async (page) => {
  const [medan, ternate, planner2] = await Promise.all(['officer.12.71', 'officer.82.71', 'planner2'].map(client));
  const n = 2_000 + Math.floor(Math.random() * 900) * 3; // told apart by how much they ask for
  const kept = await medan.post('/requests', { item: 'ktp-el', pieces: n, reason: 'lower-use' });
  const cut = await ternate.post('/requests', { item: 'ktp-el', pieces: n + 1, reason: 'lower-use' });
  const gone = await ternate.post('/requests', { item: 'ktp-el', pieces: n + 2, reason: 'lower-use' });
  await page.reload();
  const told = (pieces) => `${new Intl.NumberFormat('id').format(pieces)} keping`;
  for (const i of [0, 1, 2]) await page.getByRole('checkbox', { name: new RegExp(`^Pilih .*${told(n + i)}`) }).check();
  await page.getByRole('button', { name: 'Setujui yang dipilih' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Setujui' }).waitFor();
  await ternate.post(`/requests/${gone.id}/cancellation`, { reason: 'Salah ketik' }, { 'If-Match': `"${gone.version}"` });
  await planner2.post(`/requests/${cut.id}/rejection`, { reason: 'Stok pusat kosong' }, { 'If-Match': `"${cut.version}"` });
  await dialog.getByRole('button', { name: 'Setujui' }).click();
  const row = (i) => dialog.getByRole('row').filter({ hasText: `${told(n + i)} belum diputuskan` });
  await row(2).getByText(/Dibatalkan/).waitFor();
  await row(1).getByText(/Ditolak/).waitFor();
  assert.equal(await dialog.getByRole('row').count(), 3, 'the head and the two that have changed');
  await sound(page, 'a batch of which two have changed');
  assert.equal(await dialog.getByRole('button', { name: 'Lanjutkan di atas versi sekarang' }).count(), 0, 'neither can be approved any more');
  await dialog.getByRole('button', { name: 'Tutup' }).last().click();
  assert.deepEqual((await medan.get(`/requests/${kept.id}`)).state, 'approved');
  await page.getByText('Semua', { exact: true }).click(); // where the decided ones are listed too
  await page.getByRole('row').filter({ hasText: new Intl.NumberFormat('id').format(n + 2) }).first().waitFor();
  assert.equal(await page.getByRole('button', { name: 'Setujui yang dipilih' }).count(), 0, 'what is decided is not chosen any more');
});

journey('petugas mengajukan blangko dengan alasan', 'officer.12.71', { ...phone, at: '/requests/new' }, async (page) => {
  await page.getByLabel('Jumlah blangko').fill('12000');
  await page.getByLabel('Alasan').selectOption({ label: 'Jemput bola' });
  await page.getByLabel('Catatan').fill('Untuk pemula 🙂 مرحبا');
  await page.getByRole('button', { name: 'Periksa' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Ajukan' }).click();
  await page.getByRole('heading', { level: 1, name: /Kota Medan/ }).waitFor();
  await page.getByText('Untuk pemula 🙂 مرحبا').waitFor();
});

journey('provinsi memverifikasi satu permintaan dan mengembalikan yang lain', 'province.12', { at: '/requests' }, async (page) => {
  const medan = await client('officer.12.71');
  const ask = () => medan.post('/requests', { item: 'ktp-el', pieces: 11_000, reason: 'backlog' });
  const [good, bad] = [await ask(), await ask()];
  await page.getByRole('row').filter({ has: page.getByRole('link', { name: 'Kota Medan' }) }).first().waitFor();
  await page.goto(`/requests/${good.id}`);
  await page.getByRole('button', { name: 'Verifikasi' }).click();
  await page.locator('.state', { hasText: /^Diverifikasi$/ }).waitFor();
  await page.goto(`/requests/${bad.id}`);
  await page.getByRole('button', { name: 'Kembalikan' }).click();
  await page.getByRole('alert').waitFor(); // sent back without a reason
  await page.getByLabel('Catatan').fill('Lampirkan daftar tunggu');
  await page.getByRole('button', { name: 'Kembalikan' }).click();
  await page.locator('.state', { hasText: /^Dikembalikan$/ }).waitFor();
  const states = await Promise.all([good, bad].map(async (r) => (await medan.get(`/requests/${r.id}`)).state));
  assert.deepEqual(states, ['verified', 'returned']);
});

journey('permintaan diputus orang lain sementara itu: kedua versi tampak', 'province.12', { at: '/requests' }, async (page) => {
  const [medan, province] = await Promise.all(['officer.12.71', 'province.12'].map(client));
  const asked = await medan.post('/requests', { item: 'ktp-el', pieces: 12_000, reason: 'backlog' });
  await page.goto(`/requests/${asked.id}`);
  await page.getByRole('button', { name: 'Kembalikan' }).waitFor();
  await province.post(`/requests/${asked.id}/verification`, {}, { 'If-Match': `"${asked.version}"` });
  await page.getByLabel('Catatan').fill('Lampirkan daftar tunggu');
  await page.getByRole('button', { name: 'Kembalikan' }).click();
  const both = page.getByRole('alert').getByRole('row', { name: /Keadaan|Status/ });
  await both.getByText('Diajukan', { exact: true }).waitFor();
  await both.getByText('Diverifikasi', { exact: true }).waitFor();
  assert.equal(await page.getByLabel('Catatan').inputValue(), 'Lampirkan daftar tunggu', 'what was written stays');
  await page.getByRole('button', { name: 'Lanjutkan di atas versi sekarang' }).click();
  await page.locator('.state', { hasText: /^Dikembalikan$/ }).waitFor();
  assert.equal((await medan.get(`/requests/${asked.id}`)).state, 'returned');
});

let parcel; // the shipment that the store sends and the office receives

journey('petugas gudang mengirim satu kiriman', 'store', { at: '/account' }, async (page) => {
  parcel = await prepare(40);
  await page.getByRole('link', { name: 'Pengiriman' }).click();
  await page.getByText('Disiapkan', { exact: true }).first().click();
  await page.getByRole('link', { name: parcel.document }).click();
  await page.getByRole('button', { name: 'Kirim', exact: true }).click();
  await page.locator('.state', { hasText: /^Dalam perjalanan$/ }).waitFor();
  await page.getByRole('button', { name: 'Kirim', exact: true }).waitFor({ state: 'detached' });
  assert.equal((await (await client('store')).get(`/shipments/${parcel.id}`)).state, 'dispatched');
});

journey('petugas menerima kiriman yang kurang satu keping', 'officer.12.71', { ...phone, at: '/shipments' }, async (page) => {
  assert.ok(parcel, 'the store has sent it');
  await page.goto(`/shipments/${parcel.id}`);
  const form = page.getByRole('form', { name: 'Terima kiriman' });
  await form.getByLabel('Baik').fill('38');
  await form.getByLabel('Rusak').fill('1');
  await form.getByText('Selisih', { exact: true }).waitFor();
  await form.getByRole('button', { name: 'Terima' }).click();
  await page.getByText('Penerimaan tercatat').waitFor();
  const medan = await client('officer.12.71');
  const { good, damaged } = (await medan.get(`/shipments/${parcel.id}`)).lines[0];
  assert.deepEqual({ good, damaged }, { good: 38, damaged: 1 });
  const cases = (await medan.get('/discrepancies?limit=1000')).items.filter((d) => d.shipment === parcel.id);
  assert.deepEqual(cases.map((d) => `${d.kind} ${d.pieces}`).sort(), ['damaged 1', 'short 1'], 'the sender has to answer for both');
});

journey('petugas mencatat pemakaian harian dan melihat sisa di rak', 'officer2.12.71', { ...phone, at: '/use' }, async (page) => {
  const medan = await client('officer.12.71');
  const office = page.getByLabel('Tempat');
  if (await office.isVisible()) await office.selectOption({ index: 0 });
  // The first day of this month, or of the one before, that is not reported yet.
  const free = page.locator('button.day:not([disabled]):not(.reported)');
  await page.locator('button.day').first().waitFor();
  if ((await free.count()) === 0) await page.getByRole('button', { name: 'Bulan sebelumnya' }).click();
  const label = await free.first().getAttribute('aria-label');
  await free.first().click();
  await page.getByLabel('Pemula').fill('3');
  await page.getByLabel('Gagal cetak').fill('1');
  await page.getByLabel('Sisa dihitung di rak').fill('1');
  await page.getByText(/Rak (lebih|kurang) .* keping dari catatan/).waitFor();
  await page.getByRole('button', { name: 'Catat', exact: true }).click();
  await page.getByText('Laporan tercatat').waitFor();
  await page.getByRole('button', { name: label.split(':')[0] + ': Dilaporkan' }).waitFor();
  const uses = await medan.get('/uses?region=12.71&limit=20');
  assert.ok(uses.items.some((u) => u.actor === 'officer2.12.71' && u.pieces === 3 && u.spoiled === 1), 'it is on the server');
});

journey('angka yang salah dijelaskan di samping isiannya', 'officer.12.71', { ...phone, at: '/use' }, async (page) => {
  await page.getByLabel('Pemula').fill('99999999');
  await page.getByRole('button', { name: 'Catat', exact: true }).click();
  const summary = page.getByRole('alert');
  await summary.getByText(/Stok tidak cukup|sudah dilaporkan/).waitFor();
  assert.ok(await summary.evaluate((e) => e === document.activeElement), 'the summary has the focus');
  assert.equal(await page.getByLabel('Pemula').inputValue(), '99.999.999', 'what was typed is still there');
});

journey('sesi berakhir saat mengetik: tidak ada yang hilang', 'officer.82.71', { ...phone, at: '/requests/new' }, async (page) => {
  await page.getByLabel('Catatan').fill('sudah diketik');
  await page.getByLabel('Jumlah blangko').fill('700');
  await page.getByLabel('Alasan').selectOption({ index: 1 });
  await page.waitForLoadState('networkidle'); // an answer on its way would bring the session back
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

journey('auditor melihat semua dan tidak mengubah apa pun', 'auditor', {}, async (page) => {
  const planner = await client('planner');
  const [request] = (await planner.get('/requests?open=true&limit=1')).items;
  const [shipment] = (await planner.get('/shipments?state=prepared&limit=1')).items;
  await page.getByRole('region', { name: 'Angka utama' }).waitFor();
  const deeds = page.getByRole('main').getByRole('button', { name: /^(Setujui|Tolak|Verifikasi|Kembalikan|Kirim|Terima|Catat|Ajukan|Tindak lanjuti|Setujui yang dipilih)$/ });
  for (const path of [`/requests/${request.id}`, `/shipments/${shipment.id}`, '/alerts', '/requests']) {
    await page.goto(path);
    await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
    await page.getByRole('main').getByRole('table').or(page.getByRole('heading', { name: 'Jejak' })).first().waitFor();
    assert.equal(await deeds.count(), 0, `nothing to do on ${path}`);
    assert.equal(await page.getByRole('checkbox').count(), 0, `nothing to pick on ${path}`);
  }
  await page.goto('/requests/new');
  await page.getByRole('main').waitFor();
  // Nor past the screens.
  const refused = await page.request.post(`/api/v1/requests/${request.id}/approval`, {
    data: { pieces: 1 }, headers: { 'Idempotency-Key': crypto.randomUUID(), 'If-Match': `"${request.version}"` },
  });
  assert.equal(refused.status(), 403);
});

journey('admin tidak menyentuh stok', 'admin', {}, async (page) => {
  await page.getByRole('heading', { level: 1, name: 'Akun' }).waitFor();
  await page.getByText('admin, Admin aplikasi').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Permintaan' }).count(), 0);
  await page.getByLabel('Kata sandi sekarang').fill('bukan ini');
  await page.getByLabel('Kata sandi baru').fill('pendek');
  await page.getByRole('button', { name: 'Ganti' }).click();
  await page.getByRole('alert').waitFor();
  const stock = await page.request.get('/api/v1/stock?level=regency');
  assert.equal(stock.status(), 403);
});
