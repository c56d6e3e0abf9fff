import { Alert, Button, Checkbox, Group, NumberInput, Paper, Progress, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api, call, type Schemas } from '../api/client';
import { asProblem } from '../api/problem';
import { useDeed } from '../deed';
import { addDays } from '../format';
import { useSession } from '../session';
import { Choice } from '../shell/choice';
import { Page } from '../shell/page';
import { Loading, Summary, Trouble, useFieldError } from '../shell/trouble';
import { useTeams, type Site } from '../visits';
import { useWords } from '../words';
import { kinds } from './sites';

type NewPlan = Schemas['NewPlan'];

// NewPlanPage asks for what a person decides of a plan; which places, in which order and by whom is searched for.
export function NewPlanPage() {
  const { t, f } = useWords();
  const { region, today } = useSession();
  const navigate = useNavigate();
  const teams = useTeams();
  const [name, setName] = useState('');
  const [from, setFrom] = useState(addDays(today, 1));
  const [days, setDays] = useState<number | string>(5);
  const [without, leaveOut] = useState<ReadonlySet<number>>(new Set());
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const [fair, setFair] = useState(false);
  const [alike, setAlike] = useState(false);
  const [must, oblige] = useState<readonly Site[]>([]);
  const [seconds, setSeconds] = useState<'5' | '15' | '30'>('5');
  const make = useDeed((body: NewPlan, key) => call(api.POST('/api/v1/plans', { params: { header: { 'Idempotency-Key': key } }, body })));
  const error = useFieldError(make.problem);
  if (teams.isPending) return <Loading />;
  if (teams.isLoadingError) return <Trouble problem={asProblem(teams.error)} again={() => void teams.refetch()} />;
  const active = (teams.data.value.items ?? []).filter((x) => x.status === 'active');
  const going = active.filter((x) => !without.has(x.id));

  async function search(event: React.FormEvent) {
    event.preventDefault();
    const made = await make.act({
      region: region.code, name: name || undefined, from, days: Number(days), teams: going.length === active.length ? undefined : going.map((x) => x.id),
      kinds: chosen.size ? [...chosen] : undefined, fair, alike, seconds: Number(seconds), mandatory: must.length ? must.map((s) => s.id) : undefined,
    } as NewPlan);
    if (made) void navigate({ to: '/outreach/$id', params: { id: String(made.id) } });
  }
  const turned = <T,>(set: ReadonlySet<T>, one: T, on: boolean): ReadonlySet<T> => {
    const next = new Set(set);
    if (on) next.add(one);
    else next.delete(one);
    return next;
  };
  const reasons = Object.entries((make.problem?.facts.reasons ?? {}) as { [reason: string]: number });
  return (
    <Page title={t('plan.make')} up={{ to: '/outreach', label: t('nav.outreach') }} narrow about={t('plan.make-about')}>
      <Paper withBorder p="md" component="form" onSubmit={(e: React.FormEvent) => void search(e)}>
        <Stack>
          <Summary problem={make.problem} inputs={{ 'body.from': 'from', 'body.days': 'days', 'body.name': 'name', 'body.teams': 'teams' }} />
          {reasons.length > 0 && (
            <Alert variant="outline" title={t('plan.why-nothing')}>
              <ul>{reasons.map(([reason, n]) => <li key={reason}>{t(`omit.${reason}`)}: {t('plan.sites', { count: n })}</li>)}</ul>
            </Alert>
          )}
          <div className="fields">
            <TextInput id="from" type="date" label={t('plan.from')} value={from} min={today} required onChange={(e) => setFrom(e.currentTarget.value)} error={error('body.from')} />
            <NumberInput id="days" label={t('plan.how-many-days')} value={days} onChange={setDays} min={1} max={31} required hideControls allowDecimal={false} allowNegative={false} error={error('body.days')} />
          </div>
          <TextInput id="name" label={t('plan.name')} description={t('plan.name-hint', { name: `${region.name} ${from}` })} value={name} onChange={(e) => setName(e.currentTarget.value)} maxLength={200} error={error('body.name')} />
          <fieldset className="plain" id="teams">
            <legend>{t('plan.teams')}</legend>
            {active.length === 0 ? <Text>{t('plan.no-teams')}</Text> : (
              <ul className="checks">
                {active.map((x) => (
                  <li key={x.id}>
                    <Checkbox size="md" checked={!without.has(x.id)} onChange={(e) => leaveOut(turned(without, x.id, !e.currentTarget.checked))} label={t('plan.team', { name: x.name, count: x.sets, opens: f.clock(x.shift_opens), closes: f.clock(x.shift_closes) })} />
                  </li>
                ))}
              </ul>
            )}
          </fieldset>
          <details className="extra">
            <summary>{t('plan.more')}</summary>
            <Stack mt="xs">
              <fieldset className="plain">
                <legend>{t('plan.kinds')}</legend>
                <div className="kinds">
                  {kinds.map((k) => <Checkbox key={k} size="md" checked={chosen.has(k)} onChange={(e) => choose(turned(chosen, k, e.currentTarget.checked))} label={t(`site.kind.${k}`)} />)}
                </div>
              </fieldset>
              <Mandatory region={region.code} chosen={must} choose={oblige} />
              <Checkbox size="md" checked={fair} onChange={(e) => setFair(e.currentTarget.checked)} label={t('plan.fair')} />
              <Checkbox size="md" checked={alike} onChange={(e) => setAlike(e.currentTarget.checked)} label={t('plan.alike')} description={t('plan.alike-hint')} />
              <div>
                <Text fw={600} size="sm" mb={6}>{t('plan.seconds')}</Text>
                <Choice label={t('plan.seconds')} value={seconds} onChange={setSeconds} options={(['5', '15', '30'] as const).map((s) => [s, t('plan.second', { count: Number(s) })] as const)} />
              </div>
            </Stack>
          </details>
          <Group>
            <Button type="submit" loading={make.busy} disabled={going.length === 0}>{t('plan.search')}</Button>
          </Group>
          {make.busy && <Searching seconds={Number(seconds)} />}
        </Stack>
      </Paper>
    </Page>
  );
}

// Mandatory are the sites that outweigh all others: they are found by a part of their name.
function Mandatory({ region, chosen, choose }: { region: string; chosen: readonly Site[]; choose: (sites: readonly Site[]) => void }) {
  const { t } = useWords();
  const [typed, setTyped] = useState('');
  const [text] = useDebouncedValue(typed.trim(), 250);
  const found = useQuery({
    queryKey: ['sites', region, 'named', text], enabled: text.length > 1, placeholderData: (before) => before,
    queryFn: () => call(api.GET('/api/v1/sites', { params: { query: { region, text, status: 'active', limit: 10 } } })),
  });
  const offered = text.length > 1 ? (found.data?.items ?? []).filter((s) => !chosen.some((c) => c.id === s.id)) : [];
  const row = (s: Site, verb: string, label: string, act: () => void) => (
    <li key={s.id}>
      <Group gap="xs" justify="space-between" wrap="nowrap">
        <Text>{s.name}</Text>
        <Button variant="subtle" size="compact-md" aria-label={label} onClick={act}>{verb}</Button>
      </Group>
    </li>
  );
  return (
    <fieldset className="plain">
      <legend>{t('plan.mandatory')}</legend>
      {chosen.length > 0 && <ul className="checks">{chosen.map((s) => row(s, t('plan.unlose'), t('plan.goes-after-all', { team: s.name }), () => choose(chosen.filter((c) => c.id !== s.id))))}</ul>}
      <TextInput label={t('site.search')} description={t('plan.mandatory-hint')} value={typed} maxLength={100} onChange={(e) => setTyped(e.currentTarget.value)} onKeyDown={(e) => { if (e.key === 'Enter') e.preventDefault(); }} />
      <div role="status">
        {text.length > 1 && found.isSuccess && (offered.length === 0 ? <Text size="sm" mt={6}>{t('site.none')}</Text> : <ul className="checks">{offered.map((s) => row(s, t('plan.lose'), t('plan.must', { site: s.name }), () => { choose([...chosen, s]); setTyped(''); }))}</ul>)}
      </div>
    </fieldset>
  );
}

// Searching shows how much of its time the search has had; easy plans come sooner.
function Searching({ seconds }: { seconds: number }) {
  const { t } = useWords();
  const [gone, go] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => go((n) => n + 0.25), 250);
    return () => clearInterval(timer);
  }, []);
  return (
    <div role="status">
      <Text size="sm" mb={4}>{t('plan.searching', { seconds })}</Text>
      <Progress value={Math.min(98, (gone / seconds) * 95)} aria-label={t('plan.searching', { seconds })} />
    </div>
  );
}
