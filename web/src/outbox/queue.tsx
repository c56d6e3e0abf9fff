import { liveQuery } from 'dexie';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { signedOut } from '../api/client';
import { device, type Waiting } from './database';
import { drain } from './outbox';

// useQueue is what a user wrote on this device and has not sent, with what was sent in the last day.
export function useQueue(user: string): Waiting[] {
  const [rows, setRows] = useState<Waiting[]>([]);
  useEffect(() => {
    const watching = liveQuery(() => device.outbox.where('user').equals(user).sortBy('made')).subscribe({ next: setRows, error: () => setRows([]) });
    return () => watching.unsubscribe();
  }, [user]);
  return rows;
}

// sendNow sends what waits, and asks to sign in where the session has ended.
export async function sendNow(user: string, all = false) {
  const how = await drain(user, undefined, { all });
  if (how === 'signed-out') signedOut.dispatchEvent(new Event('expired'));
  return how;
}

// useSending sends at the start, when the network is back, when the page is seen again, and every half minute what has
// waited out its pause.
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
    document.addEventListener('visibilitychange', seen);
    const timer = setInterval(() => void send(false), 30_000);
    return () => {
      window.removeEventListener('online', back);
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
