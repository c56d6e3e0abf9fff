// What tests need to know of the books, and do to them, past the application.
import assert from 'node:assert/strict';
import { client } from './harness.js';

// point is the service point of a kecamatan of Medan.
export const point = async (region) =>
  (await (await client('officer.12.71')).get('/places?region=12.71&limit=1000')).items.find((p) => p.kind === 'service' && p.region === region);

// unreported gives days of the year before last, of which a place has said nothing: the demo reports by the week there.
export async function unreported(place, count) {
  const medan = await client('officer.12.71');
  const month = new Date();
  month.setUTCDate(1);
  month.setUTCMonth(month.getUTCMonth() - 18);
  const days = [];
  while (days.length < count) {
    const { items } = await medan.get(`/uses/calendar?place=${place}&month=${month.toISOString().slice(0, 7)}`);
    days.push(...items.filter((d) => !d.reported).map((d) => d.date));
    month.setUTCMonth(month.getUTCMonth() - 1);
  }
  return days.slice(0, count);
}

// reported counts how often each of some days stands in the books of a place.
export async function reported(place, days) {
  const medan = await client('officer.12.71');
  const from = days.reduce((a, b) => (a < b ? a : b)), to = days.reduce((a, b) => (a > b ? a : b));
  const { items } = await medan.get(`/uses?place=${place}&from=${from}&to=${to}&limit=1000`);
  return days.map((day) => items.filter((u) => u.date === day).length);
}

// parcel is a shipment of some blanks from the national store to Medan, prepared and not sent yet.
export async function parcel(pieces) {
  const [medan, planner, store] = await Promise.all(['officer.12.71', 'planner', 'store'].map(client));
  const asked = await medan.post('/requests', { item: 'ktp-el', pieces, reason: 'lower-use' });
  await planner.post(`/requests/${asked.id}/approval`, { pieces }, { 'If-Match': `"${asked.version}"` });
  return store.post('/shipments', { to: '12.71', mode: 'courier', carrier: 'Ekspedisi contoh', lines: [{ request: asked.id, pieces }] });
}

// sentParcel is such a shipment on its way.
export async function sentParcel(pieces) {
  const it = await parcel(pieces);
  return (await client('store')).post(`/shipments/${it.id}/dispatch`, {}, { 'If-Match': `"${it.version}"` });
}

// supply brings some blanks onto the shelf of Medan's office, and gives that place.
export async function supply(pieces) {
  const medan = await client('officer.12.71');
  const it = await sentParcel(pieces);
  await medan.post('/receipts', { shipment: it.id, lines: [{ line: 1, good: pieces }] });
  const office = (await medan.get('/places?region=12.71&limit=1000')).items.find((p) => p.kind === 'regency');
  assert.ok(office, 'Medan has an office');
  return office;
}

export const takeBack = (ask, plan) => ask.post(`/plans/${plan.id}/cancellation`, { reason: 'Uji selesai' }, { 'If-Match': `"${plan.version}"` });

// handMade is a plan of the days around a Sunday, when schools are closed.
export async function handMade(days = 4, teams) {
  const ask = await client('officer.82.71');
  for (const old of (await ask.get('/plans?region=82.71&limit=1000')).items.filter((p) => p.name === 'Diatur tangan' && ['proposed', 'published'].includes(p.state))) await takeBack(ask, old); // of a walk that stopped midway
  const friday = new Date(Date.now() + 12 * 86_400_000);
  while (friday.getUTCDay() !== 5) friday.setUTCDate(friday.getUTCDate() + 1);
  const small = (await ask.get('/sites?region=82.71&limit=1000')).items.filter((s) => s.kind.startsWith('school') && s.expected > 0 && s.expected < 25); // their days have room
  const plan = await ask.post('/plans', { region: '82.71', name: 'Diatur tangan', from: friday.toISOString().slice(0, 10), days, teams, seconds: 1, sites: small.slice(-4).map((s) => s.id) });
  assert.ok(plan.visits.length > 1, 'there is something to adjust');
  return plan;
}
