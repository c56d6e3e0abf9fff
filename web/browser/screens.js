// Every screen, in light and dark, on a desk, on a phone and at 200 % zoom: axe finds nothing, nothing is cut off, nothing
// is fetched that was not expected.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { point, supply, unreported } from './books.js';
import { client, journey, together, visit } from './harness.js';
import { judge, sound } from './judge.js';
import { fill } from './queue.js';

const first = async (user, path, which = () => true) => {
  const { items } = await (await client(user)).get(path);
  const found = items.find(which);
  assert.ok(found, `${user} sees something at ${path}`);
  return found;
};
const loaded = (page) => page.waitForFunction(() => ![...document.querySelectorAll('[role=status]')].some((e) => e.textContent === 'Memuat…'));

const submitted = (user) => async () => `/requests/${(await first(user, '/requests?open=true&limit=500', (r) => r.state === 'submitted')).id}`;

// screens are [who, route, where it leads with the parameters of the route, what may stand over it or be opened in it].
const screens = [
  [null, '/', () => '/'],
  ['planner', '/', () => '/', {
    penjelasan: (page) => page.getByRole('button', { name: 'Penjelasan: Hari kecukupan' }).first().click(),
    'sebagai tabel': async (page) => {
      await page.keyboard.press('Escape');
      const charts = page.getByRole('button', { name: 'Lihat sebagai tabel' });
      for (let n = await charts.count(); n > 0; n--) await charts.first().click();
    },
  }],
  ['planner', '/regions/$code', () => '/regions/82.71'],
  ['planner', '/regions/$code', () => '/regions/12'],
  ['planner', '/requests', () => '/requests', {
    'putusan bersama': async (page) => {
      await page.getByRole('checkbox', { name: /^Pilih / }).first().check();
      await page.getByRole('button', { name: 'Setujui yang dipilih' }).click();
      await page.getByRole('dialog').waitFor();
    },
  }],
  ['planner', '/requests/$id', submitted('planner')],
  ['province.12', '/requests/$id', submitted('province.12')],
  ['planner', '/alerts', () => '/alerts', {
    menangani: async (page) => {
      await page.getByRole('button', { name: /^Tangani peringatan/ }).first().click();
      await page.getByRole('dialog').getByText('Tunda', { exact: true }).click();
    },
  }],
  ['store', '/shipments', () => '/shipments'],
  ['store', '/shipments/$id', async () => `/shipments/${(await first('store', '/shipments?state=prepared&limit=500', (s) => s.from === '00')).id}`],
  ['officer.12.71', '/', () => '/', { akun: (page) => page.getByRole('button', { name: 'Akun officer.12.71' }).click() }],
  ['officer.12.71', '/requests/new', () => '/requests/new', {
    periksa: async (page) => {
      await page.getByLabel('Jumlah blangko').fill('12345');
      await page.getByLabel('Alasan').selectOption({ index: 1 });
      await page.getByRole('button', { name: 'Periksa' }).click();
      await page.getByRole('dialog').waitFor();
    },
  }],
  ['officer.12.71', '/shipments/$id', async () => `/shipments/${(await first('officer.12.71', '/shipments?state=dispatched&limit=500', (s) => s.to === '12.71')).id}`],
  ['officer.12.71', '/use', () => '/use', {
    ditolak: async (page) => {
      await page.getByLabel('Tempat').selectOption({ label: 'Layanan Kecamatan Medan Timur' });
      await page.getByLabel('Pemula').fill('99999999');
      await page.getByRole('button', { name: 'Catat', exact: true }).click();
      await page.getByRole('alert').waitFor();
    },
  }],
  ['officer.12.71', '/queue', () => '/queue', { 'kedua versi': twoVersions }],
  ['officer.12.71', '/account', () => '/account', {
    'sesi berakhir': async (page) => {
      await page.context().clearCookies();
      await page.getByLabel('Kata sandi sekarang').fill('yang lama');
      await page.getByLabel('Kata sandi baru').fill('yang baru sekali');
      await page.getByRole('button', { name: 'Ganti' }).click();
      await page.getByRole('dialog', { name: 'Sesi Anda telah berakhir' }).waitFor();
    },
  }],
  ['outreach.82.71', '/visits', () => '/visits'],
  ['outreach.82.71', '/visits/$id', async () => `/visits/${(await first('outreach.82.71', '/visits?limit=1000', (v) => v.published && v.state === 'proposed')).id}`, {
    'isian lain': (page) => page.getByText('IKD, KIA, sosialisasi, kendala, catatan').click(),
  }],
  ['outreach.82.71', '/outreach', () => '/outreach'],
  ['outreach.82.71', '/outreach/new', () => '/outreach/new'],
  ['outreach.82.71', '/outreach/sites', () => '/outreach/sites'],
  ['outreach.82.71', '/outreach/gaps', () => '/outreach/gaps'],
  ['outreach.82.71', '/outreach/results', () => '/outreach/results'],
  ['planner', '/outreach/results', () => '/outreach/results'],
  ['planner', '/outreach/gaps', () => '/outreach/gaps'],
  ['outreach.82.71', '/outreach/$id', async () => `/outreach/${(await first('outreach.82.71', '/plans?limit=100', (p) => p.state === 'proposed' || p.state === 'published')).id}`, {
    mengatur: async (page) => {
      await page.getByRole('button', { name: /^Atur: / }).first().click();
      const dialog = page.getByRole('dialog');
      const day = dialog.getByLabel('Hari');
      const [now, days] = [await day.inputValue(), await day.locator('option').evaluateAll((all) => all.map((o) => o.value))];
      await day.selectOption(days.find((d) => d !== now));
      await dialog.getByText(/^Akibatnya bagi rencana|^Tidak muat di sana/).first().waitFor();
    },
  }],
  ['officer.82.71', '/coverage', () => '/coverage'],
  ['officer.82.71', '/coverage/new', () => '/coverage/new'],
  ['province.82', '/coverage/$id', async () => `/coverage/${(await first('province.82', '/coverage?limit=100')).id}`],
  ['auditor', '/tidak-ada', () => '/tidak-ada'],
];

// twoVersions brings a day into the queue that was reported from elsewhere, and compares.
async function twoVersions(page) {
  const place = await supply(3);
  const [day] = await unreported(place.id, 1);
  await fill(page, 'officer.12.71', [{ place: place.id, date: day }]);
  await (await client('officer.12.71')).post('/uses', { place: place.id, item: 'ktp-el', date: day, lines: [], spoiled: 1 });
  await page.reload();
  await page.getByRole('button', { name: 'Bandingkan kedua versi' }).click();
  await page.getByRole('button', { name: 'Pakai catatan saya' }).waitFor();
}

// some keeps the first rows of a long list: every kind of row is looked at, not every row.
const some = (text) => {
  const page = JSON.parse(text);
  return JSON.stringify(page.items?.length > 30 ? { ...page, items: page.items.slice(0, 30) } : page);
};

together('layar', () => {
  for (const [who, route, where, opened = {}] of screens) {
    journey(`layar ${route} ${who ?? 'tanpa masuk'}`, who, { at: where, line: true, rule: (r) => (r.method === 'GET' && r.url.startsWith('/api/') ? { rewrite: some } : undefined) }, async (page) => {
      if (!who) await page.goto('/');
      const device = await page.context().newCDPSession(page);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      await loaded(page);
      const wrong = await judge(page, device, 'layar');
      for (const [name, open] of Object.entries(opened)) {
        await device.send('Emulation.setDeviceMetricsOverride', { width: 1280, height: 900, deviceScaleFactor: 1, mobile: false });
        await open(page);
        wrong.push(...(await judge(page, device, name)));
      }
      assert.equal(wrong.join('\n'), '');
    });
  }
});

for (const [who, path] of [['planner', '/'], ['officer.12.71', '/use'], ['outreach.82.71', '/visits']]) {
  journey(`layar ${path} ${who} dalam bahasa Inggris`, who, {}, async (page) => {
    await page.evaluate(() => localStorage.setItem('blangko-language', 'en'));
    await page.goto(path);
    await page.getByRole('button', { name: `Account ${who}` }).waitFor();
    await page.waitForLoadState('networkidle');
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    await sound(page, `${path} in English`);
  });
}

test('setiap rute aplikasi ada di antara layar yang diperiksa', () => {
  const table = readFileSync(new URL('../src/routes.tsx', import.meta.url), 'utf8');
  const routes = [...table.matchAll(/ at\('([^']+)'/g)].map((m) => m[1]);
  assert.ok(routes.length > 10);
  assert.deepEqual(routes.filter((r) => !screens.some(([, route]) => route === r)), []);
});

// weigh counts the bytes as they came over the line, by what asked for them.
async function weigh(page) {
  const device = await page.context().newCDPSession(page);
  await device.send('Network.enable');
  const paths = new Map(), bytes = { shell: 0, data: 0 };
  device.on('Network.responseReceived', (e) => paths.set(e.requestId, new URL(e.response.url).pathname));
  device.on('Network.loadingFinished', (e) => {
    const path = paths.get(e.requestId);
    if (path) bytes[path.startsWith('/api/') ? 'data' : 'shell'] += e.encodedDataLength;
  });
  return bytes;
}

test('kerangka aplikasi paling banyak 240 kB, data halaman nasional paling banyak 150 kB', { timeout: 60_000 }, async () => {
  const page = await visit({ serviceWorkers: 'block' });
  const bytes = await weigh(page);
  await page.goto('/');
  await page.getByLabel('Nama pengguna').waitFor();
  await page.waitForLoadState('networkidle');
  const before = bytes.shell;
  await page.context().addCookies((await client('planner')).cookies);
  await page.goto('/');
  await page.getByRole('region', { name: 'Angka utama' }).waitFor();
  await loaded(page);
  await page.waitForLoadState('networkidle');
  const kB = (n) => (n / 1000).toFixed(1) + ' kB';
  console.log(`shell before signing in ${kB(before)}, with the national page ${kB(bytes.shell)}; its data ${kB(bytes.data)}`);
  await page.context().close();
  assert.ok(before <= 240_000, `the shell weighs ${kB(before)}`);
  assert.ok(bytes.data <= 150_000, `the national page's data weigh ${kB(bytes.data)}`);
});
