import { Anchor, Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, call, onto, type Schemas } from '../api/client';
import { asProblem } from '../api/problem';
import { useDeed } from '../deed';
import { addDays, type Zone } from '../format';
import { useSession } from '../session';
import { Choice } from '../shell/choice';
import { Dialog } from '../shell/dialog';
import { State } from '../shell/figure';
import { Help } from '../shell/help';
import { History } from '../shell/history';
import { Files } from '../shell/files';
import { Page } from '../shell/page';
import { Stale } from '../shell/stale';
import { Sortable, type Column } from '../shell/table';
import { Loading, Summary, Trouble, useFieldError } from '../shell/trouble';
import { useWords } from '../words';

type Alert = Schemas['Alert'];
type Which = 'open' | 'acknowledged' | 'snoozed' | 'closed';

const rank: Record<string, number> = { watch: 1, warning: 2, critical: 3 };

// Facts are what the night knew when it raised an alert of a shelf that runs out.
interface Facts {
  on_hand?: number;
  incoming?: number;
  short?: number;
  daily_mean?: number;
  lead_p90?: number;
  run_out_p50?: string;
}
export const factsOf = (a: Alert) => (a.facts ?? {}) as Facts;

// AlertsPage lists what threatens, the most urgent first, and lets somebody say that it is dealt with or can wait.
export function AlertsPage() {
  const { t, f } = useWords();
  const { may, region } = useSession();
  const [which, setWhich] = useState<Which>('open');
  const [chosen, choose] = useState<Alert | null>(null);
  const list = useInfiniteQuery({
    queryKey: ['alerts', which],
    queryFn: ({ pageParam }) => call(api.GET('/api/v1/alerts', { params: { query: { ...(which === 'snoozed' ? { snoozed: 'only' } : { state: which }), limit: 500, cursor: pageParam || undefined } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next || undefined,
  });
  const rows = useMemo(() => list.data?.pages.flatMap((p) => p.items ?? []) ?? [], [list.data]);
  const deals = may('alerts.acknowledge');
  const columns = useMemo((): Column<Alert>[] => {
    const all: Column<Alert>[] = [
      { key: 'region', head: t('region.region'), cell: (a) => <Anchor component={Link} to={`/regions/${a.region}`} inherit>{a.name}</Anchor>, sort: (a) => a.name },
      { key: 'level', head: t('alert.level'), cell: (a) => <State state={a.level} of="alert.levels" />, sort: (a) => rank[a.level] },
      { key: 'probability', head: t('region.run-out'), cell: (a) => f.percent(a.probability, 0), sort: (a) => a.probability, number: true },
      { key: 'when', head: t('alert.run-out-by'), cell: (a) => f.shortDate(factsOf(a).run_out_p50), sort: (a) => factsOf(a).run_out_p50, phone: false },
      { key: 'on-hand', head: t('region.on-hand'), cell: (a) => f.pieces(factsOf(a).on_hand), sort: (a) => factsOf(a).on_hand, number: true, phone: false },
      { key: 'short', head: t('alert.short'), cell: (a) => f.pieces(factsOf(a).short), sort: (a) => factsOf(a).short, number: true, phone: false },
      {
        key: 'known', head: t('alert.known'), phone: false,
        cell: (a) => a.snoozed_until ? t('alert.until', { day: f.shortDate(a.snoozed_until) }) : a.acknowledged_by || a.closed_by || '–',
      },
    ];
    if (deals && which !== 'closed') {
      all.push({
        key: 'deal', head: <span className="hidden">{t('alert.deal')}</span>,
        cell: (a) => <Button variant="outline" size="compact-md" onClick={() => choose(a)} aria-label={t('alert.deal-with', { region: a.name })}>{t('alert.deal')}</Button>,
      });
    }
    return all;
  }, [t, f, deals, which]);
  return (
    <Page title={t('nav.alerts')} about={t('alert.about')}>
      <Group gap="xs">
        <Choice label={t('alert.which')} value={which} onChange={setWhich} options={(['open', 'acknowledged', 'snoozed', 'closed'] as const).map((w) => [w, t(`alert.states.${w}`)])} />
        <Help of="run-out" asOf={rows[0] && f.instant(rows[0].settled_at, region.zone as Zone)} />
      </Group>
      {list.isPending ? <Loading /> : list.isLoadingError ? <Trouble problem={asProblem(list.error)} again={() => void list.refetch()} /> : (
        <>
          <Sortable caption={t('nav.alerts')} rows={rows} columns={columns} id={(a) => a.id} empty={t(`alert.none-${which}`)} tall />
          {rows.length > 0 && <Files of="alerts" name={t('nav.alerts')} query={which === 'snoozed' ? { snoozed: 'only' } : { state: which }} />}
        </>
      )}
      {list.hasNextPage && <Button variant="outline" w="fit-content" onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>{t('app.more')}</Button>}
      {chosen && <Deal key={chosen.id} alert={chosen} close={() => choose(null)} />}
    </Page>
  );
}

// Deal says that somebody deals with an alert, or that it can wait until a day, and why.
function Deal({ alert, close }: { alert: Alert; close: () => void }) {
  const { t, f } = useWords();
  const { today, region } = useSession();
  const [how, setHow] = useState<'acknowledge' | 'snooze'>('acknowledge');
  const [note, setNote] = useState('');
  const [until, setUntil] = useState(addDays(today, 7));
  const [read, setRead] = useState(alert); // what the deed builds on
  const current = useQuery({ queryKey: ['alert', alert.id], queryFn: () => call(api.GET('/api/v1/alerts/{id}', { params: { path: { id: alert.id } } })) });
  const deed = useDeed((on: { alert: Alert; how: typeof how; note: string; until: string }, key) => {
    const params = { path: { id: on.alert.id }, header: { ...onto(on.alert), 'Idempotency-Key': key } };
    return on.how === 'acknowledge'
      ? call(api.POST('/api/v1/alerts/{id}/acknowledgement', { params, body: { note: on.note || undefined } }))
      : call(api.POST('/api/v1/alerts/{id}/snooze', { params, body: { until: on.until, note: on.note } }));
  });
  const error = useFieldError(deed.problem);
  const facts = factsOf(alert);
  const now = current.data;
  const stale = (deed.problem?.status === 412 || deed.problem?.status === 409) && now && now.version !== read.version ? now : null;

  async function act(on: Alert) {
    if (await deed.act({ alert: on, how, note, until })) close();
    else void current.refetch();
  }
  const shown: [string, (a: Alert) => string][] = [
    [t('region.state'), (a) => t(`alert.states.${a.state}`)], [t('alert.level'), (a) => t(`alert.levels.${a.level}`)],
    [t('region.run-out'), (a) => f.percent(a.probability, 0)], [t('alert.known'), (a) => a.acknowledged_by || '–'], [t('request.note'), (a) => a.note || '–'],
  ];
  return (
    <Dialog opened title={t('alert.deal-with', { region: alert.name })} close={close}>
      <form onSubmit={(e) => { e.preventDefault(); void act(read); }}>
        <Stack>
          {stale ? (
            <Stale differences={shown.map(([label, of]) => ({ label, read: of(read), now: of(stale) }))} busy={deed.busy} again={() => { setRead(stale); void act(stale); }} />
          ) : (
            <Summary problem={deed.problem} inputs={{ 'body.note': 'alert-note', 'body.until': 'alert-until' }} />
          )}
          <dl className="terms">
            <dt>{t('region.run-out')}</dt><dd>{f.percent(alert.probability, 0)}</dd>
            <dt>{t('region.on-hand')}</dt><dd>{f.pieces(facts.on_hand)}</dd>
            <dt>{t('region.transit')}</dt><dd>{f.pieces(facts.incoming)}</dd>
            <dt>{t('region.need')}</dt><dd>{f.decimal(facts.daily_mean)}</dd>
            <dt>{t('alert.lead')}</dt><dd>{f.pieces(facts.lead_p90)}</dd>
            <dt>{t('alert.run-out-by')}</dt><dd>{f.shortDate(facts.run_out_p50)}</dd>
          </dl>
          <Choice label={t('alert.how')} value={how} onChange={setHow} options={[['acknowledge', t('alert.acknowledge')], ['snooze', t('alert.snooze')]]} />
          <Text size="sm" c="dimmed">{t(`alert.${how}-hint`)}</Text>
          {how === 'snooze' && (
            <TextInput id="alert-until" type="date" label={t('alert.snooze-until')} value={until} min={addDays(today, 1)} max={addDays(today, 30)} required onChange={(e) => setUntil(e.currentTarget.value)} maw={220} error={error('body.until')} />
          )}
          <Textarea id="alert-note" label={t(how === 'snooze' ? 'alert.why-wait' : 'alert.what-done')} value={note} onChange={(e) => setNote(e.currentTarget.value)} required={how === 'snooze'} maxLength={500} autosize error={error('body.note')} />
          <Group>
            <Button type="submit" loading={deed.busy}>{t(`alert.${how}`)}</Button>
            <Button variant="subtle" onClick={close}>{t('app.cancel')}</Button>
          </Group>
          <History level={3} steps={now?.events?.map((e) => ({ at: e.at, actor: e.actor, action: 'alert-' + e.event, note: e.note || (e.event === 'raised' || e.event === 'lowered' || e.event === 'opened' ? `${t(`alert.levels.${e.level}`)}, ${f.percent(e.probability, 0)}` : '') }))} zone={region.zone as Zone} />
        </Stack>
      </form>
    </Dialog>
  );
}
