import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../api/problem';
import { device, type Waiting } from './database';
import { forgetMe, remember, type Me } from '../who';
import { again, age, drain as drainAs, put, type Send } from './outbox';

const record = { user: 'officer', kind: 'use' as const, title: 'Laporan', path: '/api/v1/uses', body: { spoiled: 1 } };

// server does each key once, as ours does, and counts.
function server(answers: (r: Waiting) => number = () => 201) {
  const done = new Map<string, unknown>();
  let calls = 0;
  const send: Send = async (r) => {
    calls++;
    const status = answers(r);
    if (status === 0) throw new TypeError('no network');
    if (status < 300) done.set(r.id, r.body);
    return { status, body: status < 300 ? {} : { code: 'some-code', facts: { stock: 3 } } };
  };
  return { send, done, calls: () => calls };
}

// drain is that of a user whose session it is.
const drain = (user: string, send?: Send, options?: Parameters<typeof drainAs>[2]) => drainAs(user, send, { who: async () => user, ...options });

const signIn = (username: string) => remember({ username } as Me);

beforeEach(async () => {
  signIn('officer');
  await device.outbox.clear();
});

describe('outbox', () => {
  it('sends 500 records, each once', { timeout: 60_000 }, async () => {
    for (let i = 0; i < 500; i++) await put({ ...record, body: { i } });
    const s = server();
    expect(await drain('officer', s.send)).toBe('done');
    expect(s.done.size).toBe(500);
    expect(s.calls()).toBe(500);
    expect(await drain('officer', s.send)).toBe('done');
    expect(s.calls()).toBe(500);
  });

  it('sends again under the same key when the reply was lost', async () => {
    await put(record);
    const s = server();
    let lost = true;
    const flaky: Send = async (r) => {
      const answer = await s.send(r);
      if (lost) {
        lost = false;
        throw new TypeError('cut');
      }
      return answer;
    };
    expect(await drain('officer', flaky)).toBe('offline');
    expect(await drain('officer', flaky, { all: true })).toBe('done');
    expect(s.calls()).toBe(2);
    expect(s.done.size).toBe(1);
  });

  it('keeps everything when the session has expired', async () => {
    await put(record);
    await put(record);
    expect(await drain('officer', server(() => 401).send)).toBe('signed-out');
    expect(await device.outbox.where('state').equals('waiting').count()).toBe(2);
  });

  it('keeps what is refused with its reason and goes on with the rest', async () => {
    await put({ ...record, body: 'wrong' }, 1);
    await put(record, 2);
    const s = server((r) => (r.body === 'wrong' ? 422 : 201));
    await drain('officer', s.send);
    const [refused, sent] = await device.outbox.orderBy('made').toArray();
    expect(refused).toMatchObject({ state: 'refused', problem: { code: 'some-code', facts: { stock: 3 } } });
    expect(sent!.state).toBe('sent');
  });

  it('shows a conflict, and sends what was mended under a new key', async () => {
    const id = await put(record);
    await drain('officer', server(() => 409).send);
    expect((await device.outbox.get(id))!.state).toBe('conflict');
    await again(id, { spoiled: 2 });
    const [mended] = await device.outbox.toArray();
    expect(mended!.id).not.toBe(id);
    expect(mended).toMatchObject({ state: 'waiting', body: { spoiled: 2 }, made: expect.any(Number) });
  });

  it('names the version that a step builds on, and shows a conflict when it is another by now', async () => {
    const id = await put({ ...record, kind: 'step', path: '/api/v1/visits/7/start', version: 3, visit: 7 });
    const asked: (string | null)[] = [];
    const real = globalThis.fetch;
    globalThis.fetch = async (_, init) => {
      asked.push(new Headers(init?.headers).get('If-Match'));
      return new Response(JSON.stringify(asked.length === 1 ? { code: 'stale' } : {}), { status: asked.length === 1 ? 412 : 200 });
    };
    try {
      await drain('officer');
      expect((await device.outbox.get(id))!.state).toBe('conflict');
      await again(id, undefined, 4);
      await drain('officer');
    } finally {
      globalThis.fetch = real;
    }
    expect(asked).toEqual(['"3"', '"4"']);
    const [sent] = await device.outbox.toArray();
    expect(sent).toMatchObject({ state: 'sent', version: 4, body: { spoiled: 1 } });
    expect(sent!.id).not.toBe(id);
  });

  it('sends a mended result as another report: the server may have the first, though its reply was lost', async () => {
    const reports = new Map<string, unknown>();
    let lost = true;
    const send: Send = async ({ body }) => {
      const { report, present } = body as { report: string; present: number };
      const differs = reports.has(report) && reports.get(report) !== present;
      const standing = reports.size > 0 ? 'conflict' : 'kept';
      if (!differs) reports.set(report, present);
      if (lost) {
        lost = false;
        throw new TypeError('cut');
      }
      return differs ? { status: 409, body: { code: 'report-differs' } } : { status: 201, body: { id: 9, visit: 7, standing } };
    };
    const id = await put({ ...record, kind: 'result', visit: 7, body: { report: 'first', present: 10 } });
    await drain('officer', send);
    const mended = await again(id, { report: 'first', present: 12 });
    await drain('officer', send, { all: true });
    expect([...reports.values()]).toEqual([10, 12]);
    expect(await device.outbox.get(mended)).toMatchObject({ state: 'conflict', problem: { code: 'result-differs' } });
    await again(mended, (await device.outbox.get(mended))!.body); // as it is, and as a new report all the same
    await drain('officer', send, { all: true });
    expect([...reports.values()]).toEqual([10, 12, 12]);
  });

  it('keeps a report that another one contradicts until a person has chosen', async () => {
    const id = await put({ ...record, kind: 'result', visit: 7 });
    await drain('officer', async () => ({ status: 201, body: { id: 9, visit: 7, standing: 'conflict' } }));
    expect(await device.outbox.get(id)).toMatchObject({ state: 'conflict', problem: { code: 'result-differs', facts: { visit: 7, result: 9 } } });
  });

  it('backs off from a server in trouble, longer each time', async () => {
    const id = await put(record);
    const s = server(() => 503);
    const waits: number[] = [];
    let now = 1_000;
    for (let i = 0; i < 4; i++) {
      await drain('officer', s.send, { now: () => now });
      const next = (await device.outbox.get(id))!.next;
      waits.push(next - now);
      await drain('officer', s.send, { now: () => now + 1 }); // too early: not asked
      now = next;
    }
    expect(s.calls()).toBe(4);
    for (let i = 2; i < waits.length; i++) expect(waits[i]!).toBeGreaterThan(waits[i - 2]!);
  });

  it('stops knocking at a server in trouble, and says so', async () => {
    for (let i = 0; i < 20; i++) await put({ ...record, body: { i } }, i);
    const s = server(() => 503);
    expect(await drain('officer', s.send)).toBe('trouble');
    expect(s.calls()).toBe(3);
    expect(await device.outbox.where('state').equals('waiting').count()).toBe(20);
  });

  it('is not held up by one record that the server fails on', async () => {
    for (let i = 0; i < 5; i++) await put({ ...record, body: { i } }, i);
    const s = server((r) => ((r.body as { i: number }).i === 1 ? 500 : 201));
    expect(await drain('officer', s.send)).toBe('done');
    expect(s.done.size).toBe(4);
  });

  it("leaves another user's records alone", async () => {
    await put({ ...record, user: 'somebody else' });
    const s = server();
    await drain('officer', s.send);
    expect(s.calls()).toBe(0);
  });

  it('sends nothing while the session is of another user, who signed in from another tab', async () => {
    for (let i = 0; i < 3; i++) await put({ ...record, body: { i } }, i);
    const s = server();
    expect(await drain('officer', s.send, { who: async () => 'somebody else' })).toBe('signed-out');
    expect(await drain('officer', s.send, { who: async () => null })).toBe('signed-out');
    expect(s.calls()).toBe(0);
    for (const becomes of [() => signIn('somebody else'), forgetMe]) {
      signIn('officer');
      const before = s.calls();
      const during: Send = async (r) => {
        becomes();
        return s.send(r);
      };
      expect(await drain('officer', during)).toBe('signed-out');
      expect(s.calls() - before, 'the one under way').toBe(1);
    }
    expect(await device.outbox.where('state').equals('waiting').count()).toBe(1);
  });

  it('waits where nobody can say whose session it is', async () => {
    const id = await put(record);
    const s = server();
    expect(await drain('officer', s.send, { who: () => Promise.reject(new TypeError('no network')) })).toBe('offline');
    expect(await drain('officer', s.send, { who: () => Promise.reject(new Problem({ status: 502, code: 'internal' })) })).toBe('trouble');
    expect(s.calls()).toBe(0);
    expect(await device.outbox.get(id)).toMatchObject({ state: 'waiting', tries: 0 });
  });

  it('keeps a record as it was where what was mended has no room', async () => {
    const id = await put({ ...record, kind: 'result', visit: 7 });
    await drain('officer', server(() => 422).send);
    const full = vi.spyOn(device.outbox, 'add').mockRejectedValueOnce(Object.assign(new Error(), { name: 'QuotaExceededError' }));
    await expect(again(id, { spoiled: 2 })).rejects.toMatchObject({ code: 'device-full' });
    full.mockRestore();
    expect(await device.outbox.toArray()).toMatchObject([{ id, state: 'refused', body: { spoiled: 1 } }]);
  });

  it('says so when the device is full', async () => {
    const full = vi.spyOn(device.outbox, 'add').mockRejectedValueOnce(Object.assign(new Error(), { name: 'QuotaExceededError' }));
    await expect(put(record)).rejects.toMatchObject({ code: 'device-full' });
    full.mockRestore();
  });

  it('grows old by days', () => {
    const day = 24 * 60 * 60_000;
    const of = (days: number, state: Waiting['state'] = 'waiting') => age([{ made: 10 * day - days * day, state }], 10 * day);
    expect([of(0.5), of(1), of(3), of(5, 'sent')]).toEqual(['fresh', 'day', 'three-days', 'fresh']);
    expect(age([])).toBe('fresh');
  });
});
