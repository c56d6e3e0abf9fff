// The queue of a device, as a test sees it.
import assert from 'node:assert/strict';

// fill puts reports of days without use into the queue of the device, as if each had been written by hand.
export const fill = (page, user, records) =>
  page.evaluate(
    ([user, records]) =>
      new Promise((done, fail) => {
        const opening = indexedDB.open('blangko');
        opening.onerror = () => fail(opening.error);
        opening.onsuccess = () => {
          const change = opening.result.transaction('outbox', 'readwrite');
          const made = Date.now() - records.length;
          records.forEach(({ place, date }, i) =>
            change.objectStore('outbox').add({
              id: crypto.randomUUID(), user, kind: 'use', title: `Laporan ${date}`, path: '/api/v1/uses', made: made + i, state: 'waiting', tries: 0, next: 0,
              body: { place, item: 'ktp-el', date, lines: [], spoiled: 0 },
            }));
          change.oncomplete = () => (opening.result.close(), done());
          change.onerror = () => fail(change.error);
        };
      }),
    [user, records],
  );

// queued tells the states of what stands in the queue of the device.
export const queued = (page) =>
  page.evaluate(
    () =>
      new Promise((done, fail) => {
        const opening = indexedDB.open('blangko');
        opening.onerror = () => fail(opening.error);
        opening.onsuccess = () => {
          const all = opening.result.transaction('outbox').objectStore('outbox').getAll();
          all.onsuccess = () => (opening.result.close(), done(all.result.map((r) => r.state)));
        };
      }),
  );

// sent waits until nothing waits on the device any more.
export async function sent(page, seconds = 20) {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const states = await queued(page);
    if (states.every((s) => s === 'sent')) return states.length;
    assert.ok(Date.now() < until, `after ${seconds} s the queue holds ${states.filter((s) => s !== 'sent').length} of ${states.length} records`);
    await page.waitForTimeout(states.length > 100 ? 500 : 100);
  }
}

// posts are the daily reports that went over a line, in the order in which they went.
export const posts = (on) => on.asked.filter((a) => a.method === 'POST' && a.path === '/api/v1/uses');
