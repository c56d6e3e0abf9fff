import { Anchor, Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { createContext, useContext, useEffect, useMemo, useState } from 'react';
import { api, call, once, onto, type Schemas } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import { useQueryClient } from '@tanstack/react-query';
import { useSession } from '../session';
import { Choice } from '../shell/choice';
import { Dialog } from '../shell/dialog';
import { State } from '../shell/figure';
import { Files } from '../shell/files';
import { Page } from '../shell/page';
import { Sortable, type Column } from '../shell/table';
import { Loading, Trouble } from '../shell/trouble';
import { useWords } from '../words';
import { today, type Zone } from '../format';

type Request = Schemas['Request'];

const decidable = ['submitted', 'verified'];

// stillChosen drops from what was ticked that which the list shows as decided by now.
export function stillChosen(chosen: ReadonlySet<number>, rows: Pick<Request, 'id' | 'state'>[]): ReadonlySet<number> {
  const decided = rows.filter((r) => chosen.has(r.id) && !decidable.includes(r.state));
  return decided.length === 0 ? chosen : new Set([...chosen].filter((id) => !decided.some((r) => r.id === id)));
}

// Chosen is what is ticked; it stands beside the rows, so that a tick draws one box anew and not the whole list.
const Chosen = createContext<{ chosen: ReadonlySet<number>; tick: (id: number, on: boolean) => void }>({ chosen: new Set(), tick: () => undefined });

function Pick({ id, label }: { id: number; label: string }) {
  const { chosen, tick } = useContext(Chosen);
  const on = chosen.has(id);
  return useMemo(() => <Checkbox aria-label={label} checked={on} onChange={(e) => tick(id, e.currentTarget.checked)} />, [id, label, on]);
}

// RequestsPage is the inbox of a planner and the list of an office: emergencies first, then the oldest.
export function RequestsPage() {
  const { may, region } = useSession();
  const { t, f } = useWords();
  const [which, setWhich] = useState<'open' | 'all'>('open');
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [asking, ask] = useState(false);
  const list = useInfiniteQuery({
    queryKey: ['requests', 'inbox', which],
    queryFn: ({ pageParam }) => call(api.GET('/api/v1/requests', { params: { query: { open: which === 'open', limit: 500, cursor: pageParam || undefined } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next || undefined,
  });
  const rows = useMemo(() => {
    const all = list.data?.pages.flatMap((p) => p.items ?? []) ?? [];
    const waits = (r: Request) => (decidable.includes(r.state) ? 0 : 1);
    return all.sort((a, b) => waits(a) - waits(b) || Number(b.emergency) - Number(a.emergency) || (a.submitted_at ?? a.created_at).localeCompare(b.submitted_at ?? b.created_at));
  }, [list.data]);
  useEffect(() => setChosen((was) => stillChosen(was, rows)), [rows]);
  const decides = may('requests.decide');
  const picks = useMemo(() => ({
    chosen, tick: (id: number, on: boolean) => setChosen((was) => { const next = new Set(was); if (on) next.add(id); else next.delete(id); return next; }),
  }), [chosen]);
  const columns = useMemo((): Column<Request>[] => {
    const all: Column<Request>[] = [
      { key: 'region', lead: true, head: t('region.region'), cell: (r) => <Anchor component={Link} to={`/requests/${r.id}`} inherit>{r.name}</Anchor>, sort: (r) => r.name },
      { key: 'state', head: t('region.state'), cell: (r) => <Group gap={4}>{r.emergency && <State state="emergency" of="request" />}<State state={r.state} of="request.state" /></Group>, sort: (r) => r.state },
      { key: 'asked', head: t('request.asked'), cell: (r) => f.pieces(r.asked), sort: (r) => r.asked, number: true },
      { key: 'suggested', head: t('request.suggested'), cell: (r) => f.pieces(r.suggested), sort: (r) => r.suggested, number: true, phone: false },
      { key: 'approved', head: t('request.approved'), cell: (r) => f.pieces(r.approved), sort: (r) => r.approved, number: true, phone: false },
      { key: 'at', head: t('request.submitted'), cell: (r) => f.shortDate(today(region.zone as Zone, new Date(r.submitted_at ?? r.created_at))), sort: (r) => r.submitted_at ?? r.created_at },
    ];
    if (!decides) return all;
    return [
      {
        key: 'pick', head: <span className="hidden">{t('request.pick')}</span>,
        cell: (r) => decidable.includes(r.state) && <Pick id={r.id} label={t('request.pick-one', { region: r.name, asked: f.pieces(r.asked) })} />,
      },
      ...all,
    ];
  }, [t, f, decides, region.zone]);
  if (list.isPending) return <Loading />;
  if (list.isLoadingError) return <Trouble problem={asProblem(list.error)} again={() => void list.refetch()} />;
  const picked = rows.filter((r) => chosen.has(r.id) && decidable.includes(r.state));
  return (
    <Page title={t('nav.requests')} actions={may('requests.ask') && <Button component={Link} to="/requests/new">{t('request.new')}</Button>}>
      <Choice label={t('request.which')} value={which} onChange={setWhich} options={[['open', t('request.open')], ['all', t('app.all')]]} />
      <Chosen value={picks}>
        <Sortable caption={t('nav.requests')} rows={rows} columns={columns} id={(r) => r.id} empty={t('request.none')} tall />
      </Chosen>
      {rows.length > 0 && <Files of="requests" name={t('nav.requests')} query={{ open: which === 'open' }} />}
      {list.hasNextPage && <Button variant="outline" w="fit-content" onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>{t('app.more')}</Button>}
      {picked.length > 0 && (
        <Group className="bar-actions noprint">
          <Text fw={600}>{t('request.picked', { count: picked.length, pieces: f.pieces(picked.reduce((n, r) => n + r.asked, 0)) })}</Text>
          <Button onClick={() => ask(true)}>{t('request.approve-picked')}</Button>
          <Button variant="subtle" onClick={() => setChosen(new Set())}>{t('request.unpick')}</Button>
        </Group>
      )}
      <Batch key={asking ? 'open' : 'shut'} opened={asking} picked={picked} close={() => ask(false)} done={(ids) => setChosen((was) => new Set([...was].filter((id) => !ids.has(id))))} />
    </Page>
  );
}

// Batch approves what was picked, each under its own version and key: one that has changed meanwhile is told, as it was
// read and as it is now, and waits to be approved again on purpose.
function Batch({ opened, picked, close, done }: { opened: boolean; picked: Request[]; close: () => void; done: (ids: Set<number>) => void }) {
  const words = useWords();
  const { t, f } = words;
  const queries = useQueryClient();
  const [waiting, setWaiting] = useState(() => picked.map((r): Waiting => ({ r, key: once() })));
  const [busy, setBusy] = useState(false);
  const failed = waiting.some((w) => w.problem);
  const approvable = waiting.filter((w) => decidable.includes(w.r.state));

  async function approve() {
    setBusy(true);
    const ids = new Set<number>();
    const left: Waiting[] = [];
    for (const w of waiting) {
      const { r, key } = w;
      if (!decidable.includes(r.state)) continue; // said already why it cannot be
      try {
        await call(api.POST('/api/v1/requests/{id}/approval', { params: { path: { id: r.id }, header: { ...onto(r), 'Idempotency-Key': key } }, body: { pieces: undecided(r) } }));
        ids.add(r.id);
      } catch (e) {
        const problem = asProblem(e);
        if (problem.status !== 409 && problem.status !== 412) {
          left.push({ ...w, problem });
          continue;
        }
        const now = await call(api.GET('/api/v1/requests/{id}', { params: { path: { id: r.id } } })).catch(() => r); // without a network it is what was read
        left.push({ r: now, was: r, key: once(), problem });
      }
    }
    await queries.invalidateQueries();
    done(ids);
    setBusy(false);
    setWaiting(left);
    if (left.length === 0) close();
  }

  const told = (r: Request) => `${t(`request.state.${r.state}`)}, ${t('request.to-approve', { pieces: f.pieces(undecided(r)) })}`;
  const columns: Column<Waiting>[] = [{ key: 'region', head: t('region.region'), cell: ({ r }) => r.name }];
  if (failed) {
    columns.push(
      { key: 'why', head: t('request.why-not'), cell: ({ problem }) => problem && words.problem(problem) },
      { key: 'read', head: t('stale.read'), cell: ({ r, was }) => told(was ?? r) },
      { key: 'now', head: t('stale.now'), cell: ({ r, was }) => (was && told(was) !== told(r) ? <b className="changed">{told(r)}</b> : told(r)) },
    );
  } else {
    columns.push({ key: 'asked', head: t('request.approve-pieces'), cell: ({ r }) => f.pieces(undecided(r)), number: true });
  }
  return (
    <Dialog opened={opened} title={t(failed ? 'request.batch-failed' : 'request.batch')} close={close}>
      <Stack>
        <div role={failed ? 'alert' : undefined}>
          <Sortable caption={t('request.batch')} rows={waiting} columns={columns} id={({ r }) => r.id} tall />
        </div>
        <Text fw={700}>{t('request.picked', { count: approvable.length, pieces: f.pieces(approvable.reduce((n, w) => n + undecided(w.r), 0)) })}</Text>
        <Group>
          {approvable.length > 0 && <Button onClick={() => void approve()} loading={busy}>{t(failed ? 'stale.again' : 'request.approve')}</Button>}
          <Button variant="subtle" onClick={close}>{t(approvable.length > 0 ? 'app.cancel' : 'app.close')}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

// Waiting is a request to be approved, and, when that failed, as it was read before and why.
interface Waiting {
  r: Request;
  was?: Request;
  key: string;
  problem?: Problem;
}

// what of a request is still to be decided
const undecided = (r: Request) => r.asked - r.approved - r.declined;
