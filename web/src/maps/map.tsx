import { useElementSize } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useId, useMemo } from 'react';
import land from 'virtual:coastline';
import { around, frame, nation, path, radius } from './projection';

export interface Dot {
  id: string;
  lon: number;
  lat: number;
  size: number; // what the area of its circle tells
  tone: string; // class of its colour
  label: string;
  to?: string; // path of its page
}

// PointMap shows regions as circles on a coastline. It is a picture: the table beside it says the same in words.
export function PointMap({ dots, title, about, whole }: { dots: Dot[]; title: string; about: string; whole: boolean }) {
  const { ref, width } = useElementSize();
  const names = useId();
  const navigate = useNavigate();
  const f = useMemo(() => frame(whole ? nation : around(dots), width || 600, whole ? 460 : 380), [whole, dots, width]);
  const coast = useMemo(() => path(land, f), [f]);
  const largest = Math.max(0, ...dots.map((d) => d.size));
  // Small ones last, so that no circle hides another wholly.
  const drawn = useMemo(() => [...dots].sort((a, b) => b.size - a.size), [dots]);
  return (
    <div ref={ref} className="map">
      {width > 0 && (
        <svg width={f.width} height={f.height} role="img" aria-labelledby={`${names}-t ${names}-d`} className="chart">
          <title id={`${names}-t`}>{title}</title>
          <desc id={`${names}-d`}>{about}</desc>
          <path d={coast} className="land" />
          {drawn.map((d) => (
            <circle
              key={d.id} cx={f.x(d.lon)} cy={f.y(d.lat)} r={radius(d.size, largest, Math.max(8, width / 65))} className={d.tone}
              onClick={d.to ? () => void navigate({ to: d.to as string }) : undefined}
            >
              <title>{d.label}</title>
            </circle>
          ))}
        </svg>
      )}
    </div>
  );
}
