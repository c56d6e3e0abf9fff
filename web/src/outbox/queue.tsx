import Dexie from 'dexie';
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { signedOut } from '../api/client';
import { device, type Waiting } from './database';
import { drain } from './outbox';

type Rows = Waiting[] | null | undefined;

const pause = 200; // between two readings of the queue while hundreds of records are being sent, in milliseconds

// reading is the queue of a user as all parts of the screen see it: read once for all of them, and again after a change,
// in this tab or another.
function reading(user: string) {
  const heard = new Set<() => void>();
  let rows: Rows;
  let last = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = async () => {
    last = Date.now();
    timer = undefined;
    rows = await device.outbox.where('user').equals(user).sortBy('made').catch(() => null);
    heard.forEach((tell) => tell());
  };
  const changed = (parts: object) => {
    if (!timer && Object.keys(parts).some((p) => p.includes('/outbox/'))) timer = setTimeout(() => void read(), Math.max(0, last + pause - Date.now()));
  };
  const watch = (tell: () => void) => {
    if (heard.size === 0) {
      Dexie.on('storagemutated', changed);
      void read();
    }
    heard.add(tell);
    return () => {
      heard.delete(tell);
      if (heard.size === 0) Dexie.on.storagemutated.unsubscribe(changed);
    };
  };
  return { watch, rows: () => rows };
}
const readings = new Map<string, ReturnType<typeof reading>>();

// useQueue is what a user wrote on this device and has not sent, with what was sent in the last day; undefined until it
// is known, null where the device gives no access to it.
export function useQueue(user: string): Rows {
  if (!readings.has(user)) readings.set(user, reading(user));
  const { watch, rows } = readings.get(user)!;
  return useSyncExternalStore(watch, rows);
}

// useUnsent is what of it still has to be sent.
export const useUnsent = (user: string): Waiting[] => (useQueue(user) ?? []).filter((r) => r.state !== 'sent');

// sendNow sends what waits, and asks to sign in where the session has ended.
export async function sendNow(user: string, all = false) {
  const how = await drain(user, undefined, { all });
  if (how === 'signed-out') signedOut.dispatchEvent(new Event('expired'));
  return how;
}

// useSending sends at the start, when the network is back, when its owner has signed in again, when the page is seen again,
// and every half minute what has waited out its pause.
export function useSending(user: string, sent: () => void) {
  const send = useCallback(
    async (all: boolean) => {
      if ((await device.outbox.where('user').equals(user).and((r) => r.state === 'waiting').count()) === 0) return;
      await sendNow(user, all);
      sent();
    },
    [user, sent],
  );
  useEffect(() => {
    const back = () => void send(true);
    const seen = () => document.visibilityState === 'visible' && void send(true);
    void send(true);
    window.addEventListener('online', back);
    signedOut.addEventListener('back', back);
    document.addEventListener('visibilitychange', seen);
    const timer = setInterval(() => void send(false), 30_000);
    return () => {
      window.removeEventListener('online', back);
      signedOut.removeEventListener('back', back);
      document.removeEventListener('visibilitychange', seen);
      clearInterval(timer);
    };
  }, [send]);
}

export function useOnline(): boolean {
  return useSyncExternalStore(
    (changed) => {
      window.addEventListener('online', changed);
      window.addEventListener('offline', changed);
      return () => {
        window.removeEventListener('online', changed);
        window.removeEventListener('offline', changed);
      };
    },
    () => navigator.onLine,
  );
}
