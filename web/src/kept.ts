import { asProblem } from './api/problem';
import { device } from './outbox/database';

// Seen is an answer and, when the network was down, the instant at which it was last true.
export interface Seen<T> {
  value: T;
  since?: number;
}

// kept asks, and keeps the answer on the device; without a network it gives what was kept. Counts only: no names of
// residents pass through the API.
export async function kept<T>(user: string, key: string, ask: () => Promise<T>): Promise<Seen<T>> {
  const id = user + ' ' + key;
  try {
    const value = await ask();
    // A device without room still shows the answer.
    await device.kept.put({ key: id, user, at: Date.now(), value }).catch(() => undefined);
    return { value };
  } catch (e) {
    if (!asProblem(e).passing) throw e;
    const last = await device.kept.get(id).catch(() => undefined);
    if (!last) throw e;
    return { value: last.value as T, since: last.at };
  }
}

// forget wipes what was kept for a user.
export const forget = (user: string) => device.kept.where('user').equals(user).delete();
