import { liveQuery } from 'dexie';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { signedOut } from '../api/client';
import { device, type Waiting } from './database';
import { drain } from './outbox';

// useQueue is what a user wrote on this device and has not sent, with what was sent in the last day; undefined until it
// is known, null where the device gives no access to it.
export function useQueue(user: string): Waiting[] | null | undefined {
  const [rows, setRows] = useState<Waiting[] | null>();
  useEffect(() => {
    const watching = liveQuery(() => device.outbox.where('user').equals(user).sortBy('made')).subscribe({ next: setRows, error: () => setRows(null) });
    return () => watching.unsubscribe();
  }, [user]);
  return rows;
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
