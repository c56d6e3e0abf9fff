import { addDays } from '../format';

// Demand is what is foreseen for the days ahead: its mean and the bounds that hold it in 80 of 100 cases.
export interface Demand {
  horizon_days: number;
  mean: number;
  p10: number;
  p90: number;
}

export interface Ahead {
  day: string;
  mean: number;
  in80: [number, number];
}

// shelf plays a shelf forward from what is on it at the end of a day: each day takes its part of the demand, what is under
// way comes on the day that it is expected, and an empty shelf gives nothing. The bounds widen with the root of time, as
// the sum of days that do not know of each other does, and are those of the forecast at its horizon.
export function shelf(onHand: number, demand: Demand, coming: { day: string; pieces: number }[], from: string, days: number): Ahead[] {
  const h = Math.max(1, demand.horizon_days);
  const widest = [demand.p90 - demand.mean, demand.p10 - demand.mean] as const; // more is used, less is left
  const levels = [onHand, onHand, onHand]; // least, mean, most
  return Array.from({ length: days }, (_, i) => {
    const day = addDays(from, i + 1);
    const arrives = coming.filter((c) => c.day === day || (i === 0 && c.day <= day)).reduce((n, c) => n + c.pieces, 0);
    const grown = Math.sqrt((i + 1) / h) - Math.sqrt(i / h);
    [widest[0], 0, widest[1]].forEach((w, k) => {
      levels[k] = Math.max(0, levels[k]! + arrives - demand.mean / h - w * grown);
    });
    return { day, mean: levels[1]!, in80: [Math.min(levels[0]!, levels[1]!), Math.max(levels[2]!, levels[1]!)] };
  });
}
