// Writes the pictures that the README shows into docs/screens: `make screenshots`.
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { enter, phone } from './harness.js';

const folder = new URL('../../docs/screens/', import.meta.url).pathname;
mkdirSync(folder, { recursive: true });

const pictures = [
  ['overview', 'planner', { viewport: { width: 1280, height: 860 } }, '/'],
  ['region', 'planner', { viewport: { width: 1280, height: 860 } }, '/regions/82.71'],
  ['requests', 'planner', { viewport: { width: 1280, height: 620 } }, '/requests'],
  ['office', 'officer.12.71', phone, '/'],
  ['use', 'officer.12.71.03', { ...phone, colorScheme: 'dark' }, '/use'],
];
for (const [name, who, options, at] of pictures) {
  test(name, { timeout: 120_000 }, async () => {
    const page = await enter(who, { ...options, at });
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: `${folder}${name}.png` });
    await page.context().close();
  });
}
