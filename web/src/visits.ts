import { useQueries, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, call, type Schemas } from './api/client';
import { useKept } from './data';
import { addDays, type Formats } from './format';
import { kept } from './kept';
import { device } from './outbox/database';
import { useSession } from './session';

export type Visit = Schemas['Visit'];
export type Result = Schemas['Result'];
export type Site = Schemas['Site'];
type Count = number | { below: number };

// people is a count in words; a small one of vulnerable people is told as less than five outside their own office.
export const people = (c: Count | null | undefined, f: Formats, t: (key: string, facts?: Record<string, unknown>) => string): string =>
  typeof c === 'object' && c ? t('visit.below', { count: c.below }) : f.pieces(c);

type Words = (key: string, facts?: Record<string, unknown>) => string;

// unserved are those who came and could not be served, by cause.
export const unserved = (list: Schemas['Failure'][] | null | undefined, f: Formats, t: Words): string =>
  list?.length ? list.map((x) => `${t(`result.failure.${x.reason}`)}: ${f.pieces(x.people)}`).join('; ') : '–';

// talk is what was explained beside the recording.
export const talk = (s: Schemas['Session'] | null | undefined, f: Formats, t: Words): string =>
  s ? [t('result.session-of', { topic: s.topic, audience: f.pieces(s.audience) }), s.material].filter(Boolean).join(', ') : '–';

export const number = (c: Count | null | undefined): number => (typeof c === 'number' ? c : 0);

// A visit is open while nothing is known of how it went.
export const isOpen = (v: Visit) => v.state === 'proposed' || v.state === 'confirmed' || v.state === 'under-way';

const back = 14;
const ahead = 7;

// An office of one kecamatan sees the visits to it whichever team makes them; a wider one those of its own teams.
export const goingFrom = (region: { code: string; level: string }) => (region.level === 'district' ? undefined : region.code);

// useVisits are the announced visits of the days around today, in order of day and hour.
export function useVisits(enabled = true) {
  const { region, today } = useSession();
  return useKept(
    ['visits', 'around', region.code, today],
    () => call(api.GET('/api/v1/visits', { params: { query: { region: goingFrom(region), from: addDays(today, -back), until: addDays(today, ahead), limit: 1000 } } })), enabled,
  );
}

export function useTeams(enabled = true) {
  const { region } = useSession();
  return useKept(['teams', region.code], () => call(api.GET('/api/v1/teams', { params: { query: { region: region.code, limit: 1000 } } })), enabled);
}

const siteOf = (user: string, id: number) => ({
  queryKey: ['site', id],
  queryFn: () => kept(user, `site ${id}`, () => call(api.GET('/api/v1/sites/{id}', { params: { path: { id } } }))),
  staleTime: 10 * 60_000,
});
const visitOf = (user: string, id: number) => ({
  queryKey: ['visit', id],
  queryFn: () => kept(user, `visit ${id}`, () => call(api.GET('/api/v1/visits/{id}', { params: { path: { id } } }))),
});

// useCarried keeps what a team needs on its way on the device: each visit and its site.
export function useCarried(visits: Visit[]) {
  const { me } = useSession();
  useQueries({ queries: visits.flatMap((v) => [siteOf(me.username, v.site), visitOf(me.username, v.id)]) });
}

export function useVisit(id: number) {
  const { me } = useSession();
  return useQuery(visitOf(me.username, id));
}

export function useSite(id: number | undefined) {
  const { me } = useSession();
  return useQuery({ ...siteOf(me.username, id ?? 0), enabled: id !== undefined });
}

// useTicks are the ticks of a checklist; they stay on this device.
export function useTicks(visit: number): [ReadonlySet<string>, (item: string, on: boolean) => void] {
  const { me } = useSession();
  const key = `${me.username} ticks ${visit}`;
  const [ticks, set] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    let gone = false;
    void device.kept.get(key).then((k) => !gone && k && set(new Set(k.value as string[]))).catch(() => undefined);
    return () => {
      gone = true;
    };
  }, [key]);
  const tick = (item: string, on: boolean) => {
    const next = new Set(ticks);
    if (on) next.add(item);
    else next.delete(item);
    set(next);
    // A device without room still ticks.
    void device.kept.put({ key, user: me.username, at: Date.now(), value: [...next] }).catch(() => undefined);
  };
  return [ticks, tick];
}

// Here is where the device is, if it tells.
export interface Here {
  state: 'asking' | 'known' | 'none';
  lon?: number;
  lat?: number;
  accuracy?: number;
}

// useHere asks the device where it is. Without a permission, a sensor or a sky it is not known, and work goes on.
export function useHere(): [Here, () => void] {
  const [here, set] = useState<Here>({ state: 'asking' });
  const [asked, ask] = useState(0);
  useEffect(() => {
    if (!navigator.geolocation) {
      set({ state: 'none' });
      return;
    }
    let gone = false;
    set((was) => (was.state === 'known' ? was : { state: 'asking' }));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => !gone && set({ state: 'known', lon: coords.longitude, lat: coords.latitude, accuracy: Math.min(100_000, Math.round(coords.accuracy)) }),
      () => !gone && set({ state: 'none' }),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
    );
    return () => {
      gone = true;
    };
  }, [asked]);
  return [here, () => ask((n) => n + 1)];
}
