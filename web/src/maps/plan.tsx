import { useMemo } from 'react';
import type { Region } from '../session';
import { useWords } from '../words';
import { ground, Names } from './names';
import { around, frame, scale, type Frame, type Point } from './projection';

export interface Stop extends Point {
  id: number;
  order: number; // on its day
  name: string;
  told: string;
  open: boolean; // still to come
}

// Way is where a team goes on a day: from its depot by its stops and home.
export interface Way {
  key: string;
  team: number; // which colour
  depot?: Point;
  stops: Stop[];
}

export interface Out extends Point {
  id: number;
  told: string;
}

export const colours = 6;

// framed is the frame of the ways of a plan: near enough to tell streets apart, where the visits lie in one town.
export const framed = (ways: Way[], width: number): Frame =>
  frame(around(ways.flatMap((w) => [...w.stops, ...(w.depot ? [w.depot] : [])]), 0.008), width || 600, 460);

// PlanDrawing draws the ways of teams between numbered stops, the places left out, and the middles of kecamatan to find
// one's way by: a coastline alone says little about a town.
export function PlanDrawing({ ways, out, districts, width }: { ways: Way[]; out: Out[]; districts: Region[]; width: number }) {
  const { t, f: words } = useWords();
  const f = useMemo(() => framed(ways, width), [ways, width]);
  const coast = useMemo(() => ground(f), [f]);
  const line = (w: Way) => [w.depot, ...w.stops, w.depot].filter((p) => p !== undefined).map((p) => `${f.x(p.lon).toFixed(1)},${f.y(p.lat).toFixed(1)}`).join(' ');
  const { km, pixels } = scale(f);
  const depots = new Map(ways.flatMap((w) => (w.depot ? [[`${w.depot.lon} ${w.depot.lat}`, w.depot] as const] : [])));
  return (
    <>
      <path d={coast} className="land" />
      <Names of={districts} f={f} />
      {out.map((o) => <circle key={o.id} cx={f.x(o.lon)} cy={f.y(o.lat)} r={4} className="left-out"><title>{o.told}</title></circle>)}
      {ways.map((w) => <polyline key={w.key} points={line(w)} className={`way-line team-${w.team % colours}`} />)}
      {[...depots].map(([key, d]) => <rect key={key} x={f.x(d.lon) - 6} y={f.y(d.lat) - 6} width={12} height={12} className="depot"><title>{t('plan.depot')}</title></rect>)}
      {ways.flatMap((w) => w.stops.map((s) => (
        <g key={s.id} className={`stop team-${w.team % colours}${s.open ? '' : ' over-and-done'}`}>
          <circle cx={f.x(s.lon)} cy={f.y(s.lat)} r={9} />
          <text x={f.x(s.lon)} y={f.y(s.lat) + 4} textAnchor="middle">{s.order}</text>
          <title>{s.told}</title>
        </g>
      )))}
      <g className="scale" transform={`translate(${f.width - pixels - 12} ${f.height - 12})`}>
        <path d={`M0 -6V0H${pixels.toFixed(1)}V-6`} />
        <text x={pixels / 2} y={-8} textAnchor="middle">{words.decimal(km, km < 1 ? 1 : 0)} km</text>
      </g>
    </>
  );
}
