import { asProblem, Problem } from '../api/problem';
import { device } from './database';
import { put, remove, type NewRecord } from './outbox';
import { sendNow } from './queue';

// compared are the conflicts that the queue shows with both versions; the person chooses.
export const compared = ['day-already-reported', 'result-differs', 'report-differs', 'visit-state', 'stale', 'counts-differ', 'shipment-not-in-state'];

// submit writes a record on the device and tries to send it at once. What the server refuses comes back to the form and
// leaves the queue; without a network it stays there. A conflict stays too: its screen shows both versions.
export async function submit(record: NewRecord): Promise<{ sent: boolean; conflict?: boolean; problem?: Problem }> {
  let id;
  try {
    id = await put(record);
  } catch (e) {
    return { sent: false, problem: asProblem(e) };
  }
  await sendNow(record.user, true);
  const now = await device.outbox.get(id);
  if (now?.state === 'sent') return { sent: true };
  if (now?.state === 'conflict' && now.problem && compared.includes(now.problem.code)) return { sent: false, conflict: true };
  if (now?.problem && (now.state === 'refused' || now.state === 'conflict')) {
    await remove(id);
    return { sent: false, problem: new Problem(now.problem) };
  }
  return { sent: false };
}
