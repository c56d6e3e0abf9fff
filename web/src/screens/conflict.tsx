import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call, type Schemas } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import type { Zone } from '../format';
import type { Waiting } from '../outbox/database';
import { again, remove } from '../outbox/outbox';
import { sendNow } from '../outbox/queue';
import { useSession } from '../session';
import { Sortable } from '../shell/table';
import { Loading, Trouble } from '../shell/trouble';
import { isOpen, people, talk, unserved, type Result, type Visit } from '../visits';
import { useWords } from '../words';
import { hours } from './visits';

interface Row {
  label: string;
  theirs: string;
  mine: string;
}

// Both shows two versions side by side; what differs stands out.
function Both({ rows, theirs, mine }: { rows: Row[]; theirs: string; mine: string }) {
  const { t } = useWords();
  return (
    <Sortable
      caption={t('queue.both')} rows={rows} id={(r) => r.label}
      columns={[
        { key: 'label', head: t('stale.field'), cell: (r) => r.label },
        { key: 'theirs', head: theirs, cell: (r) => (r.theirs === r.mine ? r.theirs : <b className="changed" data-version="theirs">{r.theirs}</b>) },
        { key: 'mine', head: mine, cell: (r) => (r.theirs === r.mine ? r.mine : <b className="changed" data-version="mine">{r.mine}</b>) },
      ]}
    />
  );
}

const counted = ['present', 'served', 'recorded', 'printed', 'akta', 'ikd', 'kia'] as const;
const blanks = ['blanks_taken', 'blanks_used', 'blanks_spoiled', 'blanks_returned'] as const;

// ResultVersions shows a report beside the one that was there before and says otherwise: a person picks which stands.
export function ResultVersions({ record }: { record: Waiting }) {
  const words = useWords();
  const { t, f } = words;
  const { region } = useSession();
  const queries = useQueryClient();
  const visit = record.visit!;
  const id = Number(record.problem?.facts?.result);
  const mine = record.body as Schemas['NewResult'];
  const results = useQuery({ queryKey: ['results', visit], queryFn: () => call(api.GET('/api/v1/visits/{id}/results', { params: { path: { id: visit } } })) });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  if (results.isPending) return <Loading />;
  if (results.isLoadingError) return <Trouble problem={asProblem(results.error)} again={() => void results.refetch()} />;
  const all = results.data.items ?? [];
  const theirs = all.find((r) => r.standing === 'kept' && r.id !== id);
  if (!theirs) {
    return (
      <Stack gap="xs">
        <Text>{t('queue.chosen')}</Text>
        <Group><Button variant="outline" onClick={() => void remove(record.id)}>{t('queue.done')}</Button></Group>
      </Stack>
    );
  }

  async function keep(result: number) {
    setBusy(true);
    setProblem(null);
    try {
      await call(api.POST('/api/v1/visits/{id}/results/{result}/choice', {
        params: { path: { id: visit, result }, header: { 'Idempotency-Key': `${record.id}-${result}` } },
      }));
      await remove(record.id);
      await queries.invalidateQueries();
    } catch (e) {
      setProblem(asProblem(e));
    } finally {
      setBusy(false);
    }
  }

  const row = (label: string, of: (r: Result) => string, own: string): Row => ({ label, theirs: of(theirs), mine: own });
  const rows = [
    row(t('region.state'), (r) => t(`visit.state.${r.state}`), t(`visit.state.${mine.complete ? 'done' : 'partial'}`)),
    row(t('result.day'), (r) => f.shortDate(r.day), f.shortDate(mine.day)),
    ...counted.map((c) => row(t(`result.${c}`), (r) => people(r.counts[c], f, t), f.pieces(mine[c]))),
    ...blanks.map((b) => row(t(`result.${b}`), (r) => f.pieces(r.counts[b]), f.pieces(mine[b]))),
    row(t('result.failures'), (r) => unserved(r.failures, f, t), unserved(mine.failures, f, t)),
    row(t('result.session'), (r) => talk(r.counts.session, f, t), talk(mine.session, f, t)),
    row(t('result.at'), (r) => f.instant(r.taken_at, region.zone as Zone), f.instant(mine.taken_at, region.zone as Zone)),
    row(t('request.note'), (r) => r.note || '–', mine.note || '–'),
  ];
  return (
    <Stack gap="xs">
      <Both rows={rows} theirs={t('queue.theirs', { actor: theirs.reported_by })} mine={t('queue.mine')} />
      <Group>
        <Button variant="outline" loading={busy} onClick={() => void keep(theirs.id)}>{t('queue.keep-theirs')}</Button>
        <Button loading={busy} onClick={() => void keep(id)}>{t('queue.keep-mine')}</Button>
      </Group>
      {problem && <Alert color="red" variant="outline" role="alert">{words.problem(problem)}</Alert>}
    </Stack>
  );
}

// ReceiptVersions shows what was counted here beside what the server has by now: somebody else received it meanwhile.
export function ReceiptVersions({ record, here }: { record: Waiting; here?: boolean }) {
  const { t, f } = useWords();
  const mine = record.body as Schemas['NewReceipt'];
  const shipment = useQuery({
    queryKey: ['shipment', 'now', mine.shipment], queryFn: () => call(api.GET('/api/v1/shipments/{id}', { params: { path: { id: mine.shipment } } })),
  });
  if (shipment.isPending) return <Loading />;
  if (shipment.isLoadingError) return <Trouble problem={asProblem(shipment.error)} again={() => void shipment.refetch()} />;
  const lines = shipment.data.lines ?? [];
  const rows: Row[] = [
    { label: t('region.state'), theirs: t(`shipment.state.${shipment.data.state}`), mine: '–' },
    ...lines.flatMap((l) => {
      const own = (mine.lines ?? []).find((c) => c.line === l.line);
      const name = (what: string) => (lines.length > 1 ? `${t(`item.${l.item}`)}: ${what}` : what);
      return [
        { label: name(t('receipt.good')), theirs: f.pieces(l.good), mine: f.pieces(own?.good) },
        { label: name(t('receipt.damaged')), theirs: f.pieces(l.damaged), mine: f.pieces(own?.damaged) },
      ];
    }),
  ];
  return (
    <Stack gap="xs">
      <Both rows={rows} theirs={t('stale.now')} mine={t('queue.mine')} />
      <Group>
        <Button variant="outline" onClick={() => void remove(record.id)}>{t('queue.keep-theirs')}</Button>
        {!here && <Anchor component={Link} to={`/shipments/${mine.shipment}`} className="more">{t('queue.shipment')}</Anchor>}
      </Group>
    </Stack>
  );
}

// VisitVersions shows a visit that somebody changed while a step of it waited here: as it was read, and as it is now.
export function VisitVersions({ record }: { record: Waiting }) {
  const words = useWords();
  const { t, f } = words;
  const { me } = useSession();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const id = record.visit!;
  const current = useQuery({ queryKey: ['visit', 'now', id], queryFn: () => call(api.GET('/api/v1/visits/{id}', { params: { path: { id } } })) });
  if (current.isPending) return <Loading />;
  if (current.isLoadingError) return <Trouble problem={asProblem(current.error)} again={() => void current.refetch()} />;
  const now = current.data;
  const read = record.read as Visit;
  const body = record.body as { blanks?: number };
  const differs = record.problem?.code === 'counts-differ' && now.handed != null;
  const goesOn = isOpen(now) && now.state !== 'under-way';

  async function send(body?: unknown) {
    setBusy(true);
    setProblem(null);
    try {
      await (record.kind === 'result' ? again(record.id, record.body) : again(record.id, body, now.version));
      await sendNow(me.username, true);
      await queries.invalidateQueries();
    } catch (e) {
      setProblem(asProblem(e));
    } finally {
      setBusy(false);
    }
  }

  const rows: Row[] = visitFacts({ t, f }).map(([label, of]) => ({ label, theirs: of(now), mine: of(read) }));
  if (differs) rows.push({ label: t('visit.taken'), theirs: f.pieces(now.handed), mine: f.pieces(body.blanks) });
  return (
    <Stack gap="xs">
      <Both rows={rows} theirs={t('stale.now')} mine={t('stale.read')} />
      <Group>
        <Button variant="outline" onClick={() => void remove(record.id)}>{t('queue.keep-theirs')}</Button>
        {differs ? (
          <Button loading={busy} onClick={() => void send({ ...body, blanks: now.handed })}>{t('queue.with-theirs', { pieces: f.pieces(now.handed) })}</Button>
        ) : (
          (goesOn || record.kind === 'result') && <Button loading={busy} onClick={() => void send()}>{t(record.problem?.code === 'report-differs' ? 'queue.as-new' : 'queue.onto-now')}</Button>
        )}
      </Group>
      {problem && <Alert color="red" variant="outline" role="alert">{words.problem(problem)}</Alert>}
    </Stack>
  );
}

// visitFacts are what of a visit another person may have changed.
export const visitFacts = ({ t, f }: Pick<ReturnType<typeof useWords>, 't' | 'f'>): [string, (v: Visit) => string][] => [
  [t('region.state'), (v) => t(`visit.state.${v.state}`)],
  [t('visit.day'), (v) => f.shortDate(v.day)],
  [t('plan.hours'), (v) => hours(v, f)],
  [t('visit.team'), (v) => v.team_name || '–'],
  [t('visit.announced'), (v) => t(v.published ? 'app.yes' : 'app.no')],
  [t('visit.set-aside'), (v) => (v.record_only ? t('visit.record-only') : f.pieces(v.blanks))],
  [t('visit.handed'), (v) => f.pieces(v.handed)],
  [t('visit.pinned'), (v) => t(v.pinned ? 'app.yes' : 'app.no')],
  [t('visit.reason'), (v) => v.reason || '–'],
];
