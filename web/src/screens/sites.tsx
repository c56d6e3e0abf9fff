import { Anchor, Button, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, call } from '../api/client';
import { asProblem } from '../api/problem';
import { useRegion, useRegions } from '../data';
import { PointMap, type Dot } from '../maps/map';
import { useSession } from '../session';
import { Files } from '../shell/files';
import { Page } from '../shell/page';
import { Regency } from '../shell/regency';
import { Sortable, type Column } from '../shell/table';
import { Loading, Trouble } from '../shell/trouble';
import { number, people, type Site } from '../visits';
import { useWords } from '../words';
import { Flags, judgeable } from './flags';
import { OutreachTabs } from './plans';

export const kinds = ['school_sma', 'school_smk', 'school_ma', 'school_slb', 'pesantren', 'panti_jompo', 'panti_asuhan', 'lapas', 'rutan', 'lpka', 'hospital', 'village', 'island', 'camp', 'institution', 'company', 'other'] as const;
type Kind = (typeof kinds)[number];
const flags = ['no-point', 'no-heads', 'outside-region', 'outside-district', 'near-duplicate', 'perhaps-at-sea', 'perhaps-on-island'] as const;
type Flag = (typeof flags)[number];

const vulnerable: readonly string[] = ['school_slb', 'panti_jompo', 'panti_asuhan', 'lapas', 'rutan', 'lpka', 'hospital', 'island', 'camp'];

// SitesPage lists where people can be reached, how many are there, and how many a visit may record.
export function SitesPage() {
  const { t, f } = useWords();
  const { region: top, may } = useSession();
  const { region: asked } = useSearch({ strict: false }) as { region?: string };
  const navigate = useNavigate();
  const code = asked ?? top.code;
  const where = useRegion(code);
  const districts = useRegions('district', code, code.split('.').length === 2);
  const [typed, setTyped] = useState('');
  const [text] = useDebouncedValue(typed.trim(), 250);
  const [kind, setKind] = useState<Kind | ''>('');
  const [flag, setFlag] = useState<Flag | ''>('');
  const [judging, judge] = useState<Site | null>(null);
  const judges = may('sites.manage');
  const list = useInfiniteQuery({
    queryKey: ['sites', code, text, kind, flag],
    queryFn: ({ pageParam }) =>
      call(api.GET('/api/v1/sites', { params: { query: { region: code === '00' ? undefined : code, text: text || undefined, kind: kind || undefined, flag: flag || undefined, status: 'active', limit: 500, cursor: pageParam || undefined } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next || undefined,
    placeholderData: (before) => before,
  });
  const rows = useMemo(() => list.data?.pages.flatMap((p) => p.items ?? []) ?? [], [list.data]);
  const all = (s: Site) => s.heads?.find((h) => h.group === 'all');
  const listed = (s: Site) => s.heads?.find((h) => h.group === 'not-enrolled');
  const close = code.includes('.');
  const columns = useMemo((): Column<Site>[] => [
    { key: 'name', head: t('region.site'), cell: (s) => s.name, sort: (s) => s.name },
    { key: 'kind', head: t('site.what'), cell: (s) => t(`site.kind.${s.kind}`), sort: (s) => t(`site.kind.${s.kind}`) },
    { key: 'heads', head: t('site.heads'), cell: (s) => heads(all(s)), sort: (s) => number(all(s)?.people), number: true, phone: false },
    { key: 'listed', head: t('site.not-enrolled'), cell: (s) => heads(listed(s)), sort: (s) => number(listed(s)?.people), number: true, phone: false },
    ...(close ? [{ key: 'expected', head: t('site.gap'), cell: (s: Site) => people(s.expected, f, t), sort: (s: Site) => (typeof s.expected === 'number' ? s.expected : null), number: true }] : []),
    { key: 'flags', head: t('result.flags'), cell: (s) => [...(s.flags ?? []).map((x) => t(`site.flag.${x}`)), ...(s.checked ?? []).map((x) => t('site.was-checked', { flag: t(`site.flag.${x}`) }))].join('; ') || '–', phone: false },
    ...(judges ? [{ key: 'check', head: <span className="hidden">{t('site.check')}</span>, cell: (s: Site) => judgeable(s).length > 0 && <Button variant="subtle" size="compact-md" onClick={() => judge(s)} aria-label={t('site.check-one', { site: s.name })}>{t('site.check')}</Button>, phone: false as const }] : []),
    { key: 'calendar', head: <span className="hidden">iCal</span>, cell: (s) => <Anchor href={`/api/v1/sites/${s.id}/calendar`} inherit aria-label={t('site.calendar', { site: s.name })}>iCal</Anchor>, phone: false },
  ], [t, f, close, judges]);
  function heads(h?: { people: number | { below: number }; as_of: string; basis: string }) {
    return h ? <span title={t('site.as-of', { when: h.as_of, basis: t(`site.basis.${h.basis}`) })}>{h.basis === 'estimated' ? '± ' : ''}{people(h.people, f, t)}</span> : '–';
  }
  const dots = useMemo(() => rows.flatMap((s): Dot[] => (s.lon == null || s.lat == null ? [] : [{
    id: String(s.id), lon: s.lon, lat: s.lat, name: s.name, size: number(s.expected ?? all(s)?.people), tone: vulnerable.includes(s.kind) ? 'dot-2' : 'dot-0',
    told: `${t(`site.kind.${s.kind}`)}, ${close ? t('visit.needs', { people: people(s.expected, f, t) }) : t('site.holds', { people: people(all(s)?.people, f, t) })}`, sort: number(s.expected),
  }])), [rows, t, f, close]);
  return (
    <Page title={t('nav.outreach')} about={t('site.about', { region: where.data?.value.name ?? top.name })}>
      <OutreachTabs />
      <div className="fields noprint">
        <Regency value={code} onChange={(to) => void navigate({ to: '/outreach/sites', search: to === top.code ? {} : { region: to } } as never)} />
        <TextInput size="sm" label={t('site.search')} value={typed} onChange={(e) => setTyped(e.currentTarget.value)} maxLength={100} />
        <NativeSelect size="sm" label={t('site.what')} value={kind} onChange={(e) => setKind(e.currentTarget.value as Kind | '')} data={[{ value: '', label: t('app.all') }, ...kinds.map((k) => ({ value: k, label: t(`site.kind.${k}`) }))]} />
        <NativeSelect size="sm" label={t('result.flags')} value={flag} onChange={(e) => setFlag(e.currentTarget.value as Flag | '')} data={[{ value: '', label: t('app.all') }, ...flags.map((x) => ({ value: x, label: t(`site.flag.${x}`) }))]} />
      </div>
      {judging && <Flags site={judging} close={() => judge(null)} />}
      {list.isPending ? <Loading /> : list.isLoadingError ? <Trouble problem={asProblem(list.error)} again={() => void list.refetch()} /> : (
        <>
          {dots.length > 0 && (
            <PointMap
              title={t('site.map')} about={t('site.map-about', { count: f.pieces(dots.length), size: t(close ? 'site.size-gap' : 'site.size-heads') })} dots={dots} names={close ? districts.data?.value.items : undefined} whole={code === '00'} least={0.01} help="site-gap"
              legend={[['dot-2', t('site.vulnerable')], ['dot-0', t('site.others')], ['', t(close ? 'site.size-gap' : 'site.size-heads')]]} heads={[t('region.site'), t('site.what')]}
            />
          )}
          <Sortable caption={t('site.list')} rows={rows} columns={columns} id={(s) => s.id} empty={t('site.none')} first={{ key: 'expected', down: true }} tall />
          {rows.length > 0 && <Files of="sites" name={t('site.list')} query={{ region: code === '00' ? undefined : code, text, kind, flag, status: 'active' }} />}
          {list.hasNextPage && <Button variant="outline" w="fit-content" onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>{t('app.more')}</Button>}
        </>
      )}
    </Page>
  );
}
