// How long the main thread is kept busy by a table of 514 rows, and how soon the national page is there. No test: what it
// says depends on the machine. `node --test browser/jank.js`, or with BLANGKO_URL against a server that runs already; the
// figures in docs/benchmarks.md come from it.
import { test } from 'node:test';
import { client, enter, theBrowser, visit } from './harness.js';

const sorted = (list) => [...list].sort((a, b) => a - b);
const told = (list) => `median ${sorted(list)[list.length >> 1].toFixed(0)}, most ${Math.max(...list).toFixed(0)} ms`;

// tasks are the longest task of the page's main thread, by the clock and by the processor, while something is done.
async function tasks(page, act) {
  await theBrowser().startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline', 'devtools.timeline', '__metadata'] });
  await act();
  const trace = JSON.parse((await theBrowser().stopTracing()).toString()).traceEvents;
  const clicked = trace.find((e) => e.name === 'EventDispatch' && e.args?.data?.type === 'click');
  const all = trace.filter((e) => /RunTask$/.test(e.name) && e.ph === 'X' && e.tid === clicked.tid && e.pid === clicked.pid);
  const longest = (of) => all.reduce((a, b) => ((of(b) ?? 0) > (of(a) ?? 0) ? b : a));
  return { wall: longest((e) => e.dur).dur / 1000, cpu: longest((e) => e.tdur).tdur / 1000 };
}

const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 150)))));

test('mengurutkan 514 baris', { timeout: 300_000 }, async () => {
  const page = await enter('planner');
  await page.locator('label').filter({ hasText: /^Semua$/ }).click();
  const table = page.getByRole('group', { name: 'Perlu tindakan' });
  await table.getByRole('row').nth(514).waitFor();
  await page.waitForLoadState('networkidle');
  const heads = table.getByRole('columnheader').getByRole('button');
  const took = { kept: [], whole: [] };
  for (let round = 0; round < 6; round++) {
    const how = round % 2 ? 'whole' : 'kept'; // as it is, and with every row laid out, as tables are without kept widths
    await table.locator('table').evaluate((e, kept) => e.toggleAttribute('data-kept', kept), how === 'kept');
    await settled(page);
    for (const head of await heads.all()) {
      for (let way = 0; way < 2; way++) {
        took[how].push(await tasks(page, async () => {
          await head.click();
          await settled(page);
        }));
      }
    }
  }
  for (const [how, all] of Object.entries(took)) {
    console.log(`sorting 514 rows, ${how}, ${all.length} times: longest task ${told(all.map((t) => t.wall))}, of the processor ${told(all.map((t) => t.cpu))}; over 100 ms ${all.filter((t) => t.wall > 100).length}`);
  }
  await page.context().close();
});

test('halaman nasional', { timeout: 300_000 }, async () => {
  const took = [];
  for (let round = 0; round < 5; round++) {
    const { cookies } = await client('planner');
    const page = await visit({ storageState: { cookies, origins: [] }, serviceWorkers: 'block' });
    const began = performance.now();
    await page.goto('/');
    await page.getByRole('group', { name: 'Perlu tindakan' }).getByRole('row').nth(1).waitFor();
    await page.getByRole('img', { name: /Peta wilayah/ }).waitFor();
    took.push(performance.now() - began);
    await page.context().close();
  }
  console.log(`national page with its map and table: ${told(took)}`);
});
