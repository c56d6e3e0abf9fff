// Writes the pictures that the README shows into docs/screens: `make screenshots`.
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { client, enter, phone } from './harness.js';

const folder = new URL('../../docs/screens/', import.meta.url).pathname;
mkdirSync(folder, { recursive: true });

// newest is where the newest plan of an office is, of those that are not over.
const newest = async (user) => `/outreach/${(await (await client(user)).get('/plans?limit=100')).items.find((p) => p.state === 'published' || p.state === 'proposed').id}`;

const pictures = [
  ['overview', 'planner', { viewport: { width: 1280, height: 860 } }, '/'],
  ['region', 'planner', { viewport: { width: 1280, height: 860 } }, '/regions/82.71'],
  ['requests', 'planner', { viewport: { width: 1280, height: 620 } }, '/requests'],
  ['office', 'officer.12.71', phone, '/'],
  ['plan', 'officer.82.71', { viewport: { width: 1280, height: 900 } }, () => newest('officer.82.71'), (page) => page.getByRole('heading', { name: 'Peta rencana' })],
  ['board', 'officer.82.71', { viewport: { width: 1280, height: 760 } }, () => newest('officer.82.71'), (page) => page.getByRole('heading', { name: 'Papan kunjungan' })],
  ['visits', 'outreach.82.71', phone, '/visits'],
  ['use', 'officer.12.71.03', { ...phone, colorScheme: 'dark' }, '/use'],
];
for (const [name, who, options, at, from] of pictures) {
  test(name, { timeout: 120_000 }, async () => {
    const page = await enter(who, { ...options, at });
    await page.waitForLoadState('networkidle');
    await from?.(page).evaluate((e) => scrollTo(0, e.getBoundingClientRect().top + scrollY - 76)); // under the head that stays
    await page.screenshot({ path: `${folder}${name}.png` });
    await page.context().close();
  });
}
