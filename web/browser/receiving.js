// Shipments that are counted where there is no network: each piece once, and nobody's count over another's.
import assert from 'node:assert/strict';
import { carried, client, journey, phone } from './harness.js';
import { sound } from './judge.js';
import { sent } from './queue.js';
import { sentParcel } from './books.js';

const receipts = (on) => on.asked.filter((a) => a.method === 'POST' && a.path === '/api/v1/receipts');

// receiving is a journey of a phone that has seen the list of shipments, no shipment of it, and then has no network.
const receiving = (name, pieces, walk) =>
  journey(name, 'officer.12.71', { ...phone, line: true, at: '/account' }, async (page, on) => {
    const parcel = await sentParcel(pieces);
    await page.goto('/shipments');
    await page.getByRole('link', { name: parcel.document }).waitFor();
    await carried(page);
    await page.context().setOffline(true);
    await page.goto(`/shipments/${parcel.id}`);
    await walk(page, on, parcel, page.getByRole('form', { name: 'Terima kiriman' }));
  });

receiving('tanpa jaringan: kiriman dihitung dalam dua bagian, setiap keping satu kali', 40, async (page, on, parcel, form) => {
  await form.getByLabel('Baik').fill('30');
  await form.getByLabel('Sisanya masih menyusul').check();
  await form.getByRole('button', { name: 'Terima' }).click();
  await page.getByText('Tersimpan di perangkat ini').waitFor();
  await page.reload();
  await page.getByRole('article', { name: `Penerimaan ${parcel.document}` }).waitFor();
  await sound(page, 'a shipment that is half counted, without a network');
  await form.getByText('dikirim 10 keping').first().waitFor(); // what waits on the device is not asked for again
  await form.getByLabel('Baik').fill('10');
  await form.getByRole('button', { name: 'Terima' }).click();
  await page.getByText('Tersimpan di perangkat ini').waitFor();
  await page.reload();
  await page.getByRole('article').nth(1).waitFor();
  assert.equal(await form.count(), 0, 'all is counted: nothing more is asked');
  await page.context().setOffline(false);
  assert.equal(await sent(page), 2);
  const { state, lines } = await (await client('officer.12.71')).get(`/shipments/${parcel.id}`);
  assert.deepEqual([state, lines[0].good, lines[0].damaged, lines[0].missing], ['received', 40, 0, 0]);
  assert.equal(receipts(on).filter((r) => r.status === 201).length, 2);
});

receiving('tanpa jaringan: kiriman yang sementara itu diterima orang lain tampak dalam kedua hitungan', 20, async (page, on, parcel, form) => {
  await form.getByLabel('Baik').fill('19');
  await form.getByLabel('Rusak').fill('1');
  await form.getByRole('button', { name: 'Terima' }).click();
  await page.getByText('Tersimpan di perangkat ini').waitFor();
  await (await client('officer.12.71')).post('/receipts', { shipment: parcel.id, lines: [{ line: 1, good: 20 }] });
  await page.context().setOffline(false);
  await page.goto('/queue');
  const article = page.getByRole('article', { name: `Penerimaan ${parcel.document}` });
  await article.getByRole('table', { name: 'Kedua versi' }).waitFor();
  await article.getByText('20', { exact: true }).first().waitFor();
  await article.getByText('19', { exact: true }).first().waitFor();
  await sound(page, 'two counts of a shipment');
  await article.getByRole('button', { name: 'Pakai yang di server' }).click();
  await article.waitFor({ state: 'detached' });
  const { lines } = await (await client('officer.12.71')).get(`/shipments/${parcel.id}`);
  assert.deepEqual([lines[0].good, lines[0].damaged], [20, 0], 'what was booked first stands');
});
