import { Anchor, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, call, type Schemas } from '../api/client';
import { asProblem } from '../api/problem';
import { useKept, useRegions } from '../data';
import { gapDots, gapLegend } from '../maps/gaps';
import { PointMap } from '../maps/map';
import { useSession } from '../session';
import { Choice } from '../shell/choice';
import { Figure } from '../shell/figure';
import { Files } from '../shell/files';
import { Page } from '../shell/page';
import { Regency } from '../shell/regency';
import { Since } from '../shell/since';
import { Sortable, type Column } from '../shell/table';
import { Loading, Trouble } from '../shell/trouble';
import { useWords } from '../words';
import { OutreachTabs } from './plans';

type Gap = Schemas['Gap'];
const subjects = ['recording', 'birth-certificate', 'card'] as const;
type Subject = (typeof subjects)[number];

// GapsPage lists where people are still without a document, most first.
export function GapsPage() {
  const { t, f } = useWords();
  const { region: top } = useSession();
  const [subject, choose] = useState<Subject>('recording');
  const [code, setCode] = useState(top.code);
  const depth = code === '00' ? 'nation' : code.includes('.') ? 'regency' : 'province';
  const level = depth === 'regency' ? 'district' : 'regency';
  const list = useKept(['gaps', subject, level, code], () => call(api.GET('/api/v1/gaps', { params: { query: { subject, level, region: code, limit: 1000 } } })));
  const regions = useRegions(level, code);
  const dots = useMemo(
    () => gapDots(list.data?.value.items ?? [], regions.data?.value.items ?? [], { t, f }, level === 'regency' ? (to) => `/regions/${to}` : undefined), [list.data, regions.data, t, f, level]);
  const columns = useMemo((): Column<Gap>[] => [
    { key: 'name', head: t('region.region'), cell: (g) => (level === 'regency' ? <Anchor component={Link} to={`/regions/${g.region}`} inherit>{g.name}</Anchor> : g.name), sort: (g) => g.name },
    { key: 'remaining', head: t('gap.remaining'), cell: (g) => f.pieces(g.remaining), sort: (g) => g.remaining, number: true },
    { key: 'percent', head: t('region.covered'), cell: (g) => f.percent(g.percent == null ? null : g.percent / 100), sort: (g) => g.percent, number: true },
    { key: 'people', head: t('gap.people'), cell: (g) => f.pieces(g.people), sort: (g) => g.people, number: true, phone: false },
    { key: 'since', head: t('gap.since'), cell: (g) => f.pieces(g.since), sort: (g) => g.since, number: true, phone: false },
    { key: 'target', head: t('gap.target'), cell: (g) => (g.target == null ? '–' : g.achievement == null ? f.percent(g.target / 100, 0) : t('gap.achieved', { achieved: f.percent(g.achievement / 100, 0), target: f.percent(g.target / 100, 0) })), sort: (g) => g.achievement, phone: false },
    { key: 'findings', head: t('gap.findings'), cell: (g) => f.pieces(g.findings), sort: (g) => g.findings, number: true, phone: false },
    { key: 'basis', head: t('gap.basis'), cell: (g) => t(`gap.bases.${g.basis}`), phone: false },
    { key: 'as-of', head: t('region.as-of'), cell: (g) => g.as_of ?? '–', sort: (g) => g.as_of, phone: false },
    { key: 'sites', head: <span className="hidden">{t('site.title')}</span>, cell: (g) => <Anchor component={Link} to="/outreach/sites" search={{ region: g.region } as never} inherit aria-label={t('gap.sites-of', { region: g.name })}>{t('site.title')}</Anchor> },
  ], [t, f, level]);
  // A regency's own figure is often there before those of its kecamatan.
  const own = useKept(['gaps', subject, 'regency', code], () => call(api.GET('/api/v1/gaps', { params: { query: { subject, level: 'regency', region: code, limit: 1 } } })), level === 'district');
  const totals = list.data?.value.totals;
  const rows = list.data?.value.items ?? [];
  const known = rows.filter((g) => g.remaining != null);
  const whole = level === 'district' ? own.data?.value.items?.find((g) => g.region === code) : undefined;
  const remaining = whole?.remaining ?? (known.length ? known.reduce((n, g) => n + (g.remaining ?? 0), 0) : null);
  const since = whole?.since ?? rows.reduce((n, g) => n + g.since, 0);
  const asOf = whole?.as_of ?? (totals?.oldest ? t('gap.between', { oldest: f.date(totals.oldest), newest: f.date(totals.newest) }) : undefined);
  return (
    <Page title={t('nav.outreach')} about={t('gap.about')}>
      <OutreachTabs />
      <Group align="flex-end" gap="xs" className="noprint">
        <Regency value={code} onChange={setCode} />
        <Choice label={t('region.subject')} value={subject} onChange={choose} options={subjects.map((s) => [s, t(`gap.subject.${s}`)] as const)} />
      </Group>
      {list.isPending ? <Loading /> : list.isLoadingError ? <Trouble problem={asProblem(list.error)} again={() => void list.refetch()} /> : (
        <>
          <Since at={list.data.since} />
          <section className="tiles" aria-label={t('overview.tiles')}>
            <Figure of={subject === 'birth-certificate' ? 'gap-birth-certificate' : subject === 'card' ? 'gap-card' : 'gap-recording'} label={t('gap.remaining')} value={f.pieces(remaining)} note={whole ? t('gap.of-people', { people: f.pieces(whole.people), share: f.percent(whole.percent == null ? null : whole.percent / 100) }) : t('gap.known', { count: known.length, all: rows.length })} asOf={asOf} />
            <Figure of="gap-since" label={t('gap.since')} value={f.pieces(since)} note={t('unit.people')} asOf={asOf} />
          </section>
          {level === 'district' && known.length === 0 && rows.length > 0 && <Text>{t('gap.no-parts')}</Text>}
          {totals?.concealed && <Text size="sm" c="dimmed">{t('gap.concealed')}</Text>}
          {known.length > 0 && dots.length > 0 && (
            <PointMap
              title={t('gap.map')} about={t('overview.map-about', { count: f.pieces(dots.length), layer: t(`gap.subject.${subject}`), size: t('overview.size-gap') })} dots={dots} whole={code === '00'} level={level}
              names={level === 'district' ? regions.data?.value.items : undefined} least={0.01} help={`gap-${subject}`} asOf={asOf} legend={gapLegend({ t })} heads={[t('region.region'), t('gap.remaining')]}
            />
          )}
          <Sortable caption={t('gap.list')} rows={rows} columns={columns} id={(g) => g.region} empty={t('gap.none')} tall />
          <Files of="gaps" name={t('gap.list')} query={{ subject, level, region: code }} />
        </>
      )}
    </Page>
  );
}
