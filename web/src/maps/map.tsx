import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Component, lazy, Suspense, useMemo, type ReactNode } from 'react';
import { api, call } from '../api/client';
import { Chart } from '../charts/chart';
import type { Column } from '../shell/table';
import { Loading } from '../shell/trouble';
import { useWords } from '../words';
import { ground, Names, type Named } from './names';
import { around, frame, nation, radius } from './projection';

export interface Dot {
  id: string;
  lon: number;
  lat: number;
  size: number; // what the area of its circle tells
  tone: string; // class of its colour
  name: string;
  told: string; // what the map shows of it, in words
  sort?: number | null; // what the words are sorted by
  to?: string; // path of its page
}

interface Props {
  dots: Dot[];
  title: string;
  about: string;
  help?: string;
  asOf?: string;
  whole: boolean; // the nation; else what the dots lie in
  legend: [tone: string, label: string][];
  heads: [name: string, told: string]; // of the table
  control?: ReactNode;
  least?: number; // degrees of margin around the dots
  names?: Named[] | null; // to find one's way by, where the coastline says little
  level?: Level; // of the regions that the dots are: they can be drawn within their borders, where those are kept
}

export type Level = 'province' | 'regency' | 'district';
const Borders = lazy(() => import('./borders'));

// PointMap shows regions as circles on a coastline, and the same as a table.
export function PointMap({ dots, title, about, help, asOf, whole, legend, heads, control, least, names, level }: Props) {
  const { t } = useWords();
  const kept = useBorders(level);
  const [bordered, { toggle }] = useDisclosure(false);
  const drawn = kept && level !== undefined && bordered;
  const columns: Column<Dot>[] = [
    { key: 'name', head: heads[0], cell: (d) => d.name, sort: (d) => d.name },
    { key: 'told', head: heads[1], cell: (d) => d.told, sort: (d) => d.sort ?? d.told, number: true },
  ];
  // The circles are as high as their frame: it is computed once for the height and once for the drawing.
  const at = (width: number) => frame(whole ? nation : around(dots, least), width || 600, whole ? 460 : 380);
  return (
    <Chart
      title={title} about={about} help={help} asOf={asOf} className="map" legend={drawn ? legend.filter(([tone]) => tone !== '') : legend} rows={dots} id={(d) => d.id} columns={columns}
      height={(w) => at(w).height} draw={(w) => <Circles dots={dots} whole={whole} width={w} least={least} names={names} />}
      control={
        <Group gap="xs">
          {control}
          {kept && <Button variant={bordered ? 'light' : 'default'} size="sm" aria-pressed={bordered} onClick={toggle} className="noprint">{t('borders.title')}</Button>}
        </Group>
      }
      instead={drawn && ((w) => (
        <Unloaded>
          <Suspense fallback={<Loading />}><Borders dots={dots} whole={whole} height={Math.max(320, at(w).height)} level={level} label={t('borders.map')} /></Suspense>
        </Unloaded>
      ))}
    />
  );
}

// useBorders tells whether any border of a level is kept on the server.
function useBorders(level?: Level): boolean {
  const list = useQuery({
    queryKey: ['boundaries', level], enabled: level !== undefined, staleTime: 10 * 60_000,
    queryFn: () => call(api.GET('/api/v1/boundaries', { params: { query: { level, limit: 1 } } })),
  });
  return (list.data?.items?.length ?? 0) > 0;
}

// Unloaded stands where the library of the map could not be fetched or drawn: the circles and the table are still there.
class Unloaded extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError = () => ({ failed: true });
  override render() {
    return this.state.failed ? <NoBorders /> : this.props.children;
  }
}

function NoBorders() {
  const { t } = useWords();
  return <Text p="md" role="alert">{t('borders.unloaded')}</Text>;
}

function Circles({ dots, whole, width, least, names }: { dots: Dot[]; whole: boolean; width: number; least?: number; names?: Named[] | null }) {
  const navigate = useNavigate();
  const f = useMemo(() => frame(whole ? nation : around(dots, least), width, whole ? 460 : 380), [whole, dots, width, least]);
  const coast = useMemo(() => ground(f), [f]);
  const largest = Math.max(0, ...dots.map((d) => d.size));
  // Small ones last, so that no circle hides another wholly.
  const drawn = useMemo(() => [...dots].sort((a, b) => b.size - a.size), [dots]);
  return (
    <>
      <path d={coast} className="land" />
      {names && <Names of={names} f={f} />}
      {drawn.map((d) => (
        <circle
          key={d.id} cx={f.x(d.lon)} cy={f.y(d.lat)} r={radius(d.size, largest, Math.max(8, width / 65))} className={d.tone + (d.to ? ' way' : '')}
          onClick={d.to ? () => void navigate({ to: d.to as string }) : undefined}
        >
          <title>{`${d.name}: ${d.told}`}</title>
        </circle>
      ))}
    </>
  );
}
