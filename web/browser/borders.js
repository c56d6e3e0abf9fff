// The map with borders: offered where borders are kept, and fetched when somebody asks for it.
import assert from 'node:assert/strict';
import { journey } from './harness.js';
import { sound } from './judge.js';

const ring = (west, south, east, north) => [[[west, south], [east, south], [east, north], [west, north], [west, south]]];
const borders = {
  type: 'FeatureCollection',
  features: [
    { type: 'Feature', id: '12.71', geometry: { type: 'Polygon', coordinates: ring(98.6, 3.5, 98.8, 3.8) }, properties: {} },
    { type: 'Feature', id: '82.71', geometry: { type: 'Polygon', coordinates: ring(127.3, 0.7, 127.4, 0.9) }, properties: {} },
  ],
};

journey('perencana melihat wilayah dalam batasnya; peta besar diambil saat diminta saja', 'planner', {}, async (page) => {
  const report = await page.evaluate(async (body) => {
    const answer = await fetch('/api/v1/imports?kind=boundaries', { method: 'POST', headers: { 'Content-Type': 'application/octet-stream', 'Idempotency-Key': crypto.randomUUID() }, body });
    return answer.json();
  }, JSON.stringify(borders));
  assert.equal(report.taken + report.unchanged, 2, 'both borders are kept, now or from an earlier run'); // the server may have been asked before
  const asked = [];
  page.on('request', (r) => asked.push(new URL(r.url()).pathname));
  page.context().on('request', (r) => asked.push(new URL(r.url()).pathname)); // the map's worker asks for tiles
  await page.goto('/');
  const button = page.getByRole('button', { name: 'Batas wilayah' });
  await button.waitFor();
  await page.waitForLoadState('networkidle');
  const large = (path) => /assets\/(borders|maplibre)/.test(path);
  assert.deepEqual(asked.filter(large), [], 'the large map is not fetched before it is asked for');
  await button.click();
  await page.locator('.borders canvas').waitFor();
  await page.getByRole('button', { name: 'Perbesar' }).click();
  await page.waitForFunction(() => performance.getEntriesByType('resource').some((e) => /borders/.test(e.name)));
  for (let i = 0; i < 50 && !asked.some((p) => p.startsWith('/api/v1/tiles/regency/')); i++) await page.waitForTimeout(200);
  assert.ok(asked.some((p) => p.startsWith('/api/v1/tiles/regency/')), 'tiles come from this server');
  await sound(page, 'the map with borders');
  await page.getByText('Peluang habis', { exact: true }).click();
  await button.click();
  await page.getByRole('img', { name: /Peta wilayah/ }).waitFor();
});
