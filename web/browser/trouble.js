// Bad lines, bad answers, bad input: the application says what is wrong, keeps what was typed, and does nothing twice.
import assert from 'node:assert/strict';
import { client, journey, phone, signIn, together } from './harness.js';
import { point, reported, unreported } from './books.js';
import { fill, posts, queued, sent } from './queue.js';

const cut = /ERR_(CONTENT_LENGTH_MISMATCH|EMPTY_RESPONSE|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING|FAILED)|status of (401|409|50\d)/;
const isApi = (path) => (r) => r.url.startsWith('/api/v1' + path);

// asks tells how many requests for blanks somebody has made.
const asks = async (user, note) => (await (await client(user)).get('/requests?limit=1000')).items.filter((r) => r.note === note);

async function ask(page, note) {
  await page.goto('/requests/new');
  await page.getByLabel('Jumlah blangko').fill('900');
  await page.getByLabel('Alasan').selectOption({ label: 'Lainnya' });
  await page.getByLabel('Catatan').fill(note);
  await page.getByRole('button', { name: 'Periksa' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Ajukan' }).click();
}

together('galat', () => {
  journey('jaringan lambat: sepuluh detik untuk setiap jawaban, dan tombol yang ditekan dua kali', 'officer.82.71', { ...phone, line: true, at: '/account' }, async (page, on) => {
    const slow = 10_000, note = `jalur lambat ${Date.now()}`;
    const desk = await page.context().newPage();
    await desk.goto('/requests/new');
    await desk.getByLabel('Jumlah blangko').fill('800');
    await desk.getByLabel('Alasan').selectOption({ label: 'Lainnya' });
    await desk.getByLabel('Catatan').fill(note);
    await desk.getByRole('button', { name: 'Periksa' }).click();
    on.rule = (r) => (isApi('/stock')(r) || r.method === 'POST' ? { delay: slow } : undefined);
    const began = Date.now();
    await desk.getByRole('dialog').getByRole('button', { name: 'Ajukan' }).dblclick();
    await page.goto('/');
    await page.getByText('Memuat…').waitFor();
    await page.getByRole('button', { name: 'Menu' }).click(); // the way on is open meanwhile
    await page.getByRole('link', { name: 'Akun', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Akun' }).waitFor();
    await page.goBack();
    await page.getByText(/Stok (cukup|kosong|\d)/).waitFor({ timeout: 30_000 });
    assert.ok(Date.now() - began >= slow);
    on.rule = () => undefined;
    await desk.getByRole('heading', { level: 1, name: /Ternate/ }).waitFor({ timeout: 30_000 });
    assert.equal((await asks('officer.82.71', note)).length, 1);
  });

  journey('jawaban terputus: dikatakan, dan dapat dicoba lagi', 'planner', { line: true, troubles: cut, at: '/account' }, async (page, on) => {
    for (const how of ['before', 'half']) {
      on.rule = (r) => (isApi('/alerts')(r) ? { cut: how } : undefined);
      await page.goto('/alerts');
      const alert = page.getByRole('alert');
      await alert.getByText(/Tidak ada jaringan|Jaringan|tersambung/).waitFor();
      on.rule = () => undefined;
      await alert.getByRole('button', { name: 'Coba lagi' }).click();
      await page.getByRole('table', { name: 'Peringatan' }).waitFor();
    }
    // Once it is in sight it stays there, and it is said that it is the last answer.
    on.rule = (r) => (isApi('/')(r) ? { answer: [502, '<h1>Bad gateway</h1>'] } : undefined);
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await page.getByText('Selesai', { exact: true }).click();
    await page.getByRole('alert').getByText(/server/i).waitFor();
    on.rule = () => undefined;
    await page.getByRole('button', { name: 'Coba lagi' }).first().click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  for (const how of ['after', 'half']) {
    journey(`kiriman yang jawabannya hilang (${how}) tidak menjadi dua`, 'officer.82.71', { ...phone, line: true, troubles: cut, at: '/account' }, async (page, on) => {
      const note = `jawaban hilang ${how} ${Date.now()}`;
      // Every one, since a browser asks again by itself when a line that was open is cut.
      on.rule = (r) => (r.method === 'POST' && isApi('/requests')(r) ? { cut: how } : undefined);
      await ask(page, note);
      await page.getByRole('alert').waitFor();
      assert.equal(await page.getByLabel('Catatan').inputValue(), note, 'what was typed is still there');
      assert.equal((await asks('officer.82.71', note)).length, 1, 'the server has it already');
      on.rule = () => undefined;
      await page.getByRole('button', { name: 'Periksa' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Ajukan' }).click();
      await page.getByRole('heading', { level: 1, name: /Ternate/ }).waitFor();
      await page.getByText(note).waitFor();
      assert.equal((await asks('officer.82.71', note)).length, 1, 'and has it once');
    });
  }

  journey('galat server: isian tetap, nomor permintaan disebut, antrean menunggu', 'officer.12.71', { ...phone, line: true, troubles: cut, at: '/account' }, async (page, on) => {
    const broken = JSON.stringify({ status: 500, code: 'internal', request_id: 'nomor-untuk-bantuan' });
    on.rule = (r) => (r.method === 'POST' ? { answer: [500, broken] } : undefined);
    const note = `galat ${Date.now()}`;
    await ask(page, note);
    const alert = page.getByRole('alert');
    await alert.getByText('nomor-untuk-bantuan').waitFor();
    assert.equal(await page.getByLabel('Catatan').inputValue(), note);
    assert.equal((await asks('officer.12.71', note)).length, 0);

    const { id: place } = await point('12.71.09');
    const days = await unreported(place, 2);
    await page.goto('/queue');
    await page.getByText('Semua catatan sudah terkirim').waitFor();
    await fill(page, 'officer.12.71', days.map((date) => ({ place, date })));
    await page.goto('/queue');
    await page.getByText('2 catatan belum terkirim dari perangkat ini').waitFor();
    await page.getByRole('button', { name: 'Kirim sekarang' }).click();
    await page.getByText('Server sedang bermasalah').waitFor();
    assert.deepEqual(await queued(page), ['waiting', 'waiting']);
    on.rule = () => undefined;
    await page.getByRole('button', { name: 'Kirim sekarang' }).click();
    assert.equal(await sent(page), 2);
    assert.deepEqual(await reported(place, days), [1, 1]);
  });

  journey('nama yang sangat panjang tidak merusak tata letak', 'officer.12.71', { line: true, at: '/account' }, async (page, on) => {
    const long = 'Kantor Dinas 👩🏽‍🦽 مرحبا بالعالم Kependudukan dan Pencatatan Sipil Kabupaten Kepulauan '.repeat(3) + 'Xx'.repeat(60);
    const named = /"(name|to_name|from_name|carrier|document|created_by|actor|site_name|team_name|reason|note|handed_by|source|period|reported_by)":"[^"]+"/g;
    const medan = await client('officer.12.71');
    const plan = (await medan.get('/plans?region=12.71&limit=1')).items[0], visit = (await medan.get(`/plans/${plan.id}`)).visits[0];
    on.rule = (r) => (r.method === 'GET' && isApi('/')(r) ? { rewrite: (text) => text.replaceAll(named, `"$1":"${long}"`) } : undefined);
    const wrong = [];
    for (const path of [
      '/', '/requests', '/shipments', '/regions/12.71', '/alerts', '/use', '/requests/new', '/coverage', '/coverage/new', '/queue',
      '/outreach', '/outreach/sites', '/outreach/gaps', '/outreach/new', `/outreach/${plan.id}`, '/visits', `/visits/${visit.id}`,
    ]) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      for (const width of [390, 1280]) {
        await page.setViewportSize({ width, height: 844 });
        const wide = await page.evaluate(async () => {
          const fits = () => document.documentElement.scrollWidth <= document.documentElement.clientWidth;
          for (let i = 0; i < 30; i++) { // until it has found its new width
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)));
            if (i > 1 && fits()) return '';
          }
          const room = document.documentElement.clientWidth;
          return [...document.querySelectorAll('main *, header *')].find((e) => e.getBoundingClientRect().right > room + 1)?.outerHTML.slice(0, 160) ?? 'something';
        });
        if (wide) wrong.push(`${path} on a screen of ${width}: ${wide}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  // The day is that of the office, whatever the device and the server hold. A year that the demo has not reported yet.
  const next = new Date().getUTCFullYear() + 1;
  for (const timezoneId of ['Asia/Jayapura', 'Asia/Jakarta', 'UTC']) {
    journey(`hari kerja menurut zona kantor, perangkat di ${timezoneId}`, 'officer.82.71', { ...phone, timezoneId, line: true, at: '/account' }, async (page, on) => {
      const day = (d) => new Intl.DateTimeFormat('id-ID', { dateStyle: 'full', timeZone: 'UTC' }).format(new Date(d));
      await page.clock.install({ time: new Date(`${next}-03-16T14:59:30Z`) }); // half a minute before midnight in Ternate
      let said;
      on.rule = (r) => (r.method === 'POST' && isApi('/uses')(r) ? { answer: [201, '{}'], heard: (text) => (said = JSON.parse(text)) } : undefined);
      await page.goto('/use');
      await page.getByRole('heading', { name: day(`${next}-03-16`) }).waitFor();
      await page.getByLabel('Pemula').fill('2');
      await page.clock.fastForward(60_000);
      await page.getByRole('button', { name: new RegExp('^' + day(`${next}-03-17`)) }).and(page.locator(':enabled')).waitFor();
      assert.equal(await page.getByLabel('Pemula').inputValue(), '2', 'midnight takes nothing away');
      await page.goto('/use');
      await page.getByRole('heading', { name: day(`${next}-03-17`) }).waitFor();
      await page.getByRole('button', { name: 'Catat: tidak ada pemakaian' }).click();
      await page.getByText('Laporan tercatat').waitFor();
      assert.equal(said.date, `${next}-03-17`);
    });
  }

  journey('hari kerja di timur menurut server pada UTC', 'officer.82.71', { ...phone, timezoneId: 'Asia/Jayapura', line: true, at: '/account' }, async (page, on) => {
    let said;
    on.rule = (r) => (r.method === 'POST' && isApi('/uses')(r) ? { heard: (text) => (said = JSON.parse(text)) } : undefined);
    const today = new Intl.DateTimeFormat('sv', { timeZone: 'Asia/Jayapura' }).format(new Date());
    await page.goto('/use');
    const button = page.getByRole('button', { name: 'Catat: tidak ada pemakaian' });
    const known = page.getByText('Hari ini sudah dilaporkan.');
    await button.or(known).waitFor();
    if (await known.isVisible()) return; // by an earlier run on this server
    await button.click();
    await page.getByText('Laporan tercatat').waitFor();
    assert.equal(said.date, today);
    assert.deepEqual((await (await client('officer.82.71')).get(`/uses?region=82.71&from=${today}&to=${today}`)).items.map((u) => u.date), [today]);
  });

  journey('catatan dengan emoji, tulisan kanan ke kiri, dan tanda pembalik arah', 'officer.12.71', { ...phone, at: '/account' }, async (page) => {
    const note = `👩🏽‍🦽 مرحبا بالعالم \u202etxt\u202c שלום 🇮🇩 ${'é'.repeat(20)} ${Date.now()}`;
    await ask(page, note);
    await page.getByRole('heading', { level: 1, name: /Medan/ }).waitFor();
    await page.getByRole('main').getByText(note).waitFor();
    assert.equal((await asks('officer.12.71', note)).length, 1, 'it is kept as it was typed');
    // What stands beside it keeps its own direction.
    const directions = await page.locator('.note').evaluateAll((all) => all.map((e) => getComputedStyle(e).unicodeBidi));
    assert.ok(directions.length > 0 && directions.every((d) => d === 'plaintext'));
  });

  journey('penyimpanan perangkat penuh: dikatakan, isian tetap', null, { ...phone, line: true, troubles: /Quota|status of/ }, async (page, on) => {
    // Full from the beginning: a browser remembers for a while that it had room.
    const device = await page.context().newCDPSession(page);
    const { origin } = new URL(on.url);
    await device.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
    await signIn(page, 'officer.12.71');
    await page.goto('/use');
    await page.getByLabel('Tempat').selectOption({ label: 'Layanan Kecamatan Medan Area' });
    await page.getByRole('button', { name: 'Bulan sebelumnya' }).click();
    const free = page.locator('button.day:not([disabled]):not(.reported)').first();
    const day = (await free.getAttribute('aria-label')).split(':')[0];
    await free.click();
    await page.getByLabel('Sisa dihitung di rak').fill('12');
    await page.getByRole('button', { name: 'Catat: tidak ada pemakaian' }).click();
    await page.getByRole('alert').getByText('Penyimpanan perangkat penuh').waitFor();
    assert.equal(await page.getByLabel('Sisa dihitung di rak').inputValue(), '12');
    assert.equal(posts(on).length, 0);
    await device.send('Storage.overrideQuotaForOrigin', { origin });
    await page.getByRole('button', { name: 'Catat: tidak ada pemakaian' }).click();
    await page.getByText('Laporan tercatat').waitFor();
    await page.getByRole('button', { name: new RegExp(`^${day}: Dilaporkan`) }).waitFor();
    assert.equal(posts(on).length, 1);
  });
});

journey('antrean 500 catatan: terkirim berurutan, aplikasi tetap dapat dipakai', 'officer.12.71', { ...phone, line: true, at: '/account' }, async (page, on) => {
  const places = await Promise.all(Array.from({ length: 10 }, (_, i) => point(`12.71.${12 + i}`)));
  const records = [];
  for (const { id: place } of places) records.push(...(await unreported(place, 50)).map((date) => ({ place, date })));
  await page.goto('/queue');
  await page.getByText('Semua catatan sudah terkirim').waitFor();
  await page.context().setOffline(true);
  await fill(page, 'officer.12.71', records);
  await page.goto('/queue');
  await page.getByText('500 catatan belum terkirim dari perangkat ini').waitFor();
  const order = [];
  on.rule = (r) => (r.method === 'POST' ? { heard: (text) => order.push(JSON.parse(text)) } : undefined);
  await page.evaluate(() => {
    window.long = [];
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map((e) => e.duration))).observe({ entryTypes: ['longtask'] });
  });
  const began = Date.now();
  await page.context().setOffline(false);
  // Meanwhile the officer goes about.
  const reacts = [];
  const react = async (name, heading) => {
    const at = Date.now();
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    reacts.push(Date.now() - at);
  };
  await react('Akun', 'Akun');
  await react('Antrean', 'Antrean');
  await react('Akun', 'Akun');
  await react('Antrean', 'Antrean');
  assert.ok((await queued(page)).includes('waiting'), 'the queue is still under way');
  assert.equal(await sent(page, 90), 500);
  const long = await page.evaluate(() => window.long);
  console.log(`500 records sent in ${Date.now() - began} ms; screens changed in ${reacts.join(', ')} ms meanwhile; longest task ${Math.round(Math.max(0, ...long))} ms, ${long.length} over 50 ms`);
  assert.deepEqual(order.map((b) => [b.place, b.date]), records.map((r) => [r.place, r.date]), 'in the order in which they were written, each once');
  assert.ok(Math.max(...reacts) < 3000, `screens changed in ${reacts.join(', ')} ms`);
  for (const { id: place } of places) {
    const days = records.filter((r) => r.place === place).map((r) => r.date);
    assert.deepEqual(await reported(place, days), days.map(() => 1));
  }
});
