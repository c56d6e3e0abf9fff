import { useNavigate } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import { Chart } from '../charts/chart';
import type { Column } from '../shell/table';
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
}

// PointMap shows regions as circles on a coastline, and the same as a table.
export function PointMap({ dots, title, about, help, asOf, whole, legend, heads, control, least, names }: Props) {
  const columns: Column<Dot>[] = [
    { key: 'name', head: heads[0], cell: (d) => d.name, sort: (d) => d.name },
    { key: 'told', head: heads[1], cell: (d) => d.told, sort: (d) => d.sort ?? d.told, number: true },
  ];
  // The circles are as high as their frame: it is computed once for the height and once for the drawing.
  const at = (width: number) => frame(whole ? nation : around(dots, least), width || 600, whole ? 460 : 380);
  return (
    <Chart
      title={title} about={about} help={help} asOf={asOf} className="map" control={control} legend={legend} rows={dots} id={(d) => d.id} columns={columns}
      height={(w) => at(w).height} draw={(w) => <Circles dots={dots} whole={whole} width={w} least={least} names={names} />}
    />
  );
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
