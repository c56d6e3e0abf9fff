import { describe, expect, it } from 'vitest';
import { around, frame, nation, path, radius, scale } from './projection';

describe('projection', () => {
  it('puts Sabang and Merauke inside the frame at every width', () => {
    for (const width of [358, 700, 1200]) {
      const f = frame(nation, width);
      for (const [lon, lat] of [[95.32, 5.89], [140.4, -8.5]] as const) {
        expect(f.x(lon)).toBeGreaterThan(0);
        expect(f.x(lon)).toBeLessThan(width);
        expect(f.y(lat)).toBeGreaterThan(0);
        expect(f.y(lat)).toBeLessThan(f.height);
      }
    }
  });
  it('has north above south and a degree as wide as it is high', () => {
    const f = frame(nation, 1000);
    expect(f.y(1)).toBeLessThan(f.y(0));
    expect(f.x(101) - f.x(100)).toBeCloseTo(f.y(0) - f.y(1));
  });
  it('frames a single point', () => {
    const f = frame(around([{ lon: 98.67, lat: 3.59 }]), 390);
    expect(Number.isFinite(f.x(98.67) + f.y(3.59))).toBe(true);
  });
  it('looks close when asked to, and tells the scale in round kilometres', () => {
    const town = frame(around([{ lon: 127.36, lat: 0.77 }, { lon: 127.39, lat: 0.81 }], 0.01), 390);
    const wide = frame(around([{ lon: 127.36, lat: 0.77 }, { lon: 127.39, lat: 0.81 }]), 390);
    expect(town.x(127.39) - town.x(127.36)).toBeGreaterThan(5 * (wide.x(127.39) - wide.x(127.36)));
    for (const f of [town, wide, frame(nation, 1000)]) {
      const { km, pixels } = scale(f);
      expect([1, 2, 5]).toContain(km / 10 ** Math.floor(Math.log10(km)));
      expect(pixels).toBeLessThanOrEqual(f.width / 4);
      expect(pixels).toBeGreaterThan(f.width / 20);
    }
  });
  it('makes areas proportional', () => {
    expect(radius(400, 400, 20)).toBe(20);
    expect(radius(100, 400, 20)).toBe(10);
    expect(radius(0, 400, 20)).toBe(2.5);
    expect(radius(5, 0, 20)).toBe(2.5);
  });
  it('draws rings closed and leaves out what is far away', () => {
    const f = frame(around([{ lon: 100, lat: 0 }]), 300);
    expect(path([[[100, 0], [100.1, 0], [100, 0.1]]], f)).toMatch(/^M.*Z$/);
    expect(path([[[140, 0], [141, 0], [140, 1]]], f)).toBe('');
  });
});
