import { useMemo } from 'react';
import land from 'virtual:coastline';
import { path, type Frame, type Point } from './projection';

export interface Named extends Point {
  code: string;
  name: string;
}

// The coastline is true to a kilometre or two: of a town it would put the streets by the harbour into the sea.
const closest = 12; // pixels a kilometre

// ground is the land in a frame; of a town all of it.
export function ground(f: Frame): string {
  const perKm = (f.x(1) - f.x(0)) / 111.32;
  return perKm > closest ? `M0 0H${f.width}V${f.height}H0Z` : path(land, f);
}

// Names are those that have room; of two that would overlap the first is drawn.
export function Names({ of, f }: { of: Named[]; f: Frame }) {
  const drawn = useMemo(() => {
    const placed: { code: string; name: string; x: number; y: number; half: number }[] = [];
    for (const d of of) {
      const l = { code: d.code, name: d.name, x: f.x(d.lon), y: f.y(d.lat), half: d.name.length * 3.4 };
      const inside = l.x - l.half > 0 && l.x + l.half < f.width && l.y > 14 && l.y < f.height - 4;
      if (inside && !placed.some((o) => Math.abs(o.y - l.y) < 14 && Math.abs(o.x - l.x) < o.half + l.half)) placed.push(l);
    }
    return placed;
  }, [of, f]);
  return <>{drawn.map((d) => <text key={d.code} x={d.x} y={d.y} textAnchor="middle" className="placename">{d.name}</text>)}</>;
}
