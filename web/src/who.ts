import type { Schemas } from './api/client';

export type Me = Schemas['Me'];

const last = 'blangko-me';

// Who was signed in last in this browser: all its tabs share one session, and all of them hear when it becomes another's.
export const remember = (me: Me) => localStorage.setItem(last, JSON.stringify(me));
export const forgetMe = () => localStorage.removeItem(last);

export function remembered(): Me | null {
  const text = localStorage.getItem(last);
  return text ? (JSON.parse(text) as Me) : null;
}

// hear tells who signed in from another tab; it gives what ends the telling.
export function hear(told: (username: string) => void): () => void {
  const heard = (e: StorageEvent) => {
    const me = e.key === last ? remembered() : null;
    if (me) told(me.username);
  };
  window.addEventListener('storage', heard);
  return () => window.removeEventListener('storage', heard);
}
