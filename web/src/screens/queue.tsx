import { Alert, Anchor, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call, type Schemas } from '../api/client';
import { asProblem, Problem } from '../api/problem';
import type { Zone } from '../format';
import type { Waiting } from '../outbox/database';
import { again, remove } from '../outbox/outbox';
import { sendNow, useQueue } from '../outbox/queue';
import { compared } from '../outbox/submit';
import { useSession } from '../session';
import { State } from '../shell/figure';
import { Page } from '../shell/page';
import { Loading, Trouble } from '../shell/trouble';
import { useWords } from '../words';
import { ReceiptVersions, ResultVersions, VisitVersions } from './conflict';

const screenful = 50;
const rank: Record<Waiting['state'], number> = { refused: 0, conflict: 0, waiting: 1, sent: 2 };

// QueuePage is all that was written on this device: what waits, what was refused and why, what was sent today.
export function QueuePage() {
  const { me } = useSession();
  const { t } = useWords();
  const queries = useQueryClient();
  const records = useQueue(me.username);
  const [told, tell] = useState('');
  const [most, setMost] = useState(screenful);

  async function send() {
    const how = await sendNow(me.username, true);
    tell(how === 'offline' || how === 'trouble' ? t(`queue.${how}`) : '');
    void queries.invalidateQueries();
  }

  if (records === undefined) return <Loading />;
  if (records === null) return <Trouble problem={new Problem({ status: 0, code: 'device-storage' })} />;
  const unsent = records.filter((r) => r.state !== 'sent');
  // What wants a decision first, then what waits, then what was sent; in each the newest first.
  const shown = [...records].reverse().sort((a, b) => rank[a.state] - rank[b.state]);
  return (
    <Page title={t('nav.queue')} narrow about={unsent.length ? t('queue.waiting', { count: unsent.length }) : t('queue.empty')}>
      {unsent.some((r) => r.state === 'waiting') && <Button onClick={() => void send()} w="fit-content">{t('queue.send')}</Button>}
      <Text role="status" className={told ? 'banner offline' : ''}>{told}</Text>
      {shown.slice(0, most).map((r) => <Record key={r.id} record={r} />)}
      {shown.length > most && <Button variant="outline" w="fit-content" onClick={() => setMost(most + screenful)}>{t('app.more')}</Button>}
    </Page>
  );
}

// Record is one record of the queue, with what can be done about it.
export function Record({ record, here }: { record: Waiting; here?: boolean }) {
  const words = useWords();
  const { region } = useSession();
  const { t, f } = words;
  const [full, setFull] = useState<Problem | null>(null);
  const problem = record.problem && new Problem(record.problem);
  const theirs = problem?.code === 'day-already-reported' ? Number(problem.facts.use) : NaN;
  const result = problem?.code === 'result-differs';
  const receipt = record.kind === 'receipt' && ['shipment-not-in-state', 'more-than-sent'].includes(problem?.code ?? '');
  const versions = receipt || Number.isFinite(theirs) || result || (record.state === 'conflict' && record.visit !== undefined && compared.includes(problem?.code ?? ''));
  return (
    <Paper withBorder p="md" component="article" aria-label={record.title}>
      <Stack gap="xs">
        <Group justify="space-between">
          <Text fw={600}>{record.title}</Text>
          <State state={record.state} of="queue.state" />
        </Group>
        <Text size="sm" c="dimmed">{f.instant(new Date(record.made).toISOString(), region.zone as Zone)}</Text>
        {problem && <Text>{words.problem(problem)}</Text>}
        {problem?.errors.map((e) => <Text key={e.location} size="sm">{words.field(e)}</Text>)}
        {Number.isFinite(theirs) ? <BothVersions record={record} theirs={theirs} /> : result ? <ResultVersions record={record} /> : receipt ? <ReceiptVersions record={record} here={here} /> : versions && <VisitVersions record={record} />}
        {!here && record.state !== 'sent' && !result && record.kind === 'result' && <Anchor component={Link} to={`/visits/${record.visit}`} className="more">{t('queue.mend')}</Anchor>}
        {(record.state === 'refused' || record.state === 'conflict') && !versions && (
          <Group>
            <Button variant="outline" onClick={() => void again(record.id).then(() => setFull(null), (e) => setFull(asProblem(e)))}>{t('queue.again')}</Button>
            <Remove id={record.id} />
          </Group>
        )}
        {full && <Alert color="red" variant="outline" role="alert">{words.problem(full)}</Alert>}
        {record.state === 'waiting' && record.tries === 0 && <Group><Remove id={record.id} /></Group>}
      </Stack>
    </Paper>
  );
}

function Remove({ id }: { id: string }) {
  const { t } = useWords();
  const [sure, ask] = useState(false);
  return sure ? (
    <Group gap="xs">
      <Text size="sm">{t('queue.sure')}</Text>
      <Button color="red" variant="outline" onClick={() => void remove(id)}>{t('queue.remove')}</Button>
      <Button variant="subtle" onClick={() => ask(false)}>{t('app.cancel')}</Button>
    </Group>
  ) : (
    <Button variant="subtle" color="red" onClick={() => ask(true)}>{t('queue.remove')}</Button>
  );
}

// BothVersions shows a day that was reported from elsewhere too: the officer picks which report stands.
function BothVersions({ record, theirs }: { record: Waiting; theirs: number }) {
  const words = useWords();
  const { t, f } = words;
  const [theirVersion, setTheirs] = useState<Schemas['DailyUse'] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const mine = record.body as Schemas['NewUse'];
  const printed = (lines: { pieces: number }[] | null | undefined) => (lines ?? []).reduce((n, l) => n + l.pieces, 0);

  async function see() {
    setProblem(null);
    try {
      setTheirs(await call(api.GET('/api/v1/uses/{id}', { params: { path: { id: theirs } } })));
    } catch (e) {
      setProblem(asProblem(e));
    }
  }

  async function keepMine() {
    setProblem(null);
    try {
      await call(api.POST('/api/v1/uses/{id}/correction', {
        params: { path: { id: theirs }, header: { 'Idempotency-Key': record.id + '-correction' } },
        body: { ...mine, reason: t('queue.correction') },
      }));
      await remove(record.id);
    } catch (e) {
      setProblem(asProblem(e));
    }
  }

  if (!theirVersion) {
    return (
      <Stack gap="xs">
        <Button variant="outline" w="fit-content" onClick={() => void see()}>{t('queue.compare')}</Button>
        {problem && <Alert color="red" variant="outline" role="alert">{words.problem(problem)}</Alert>}
      </Stack>
    );
  }
  const versions = [
    { key: 'theirs', name: t('queue.theirs', { actor: theirVersion.actor }), pieces: theirVersion.pieces, spoiled: theirVersion.spoiled },
    { key: 'mine', name: t('queue.mine'), pieces: printed(mine.lines), spoiled: mine.spoiled ?? 0 },
  ];
  return (
    <Stack gap="xs">
      <div className="two">
        {versions.map((v) => (
          <Paper withBorder p="sm" key={v.key} data-version={v.key}>
            <Text fw={600}>{v.name}</Text>
            <dl className="terms">
              <dt>{t('use.printed')}</dt><dd>{f.pieces(v.pieces)}</dd>
              <dt>{t('use.spoiled')}</dt><dd>{f.pieces(v.spoiled)}</dd>
            </dl>
          </Paper>
        ))}
      </div>
      <Group>
        <Button variant="outline" onClick={() => void remove(record.id)}>{t('queue.keep-theirs')}</Button>
        <Button onClick={() => void keepMine()}>{t('queue.keep-mine')}</Button>
      </Group>
      {problem && <Alert color="red" variant="outline" role="alert">{words.problem(problem)}</Alert>}
    </Stack>
  );
}
