import { Anchor, Button, Group, NativeSelect, Text, Title } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, call, type Schemas } from '../api/client';
import { asProblem } from '../api/problem';
import { share, spoken, subjects, type Figure, type Subject } from '../coverage';
import { useKept } from '../data';
import { useSession } from '../session';
import { Choice } from '../shell/choice';
import { State } from '../shell/figure';
import { Help } from '../shell/help';
import { Page } from '../shell/page';
import { Sortable, type Column } from '../shell/table';
import { Loading, Trouble } from '../shell/trouble';
import { useWords } from '../words';

type Which = 'latest' | 'draft' | 'submitted' | 'verified';
type Report = Schemas['OfficeReport'];

// CoveragePage is where an office hands in its figures and a province looks at them: what is asked, what waits, and the last
// figure of each region.
export function CoveragePage() {
  const { t, f } = useWords();
  const { region, may } = useSession();
  const verifies = may('coverage.verify');
  const [which, setWhich] = useState<Which>(verifies && region.level === 'province' ? 'submitted' : 'latest');
  const [subject, setSubject] = useState<Subject | ''>('');
  const list = useInfiniteQuery({
    queryKey: ['coverage', which, subject, region.code],
    queryFn: ({ pageParam }) =>
      call(api.GET('/api/v1/coverage', {
        params: { query: { region: region.code, subject: subject || undefined, limit: 500, cursor: pageParam || undefined, ...(which === 'latest' ? { latest: true } : { status: which }) } },
      })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next || undefined,
  });
  const findings = useKept(['findings', region.code], () => call(api.GET('/api/v1/findings', { params: { query: { region: region.code, state: 'open', limit: 1000 } } })));
  const rows = useMemo(() => list.data?.pages.flatMap((p) => p.items ?? []) ?? [], [list.data]);
  const columns = useMemo((): Column<Figure>[] => {
    const found = new Map<number, number>();
    for (const d of findings.data?.value.items ?? []) found.set(d.figure, (found.get(d.figure) ?? 0) + 1);
    return [
      { key: 'region', head: t('region.region'), cell: (c) => <Anchor component={Link} to={`/coverage/${c.id}`} inherit>{c.name}</Anchor>, sort: (c) => c.name },
      { key: 'subject', head: t('region.subject'), cell: (c) => t(`subject.${c.subject}`) + (c.group ? `, ${c.group}` : ''), sort: (c) => t(`subject.${c.subject}`) },
      { key: 'share', head: t('region.covered'), cell: (c) => <Share of={c} />, sort: share, number: true },
      { key: 'lack', head: t('region.lack'), cell: (c) => f.pieces(c.lack ?? (c.people != null && c.have != null ? c.people - c.have : null)), sort: (c) => c.lack, number: true, phone: false },
      { key: 'as-of', head: t('region.as-of'), cell: (c) => spoken(c.as_of, f), sort: (c) => c.as_of },
      { key: 'status', head: t('region.state'), cell: (c) => <State state={c.status} of="cover.status" />, sort: (c) => c.status, phone: false },
      { key: 'findings', head: t('gap.findings'), cell: (c) => (found.has(c.id) ? <State state="warning" of="cover.found" /> : '–'), sort: (c) => found.get(c.id) ?? 0, phone: false },
      { key: 'by', head: t('cover.by'), cell: (c) => c.recorded_by, sort: (c) => c.recorded_by, phone: false },
    ];
  }, [t, f, findings.data]);
  return (
    <Page title={t('nav.coverage')} about={t('cover.about')} actions={may('coverage.record') && region.level !== 'nation' && <Button component={Link} to="/coverage/new">{t('cover.enter')}</Button>}>
      {region.level !== 'district' && <Asked />}
      <div>
        <Group justify="space-between" align="flex-end" mb="xs">
          <Group gap="xs"><Title order={2} size="h4">{t('cover.figures')}</Title><Help of="coverage" /></Group>
          <Group gap="xs" align="flex-end" className="noprint">
            <NativeSelect size="sm" label={t('region.subject')} value={subject} onChange={(e) => setSubject(e.currentTarget.value as Subject | '')} data={[{ value: '', label: t('app.all') }, ...subjects.map((s) => ({ value: s, label: t(`subject.${s}`) }))]} />
            <Choice label={t('cover.which')} value={which} onChange={setWhich} options={(['latest', 'draft', 'submitted', 'verified'] as const).map((w) => [w, t(`cover.show.${w}`)] as const)} />
          </Group>
        </Group>
        {list.isPending ? <Loading /> : list.isLoadingError ? <Trouble problem={asProblem(list.error)} again={() => void list.refetch()} /> : (
          <Sortable caption={t('cover.figures')} rows={rows} columns={columns} id={(c) => c.id} empty={t(`cover.none.${which}`)} tall />
        )}
        {list.hasNextPage && <Button variant="outline" w="fit-content" mt="sm" onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>{t('app.more')}</Button>}
      </div>
    </Page>
  );
}

// Share is a coverage; above 100 % it stands out, and is still what was said.
export function Share({ of }: { of: { people?: number | null; have?: number | null; lack?: number | null; percent?: number | null } }) {
  const { t, f } = useWords();
  const s = share(of);
  return s !== null && s > 1 ? <b className="changed" title={t('cover.above')}>{f.percent(s)}</b> : <>{f.percent(s)}</>;
}

const few = 8;

// Asked is what reports are due and have not come, the longest silent first.
function Asked() {
  const { t, f } = useWords();
  const { region, may } = useSession();
  const reports = useKept(['coverage', 'reports', region.code], () => call(api.GET('/api/v1/coverage/reports', { params: { query: { region: region.code, limit: 1000 } } })));
  const [all, showAll] = useState(false);
  if (!reports.data) return null;
  const items = reports.data.value.items ?? [];
  const due = items.filter((r) => r.state === 'missing' || r.state === 'draft');
  const columns: Column<Report>[] = [
    { key: 'name', head: t('region.region'), cell: (r) => r.name, sort: (r) => r.name },
    { key: 'subject', head: t('region.subject'), cell: (r) => t(`subject.${r.subject}`), sort: (r) => r.subject },
    { key: 'period', head: t('cover.period'), cell: (r) => r.period, sort: (r) => r.period },
    { key: 'due', head: t('cover.due'), cell: (r) => f.shortDate(r.due), sort: (r) => r.due, phone: false },
    { key: 'late', head: t('cover.days-late'), cell: (r) => f.pieces(r.days_late), sort: (r) => r.days_late, number: true, phone: false },
    {
      key: 'do', head: <span className="hidden">{t('cover.enter')}</span>,
      cell: (r) =>
        r.figure ? <Anchor component={Link} to={`/coverage/${r.figure}`} inherit>{t('cover.go-on')}</Anchor>
        : may('coverage.record') && region.level === 'regency' ? <Anchor component={Link} to="/coverage/new" search={{ subject: r.subject, period: r.period } as never} inherit aria-label={t('cover.enter-of', { subject: t(`subject.${r.subject}`), period: r.period })}>{t('cover.enter')}</Anchor>
        : '–',
    },
  ];
  return (
    <div>
      <Group gap="xs" mb="xs"><Title order={2} size="h4">{t('cover.asked')}</Title><Help of="reports" /></Group>
      {due.length === 0 ? <Text>{t('cover.none-due', { count: items.length })}</Text> : (
        <>
          <Text mb="xs">{t('cover.due-of', { count: due.length, all: items.length })}</Text>
          <Sortable caption={t('cover.asked')} rows={all ? due : due.slice(0, few)} columns={columns} id={(r) => `${r.region} ${r.subject}`} tall />
          {due.length > few && <Button variant="subtle" size="compact-md" onClick={() => showAll(!all)}>{all ? t('cover.fewer') : t('app.see-all')}</Button>}
        </>
      )}
    </div>
  );
}
