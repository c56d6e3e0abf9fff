import { scaleLinear } from 'd3-scale';

// Plot is the room that a chart has for its marks, inside its labels.
export interface Plot {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Scale {
  at: (value: number) => number;
  ticks: number[];
}

// vertical maps values to pixels from a zero line up; the top is a round number that every value fits under.
export function vertical(values: number[], plot: Plot, lines = 4): Scale {
  const most = Math.max(1, ...values.filter(Number.isFinite));
  const scale = scaleLinear().domain([0, most]).nice(lines).range([plot.bottom, plot.top]);
  return { at: (v) => scale(v), ticks: scale.ticks(lines).filter((v) => Number.isInteger(v)) };
}

// slots divides the width among n marks: the left edge and the width of each.
export function slots(n: number, plot: Plot): { at: (i: number) => number; width: number } {
  const step = (plot.right - plot.left) / Math.max(1, n);
  return { at: (i) => plot.left + i * step, width: Math.max(1, step * 0.8) };
}

// spaced picks which of n labels are drawn, so that none comes nearer to another than `room` pixels; the last always is.
export function spaced(n: number, plot: Plot, room: number): number[] {
  if (n === 0) return [];
  const step = (plot.right - plot.left) / n;
  const every = Math.max(1, Math.ceil(room / step));
  const picked: number[] = [];
  for (let i = n - 1; i >= 0; i -= every) picked.unshift(i);
  return picked;
}

// spread puts n moments evenly from the left edge to the right: where each stands, and how far apart they are.
export function spread(n: number, plot: Plot): { at: (i: number) => number; step: number } {
  const step = n > 1 ? (plot.right - plot.left) / (n - 1) : plot.right - plot.left;
  return { at: (i) => (n > 1 ? plot.left + i * step : (plot.left + plot.right) / 2), step };
}
