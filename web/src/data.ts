import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { api, call, type Schemas } from './api/client';
import { kept, type Seen } from './kept';
import { useSession } from './session';

export type Stock = Schemas['Stock'];

// useKept asks and keeps the answer on the device: what is seen without a network says since when.
export function useKept<T>(key: (string | number)[], ask: () => Promise<T>, enabled = true): UseQueryResult<Seen<T>> {
  const { me } = useSession();
  return useQuery({ queryKey: key, queryFn: () => kept(me.username, key.join(' '), ask), enabled });
}

// pages asks for all pages of a list that has a known end.
export async function pages<T>(ask: (cursor?: string) => Promise<{ items: T[] | null; next?: string }>): Promise<{ items: T[] }> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(cursor);
    items.push(...(page.items ?? []));
    cursor = page.next || undefined;
  } while (cursor);
  return { items };
}

// useStock is the stock of the regions of a level under a region.
export const useStock = (level: 'province' | 'regency' | 'district' | 'nation', region: string) =>
  useKept(['stock', level, region], () => call(api.GET('/api/v1/stock', { params: { query: { level, region, limit: 1000 } } })));

// useRegion is one region by its code.
export function useRegion(code: string, enabled = true) {
  const { me } = useSession();
  return useQuery({
    queryKey: ['region', code], enabled,
    queryFn: () => kept(me.username, `region ${code}`, () => call(api.GET('/api/v1/regions/{code}', { params: { path: { code } } }))),
    staleTime: 60 * 60_000,
  });
}

// useRegions is where the regions of a level under a region lie. It changes by law, not by the hour.
export function useRegions(level: 'province' | 'regency' | 'district', parent: string, enabled = true) {
  const { me } = useSession();
  return useQuery({
    queryKey: ['regions', level, parent], enabled,
    queryFn: () =>
      kept(me.username, `regions ${level} ${parent}`, () => call(api.GET('/api/v1/regions', { params: { query: { level, parent, limit: 1000 } } }))),
    staleTime: 60 * 60_000,
  });
}
