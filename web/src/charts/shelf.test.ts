import { describe, expect, it } from 'vitest';
import { shelf } from './shelf';

const demand = { horizon_days: 30, mean: 3000, p10: 2400, p90: 3700 };

describe('a shelf played forward', () => {
  it('is held by its bounds, which are those of the forecast at the horizon', () => {
    const days = shelf(10_000, demand, [], '2026-11-24', 30);
    expect(days[0]!.day).toBe('2026-11-25');
    expect(days[29]!.mean).toBeCloseTo(10_000 - 3000);
    expect(days[29]!.in80[0]).toBeCloseTo(10_000 - 3700);
    expect(days[29]!.in80[1]).toBeCloseTo(10_000 - 2400);
    for (const d of days) {
      expect(d.in80[0]).toBeLessThanOrEqual(d.mean);
      expect(d.in80[1]).toBeGreaterThanOrEqual(d.mean);
    }
  });
  it('never goes below empty, and fills again when something comes', () => {
    const days = shelf(150, demand, [{ day: '2026-11-30', pieces: 500 }], '2026-11-24', 12);
    expect(Math.min(...days.flatMap((d) => d.in80))).toBe(0);
    expect(days.find((d) => d.day === '2026-11-29')!.mean).toBe(0);
    expect(days.find((d) => d.day === '2026-11-30')!.mean).toBeCloseTo(400);
  });
  it('takes what is overdue as coming first', () => {
    expect(shelf(0, demand, [{ day: '2026-11-01', pieces: 1000 }], '2026-11-24', 1)[0]!.mean).toBeCloseTo(900);
  });
});
