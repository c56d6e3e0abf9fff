import { useWords } from '../words';
import { spaced, type Plot, type Scale } from './geometry';

// Axes draws the lines of values and the names of the slots under them.
export function Axes({ plot, scale, ticks, at, room = 64 }: { plot: Plot; scale: Scale; ticks: string[]; at: (i: number) => number; room?: number }) {
  const { f } = useWords();
  return (
    <>
      {scale.ticks.map((v) => (
        <g key={v}>
          <line className="axis" x1={plot.left} x2={plot.right} y1={scale.at(v)} y2={scale.at(v)} />
          <text x={plot.left - 6} y={scale.at(v) + 4} textAnchor="end">{f.short(v)}</text>
        </g>
      ))}
      {spaced(ticks.length, plot, room).map((i) => (
        <text key={i} x={Math.min(plot.right - 20, Math.max(plot.left + 18, at(i)))} y={plot.bottom + 18} textAnchor="middle">{ticks[i]}</text>
      ))}
    </>
  );
}
