import { Alert, Button, Checkbox, Group, NumberInput, Paper, Stack, Text, Textarea, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call, onto, type Schemas } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import { useKept } from '../data';
import { useDeed } from '../deed';
import { submit } from '../outbox/submit';
import { useSession } from '../session';
import { State } from '../shell/figure';
import { History } from '../shell/history';
import { Page } from '../shell/page';
import { Since } from '../shell/since';
import { Stale } from '../shell/stale';
import { Steps } from '../shell/steps';
import { Sortable } from '../shell/table';
import { Loading, Summary, Trouble, useFieldError } from '../shell/trouble';
import { useWords } from '../words';
import { piecesOf, type Shipment } from './shipments';

const path = ['prepared', 'dispatched', 'received'] as const;
const reached: Record<string, number> = { prepared: 0, dispatched: 1, 'partly-received': 1, received: 3, 'closed-short': 3 };

// ShipmentPage is one shipment, and what each end may do with it.
export function ShipmentPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t, f } = useWords();
  const { may, region } = useSession();
  const shipment = useKept(['shipment', id], () => call(api.GET('/api/v1/shipments/{id}', { params: { path: { id: Number(id) } } })));
  if (shipment.isPending) return <Loading />;
  if (shipment.isLoadingError) return <Trouble problem={asProblem(shipment.error)} again={() => void shipment.refetch()} />;
  const s = shipment.data.value;
  // An office sends and receives for itself; a regency also for its own counters.
  const mine = (code: string) => code === region.code || (region.level === 'regency' && code.startsWith(region.code + '.'));
  const incoming = may('shipments.receive') && mine(s.to) && ['dispatched', 'partly-received'].includes(s.state);
  return (
    <Page
      title={s.document} up={{ to: '/shipments', label: t('nav.shipments') }}
      state={<>{s.overdue && <State state="overdue" of="shipment" />} <State state={s.state} of="shipment.state" /></>}
      about={<>{s.from_name} → {s.to_name} · {t(`shipment.mode.${s.mode}`)}{s.carrier && ` · ${s.carrier}`}</>}
    >
      <Since at={shipment.data.since} />
      {s.state in reached && <Steps label={t('steps.title')} at={reached[s.state]!} names={path.map((p) => t(`shipment.state.${p}`))} />}
      <Paper withBorder p="md">
        <dl className="terms">
          <dt>{t('shipment.pieces')}</dt><dd>{f.pieces(piecesOf(s))}</dd>
          <dt>{t('shipment.dispatched')}</dt><dd>{f.shortDate(s.dispatched_on)}</dd>
          <dt>{t('shipment.expected')}</dt><dd>{f.shortDate(s.expected_on)}</dd>
          <dt>{t('shipment.received')}</dt><dd>{f.shortDate(s.received_on)}</dd>
        </dl>
        {s.note && <Text className="note" mt="xs">{s.note}</Text>}
      </Paper>
      {may('shipments.send') && mine(s.from) && (s.state === 'prepared' || s.state === 'dispatched') && <Dispatch key={s.id} shipment={s} />}
      {incoming ? <Receive key={s.id} shipment={s} /> : <Lines shipment={s} />}
      <History steps={s.history} />
    </Page>
  );
}

function Lines({ shipment }: { shipment: Shipment }) {
  const { t, f } = useWords();
  return (
    <Sortable
      caption={t('shipment.lines')} rows={shipment.lines ?? []} id={(l) => l.line}
      columns={[
        { key: 'item', head: t('shipment.item'), cell: (l) => t(`item.${l.item}`) },
        { key: 'pieces', head: t('shipment.sent'), cell: (l) => f.pieces(l.pieces), number: true },
        { key: 'good', head: t('receipt.good'), cell: (l) => f.pieces(l.good), number: true },
        { key: 'damaged', head: t('receipt.damaged'), cell: (l) => f.pieces(l.damaged), number: true },
        { key: 'missing', head: t('receipt.missing'), cell: (l) => f.pieces(l.missing), number: true },
      ]}
    />
  );
}

function Dispatch({ shipment }: { shipment: Shipment }) {
  const words = useWords();
  const { t, f } = words;
  const [read] = useState(shipment); // what the deed builds on
  const queries = useQueryClient();
  const deed = useDeed((on: Shipment, key) =>
    call(api.POST('/api/v1/shipments/{id}/dispatch', { params: { path: { id: on.id }, header: { ...onto(on), 'Idempotency-Key': key } }, body: {} })));
  async function act() {
    if (!(await deed.act(read))) await queries.invalidateQueries({ queryKey: ['shipment', String(shipment.id)] });
  }
  return (
    <Stack className="noprint">
      {deed.problem && shipment.version !== read.version ? (
        <Stale
          why={deed.problem.status === 409 ? words.problem(deed.problem) : undefined} busy={deed.busy} again={shipment.state === 'prepared' ? () => void deed.act(shipment) : undefined}
          differences={([[t('region.state'), (s) => t(`shipment.state.${s.state}`)], [t('shipment.expected'), (s) => f.shortDate(s.expected_on)], [t('shipment.pieces'), (s) => f.pieces(piecesOf(s))]] as [string, (s: Shipment) => string][])
            .map(([label, of]) => ({ label, read: of(read), now: of(shipment) }))}
        />
      ) : (
        <Summary problem={deed.problem} />
      )}
      {shipment.state === 'prepared' && <Button w="fit-content" onClick={() => void act()} loading={deed.busy}>{t('shipment.dispatch')}</Button>}
    </Stack>
  );
}

interface Counted {
  good: number | string;
  damaged: number | string;
}

const left = (l: Schemas['ShipmentLine']) => l.pieces - l.good - l.damaged - l.quarantined - l.missing;

// Receive counts what arrived against what was sent. It is written on the device first, so that it works without a network.
function Receive({ shipment }: { shipment: Shipment }) {
  const { t, f } = useWords();
  const { me } = useSession();
  const queries = useQueryClient();
  const lines = (shipment.lines ?? []).filter((l) => left(l) > 0);
  const [counted, setCounted] = useState<Counted[]>(() => lines.map(() => ({ good: '', damaged: 0 })));
  const [more, setMore] = useState(false);
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<'sent' | 'kept' | null>(null);
  const error = useFieldError(problem);
  const sum = (of: (c: Counted) => number | string) => counted.reduce((n, c) => n + Number(of(c) || 0), 0);
  const sent = lines.reduce((n, l) => n + left(l), 0);
  const difference = sum((c) => c.good) + sum((c) => c.damaged) - sent;

  async function receive(event: React.FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const body: Schemas['NewReceipt'] = {
      shipment: shipment.id, more, reason: reason || undefined,
      lines: lines.map((l, i) => ({ line: l.line, good: Number(counted[i]!.good), damaged: Number(counted[i]!.damaged || 0) })),
    };
    const how = await submit({ user: me.username, kind: 'receipt', title: t('receipt.record', { document: shipment.document }), path: '/api/v1/receipts', body });
    setBusy(false);
    if (how.problem) setProblem(how.problem);
    else setDone(how.sent ? 'sent' : 'kept');
    if (how.sent) await queries.invalidateQueries();
  }

  if (done) return <Alert role="status" variant="outline" title={t(done === 'sent' ? 'receipt.done' : 'receipt.kept')} />;
  const inputs = Object.fromEntries(lines.flatMap((l, i) => [[`body.lines[${i}].good`, `good-${l.line}`], [`body.lines[${i}].damaged`, `damaged-${l.line}`]]));
  return (
    <Paper withBorder p="md" component="form" onSubmit={(e: React.FormEvent) => void receive(e)} aria-labelledby="receive">
      <Stack>
        <Title order={2} size="h4" id="receive">{t('receipt.title')}</Title>
        <Summary problem={problem} inputs={{ ...inputs, 'body.reason': 'over' }} />
        {lines.map((l, i) => (
          <fieldset key={l.line} className="plain">
            <legend>{t('receipt.line', { item: t(`item.${l.item}`), pieces: f.pieces(left(l)) })}</legend>
            <Group align="flex-start">
              {(['good', 'damaged'] as const).map((what) => (
                <NumberInput
                  key={what} id={`${what}-${l.line}`} label={t(`receipt.${what}`)} value={counted[i]![what]} required={what === 'good'} hideControls
                  onChange={(v) => setCounted((was) => was.map((c, j) => (j === i ? { ...c, [what]: v } : c)))}
                  allowDecimal={false} allowNegative={false} thousandSeparator="." decimalSeparator="," error={error(`body.lines[${i}].${what}`)} w={160}
                />
              ))}
            </Group>
          </fieldset>
        ))}
        <dl className="terms" aria-live="polite">
          <dt>{t('shipment.sent')}</dt><dd>{f.pieces(sent)}</dd>
          <dt>{t('receipt.counted')}</dt><dd>{f.pieces(sent + difference)}</dd>
          <dt className="sum">{t('receipt.difference')}</dt><dd className="sum">{difference > 0 ? '+' : ''}{f.pieces(difference)}</dd>
        </dl>
        {difference < 0 && counted.every((c) => c.good !== '') && <Checkbox label={t('receipt.more')} description={t('receipt.more-hint')} checked={more} onChange={(e) => setMore(e.currentTarget.checked)} />}
        {difference > 0 && <Textarea id="over" label={t('receipt.over')} required value={reason} onChange={(e) => setReason(e.currentTarget.value)} maxLength={500} autosize error={error('body.reason')} />}
        <Button type="submit" loading={busy} w="fit-content">{t('receipt.receive')}</Button>
      </Stack>
    </Paper>
  );
}
