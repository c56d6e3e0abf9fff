import { Anchor, Button, Group } from '@mantine/core';
import { useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, call, type Schemas } from '../api/client';
import { asProblem } from '../api/problem';
import { useKept } from '../data';
import { kept } from '../kept';
import { useSession } from '../session';
import { Choice } from '../shell/choice';
import { State } from '../shell/figure';
import { Files } from '../shell/files';
import { Page } from '../shell/page';
import { Since } from '../shell/since';
import { Sortable, type Column } from '../shell/table';
import { Loading, Trouble } from '../shell/trouble';
import { useWords } from '../words';

export type Shipment = Schemas['Shipment'];
type Which = 'overdue' | 'dispatched' | 'partly-received' | 'prepared' | 'all';

export const piecesOf = (s: Shipment) => (s.lines ?? []).reduce((n, l) => n + l.pieces, 0);

// useShipments asks for the shipments of a kind, and keeps the answer.
export const useShipments = (which: Which) => useKept(['shipments', which], () => ask(which));

const ask = (which: Which, cursor?: string) =>
  call(api.GET('/api/v1/shipments', { params: { query: { limit: 500, cursor, ...(which === 'overdue' ? { overdue: true } : which === 'all' ? {} : { state: which }) } } }));

// useRest are those after the first 500, asked for a page at a time.
function useRest(which: Which, after: string) {
  const rest = useInfiniteQuery({
    queryKey: ['shipments', which, 'after', after], enabled: false, initialPageParam: after,
    queryFn: ({ pageParam }) => ask(which, pageParam),
    getNextPageParam: (page) => page.next || undefined,
  });
  return {
    items: rest.data?.pages.flatMap((p) => p.items ?? []),
    more: after === '' || (rest.data && !rest.hasNextPage) ? undefined : () => void (rest.data ? rest.fetchNextPage() : rest.refetch()),
    busy: rest.isFetching,
  };
}

const shipmentOf = (user: string, id: number) => ({
  queryKey: ['shipment', id],
  queryFn: () => kept(user, `shipment ${id}`, () => call(api.GET('/api/v1/shipments/{id}', { params: { path: { id } } }))),
});

export function useShipment(id: number) {
  const { me } = useSession();
  return useQuery(shipmentOf(me.username, id));
}

// isMine tells of a place's region whether an office sends and receives for it: its own, and a regency's counters.
export const isMine = (code: string, region: { code: string; level: string }) => code === region.code || (region.level === 'regency' && code.startsWith(region.code + '.'));

export const isComing = (s: Shipment) => s.state === 'dispatched' || s.state === 'partly-received';

const mostCarried = 30;

// useCarriedShipments keeps on the device what is on its way here, so that it can be counted where there is no network.
export function useCarriedShipments(all: Shipment[]) {
  const { me, may, region } = useSession();
  const coming = may('shipments.receive') ? all.filter((s) => isComing(s) && isMine(s.to, region)).slice(0, mostCarried) : [];
  useQueries({ queries: coming.map((s) => shipmentOf(me.username, s.id)) });
}

// ShipmentsPage lists what is under way, the overdue first.
export function ShipmentsPage() {
  const { t, f } = useWords();
  const [which, setWhich] = useState<Which>('dispatched');
  const list = useShipments(which);
  const rest = useRest(which, list.data?.value.next ?? '');
  const rows = useMemo(
    () => [...(list.data?.value.items ?? []), ...(rest.items ?? [])].sort((a, b) => Number(b.overdue) - Number(a.overdue) || (a.expected_on ?? '9').localeCompare(b.expected_on ?? '9')),
    [list.data, rest.items],
  );
  useCarriedShipments(rows);
  const columns = useMemo((): Column<Shipment>[] => [
    { key: 'document', head: t('shipment.document'), cell: (s) => <Anchor component={Link} to={`/shipments/${s.id}`} inherit>{s.document}</Anchor>, sort: (s) => s.document },
    { key: 'state', head: t('region.state'), cell: (s) => <Group gap={4}>{s.overdue && <State state="overdue" of="shipment" />}<State state={s.state} of="shipment.state" /></Group>, sort: (s) => s.state },
    { key: 'to', head: t('shipment.to'), cell: (s) => s.to_name, sort: (s) => s.to_name },
    { key: 'from', head: t('shipment.from'), cell: (s) => s.from_name, sort: (s) => s.from_name, phone: false },
    { key: 'pieces', head: t('shipment.pieces'), cell: (s) => f.pieces(piecesOf(s)), sort: piecesOf, number: true },
    { key: 'expected', head: t('shipment.expected'), cell: (s) => f.shortDate(s.expected_on), sort: (s) => s.expected_on, phone: false },
  ], [t, f]);
  return (
    <Page title={t('nav.shipments')}>
      <Choice
        label={t('shipment.which')} value={which} onChange={setWhich}
        options={(['dispatched', 'overdue', 'partly-received', 'prepared', 'all'] as const).map((v) => [v, v === 'overdue' ? t('shipment.overdue') : v === 'all' ? t('app.all') : t(`shipment.state.${v}`)] as const)}
      />
      <Since at={list.data?.since} />
      {list.isPending ? <Loading /> : list.isLoadingError ? <Trouble problem={asProblem(list.error)} again={() => void list.refetch()} /> : (
        <>
          <Sortable caption={t('nav.shipments')} rows={rows} columns={columns} id={(s) => s.id} empty={t('shipment.none')} tall />
          {rows.length > 0 && <Files of="shipments" name={t('nav.shipments')} query={which === 'overdue' ? { overdue: true } : which === 'all' ? {} : { state: which }} />}
          {rest.more && <Button variant="outline" w="fit-content" onClick={rest.more} loading={rest.busy}>{t('app.more')}</Button>}
        </>
      )}
    </Page>
  );
}
