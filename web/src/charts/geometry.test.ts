import { describe, expect, it } from 'vitest';
import { slots, spaced, vertical } from './geometry';

const plot = { left: 40, right: 340, top: 10, bottom: 160 };

describe('chart geometry', () => {
  it('stands on zero and holds every value', () => {
    for (const values of [[], [0], [3], [17, 999], [1_234_567], [NaN, 4]]) {
      const s = vertical(values, plot);
      expect(s.at(0)).toBe(plot.bottom);
      for (const v of values.filter(Number.isFinite)) expect(s.at(v)).toBeGreaterThanOrEqual(plot.top);
      expect(s.ticks.every(Number.isInteger)).toBe(true);
      expect(s.ticks.length).toBeGreaterThan(1);
    }
  });
  it('gives each mark its own slot inside the plot', () => {
    for (const n of [1, 7, 60]) {
      const s = slots(n, plot);
      expect(s.at(0)).toBe(plot.left);
      expect(s.at(n - 1) + s.width).toBeLessThanOrEqual(plot.right + 1e-9);
      if (n > 1) expect(s.at(1)).toBeGreaterThan(s.at(0) + s.width * 0.99);
    }
  });
  it('keeps labels apart and always names the last', () => {
    for (const n of [1, 12, 60, 365]) {
      const picked = spaced(n, plot, 60);
      expect(picked.at(-1)).toBe(n - 1);
      const step = (plot.right - plot.left) / n;
      for (let i = 1; i < picked.length; i++) expect((picked[i]! - picked[i - 1]!) * step).toBeGreaterThanOrEqual(60 - 1e-9);
    }
    expect(spaced(0, plot, 60)).toEqual([]);
  });
});
