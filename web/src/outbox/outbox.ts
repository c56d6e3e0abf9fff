import { device, type Waiting } from './database';
import { onto } from '../api/client';
import { Problem, problemOf, type ProblemBody } from '../api/problem';
import { remembered } from '../who';

// Send carries one record to the server: the answer's status and body. It throws when there is no answer.
export type Send = (record: Waiting) => Promise<{ status: number; body: unknown }>;

const minute = 60_000;
const sentStays = 24 * 60 * minute;

// post is how records are sent in the browser.
export const post: Send = async (record) => {
  const answer = await fetch(record.path, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json', 'Idempotency-Key': record.id,
      ...(record.version === undefined ? {} : onto({ version: record.version })),
    },
    body: JSON.stringify(record.body),
    signal: AbortSignal.timeout(45_000),
  });
  const text = await answer.text(); // a cut answer throws here: it is sent again under its key
  return { status: answer.status, body: text ? JSON.parse(text) : undefined };
};

// whose asks who is signed in; nobody is null. It throws when there is no answer.
export async function whose(): Promise<string | null> {
  const answer = await fetch('/api/v1/me', { signal: AbortSignal.timeout(45_000) });
  if (answer.status === 401) return null;
  const text = await answer.text();
  if (answer.ok) return (JSON.parse(text) as { username: string }).username;
  throw new Problem({ status: answer.status, code: 'internal' });
}

export type NewRecord = Pick<Waiting, 'user' | 'kind' | 'title' | 'path' | 'body' | 'version' | 'visit' | 'read'>;

// put queues a record. It throws a Problem when the device has no room, so that what was typed stays in its form.
export async function put(record: NewRecord, now = Date.now()): Promise<string> {
  const id = crypto.randomUUID();
  await written(device.outbox.add({ ...record, id, made: now, state: 'waiting', tries: 0, next: 0 }));
  void navigator.storage?.persist?.().catch(() => false); // a wish; the browser may say no
  return id;
}

// written says what kept something from being written on the device.
async function written<T>(writing: PromiseLike<T>): Promise<T> {
  try {
    return await writing;
  } catch (cause) {
    const name = (cause as { name?: string; inner?: { name?: string } }).inner?.name ?? (cause as Error).name;
    throw new Problem({ status: 0, code: name === 'QuotaExceededError' ? 'device-full' : 'device-storage' });
  }
}

export type Drained = 'done' | 'offline' | 'trouble' | 'signed-out';

const enough = 3; // troubles of the server, one after the other

// drain sends what waits for a user, oldest first, one at a time over all tabs. What the server refuses stays with its
// reason; without a network or a session everything stays as it is, and after a few troubles of the server the rest waits
// too. `all` also sends what is backing off. The tabs of a browser share one session, and the server writes down whose it
// is: it is asked first, and when another tab signs somebody else in meanwhile, the rest waits for its own user.
export async function drain(user: string, send: Send = post, { all = false, now = Date.now, who = whose } = {}): Promise<Drained> {
  const work = () => sendAll(user, send, all, now, who);
  return navigator.locks ? navigator.locks.request('blangko-outbox', work) : work();
}

async function sendAll(user: string, send: Send, all: boolean, now: () => number, who: typeof whose): Promise<Drained> {
  await device.outbox.where('state').equals('sent').and((r) => (r.sent ?? 0) < now() - sentStays).delete();
  const queue = await device.outbox.where('user').equals(user).and((r) => r.state === 'waiting').sortBy('made');
  const due = queue.filter((r) => all || r.next <= now());
  if (due.length === 0) return 'done';
  try {
    if ((await who()) !== user) return 'signed-out';
  } catch (e) {
    return e instanceof Problem ? 'trouble' : 'offline';
  }
  let troubles = 0;
  for (const record of due) {
    if (remembered()?.username !== user) return 'signed-out';
    // Another tab may have taken it meanwhile, or the person removed it.
    const current = await device.outbox.get(record.id);
    if (current?.state !== 'waiting') continue;
    let answer;
    try {
      answer = await send(current);
    } catch {
      await postpone(current, now());
      return 'offline';
    }
    if (answer.status === 401) return 'signed-out';
    troubles = (await settle(current, answer, now())) ? 0 : troubles + 1;
    if (troubles === enough) break;
  }
  return troubles > 0 ? 'trouble' : 'done';
}

// settle notes what the server said, and tells whether it has decided.
async function settle(record: Waiting, answer: { status: number; body: unknown }, now: number): Promise<boolean> {
  if (answer.status >= 200 && answer.status < 300) {
    const differs = contradicted(answer.body);
    await device.outbox.update(record.id, differs ? { state: 'conflict', problem: differs } : { state: 'sent', sent: now, problem: undefined });
    return true;
  }
  const { status, code, facts, errors, request_id, passing } = problemOf(answer.status, answer.body);
  if (passing) {
    await postpone(record, now);
    return false;
  }
  await device.outbox.update(record.id, { state: status === 409 || status === 412 ? 'conflict' : 'refused', problem: { status, code, facts, errors, request_id } });
  return true;
}

// contradicted tells of a report that the server kept beside another one, which says otherwise: a person must choose.
function contradicted(body: unknown): ProblemBody | undefined {
  const kept = body as { standing?: string; id?: number; visit?: number } | undefined;
  return kept?.standing === 'conflict' ? { status: 409, code: 'result-differs', facts: { visit: kept.visit, result: kept.id } } : undefined;
}

// postpone waits 5 s, 10 s, 20 s … at most ten minutes, spread so that phones that come back together do not knock together.
async function postpone(record: Waiting, now: number) {
  const wait = Math.min(10 * minute, 5_000 * 2 ** record.tries) * (0.75 + Math.random() / 2);
  await device.outbox.update(record.id, { tries: record.tries + 1, next: now + wait });
}

// again sends a refused record anew, as it is or as it was mended: what is sent differently, or onto another version, is
// another deed, under another key. A result is another report then: the server may have the first one, though its reply
// was lost, and would not take other numbers under its name. It throws a Problem when the device has no room, and the
// record stays as it was.
export async function again(id: string, body?: unknown, version?: number): Promise<string> {
  const record = await device.outbox.get(id);
  if (!record) return id;
  const fresh: Waiting = { ...record, state: 'waiting', tries: 0, next: 0, problem: undefined, ...(version === undefined ? {} : { version }) };
  if (body === undefined && version === undefined) {
    await written(device.outbox.put(fresh));
    return id;
  }
  const other = crypto.randomUUID();
  const mended = body ?? record.body;
  await written(device.transaction('rw', device.outbox, async () => {
    await device.outbox.delete(id);
    await device.outbox.add({ ...fresh, id: other, body: record.kind === 'result' ? { ...(mended as object), report: other } : mended });
  }));
  return other;
}

export const remove = (id: string) => device.outbox.delete(id);

// age is how long the oldest unsent record has waited: fresh, a day or more, three days or more.
export function age(records: Pick<Waiting, 'made' | 'state'>[], now = Date.now()): 'fresh' | 'day' | 'three-days' {
  const oldest = Math.min(...records.filter((r) => r.state !== 'sent').map((r) => r.made), now);
  const days = (now - oldest) / (24 * 60 * minute);
  return days >= 3 ? 'three-days' : days >= 1 ? 'day' : 'fresh';
}
