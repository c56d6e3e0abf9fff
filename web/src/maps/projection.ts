// A plate carrée around the equator: Indonesia lies within 12 degrees of it, where shapes are true to 2 %.

export interface Point {
  lon: number;
  lat: number;
}

export interface Frame {
  width: number;
  height: number;
  x: (lon: number) => number;
  y: (lat: number) => number;
}

export const nation = { west: 94.2, east: 141.6, south: -11.4, north: 6.4 };

export interface Box {
  west: number;
  east: number;
  south: number;
  north: number;
}

// around is the box of points with a margin of at least so many degrees: a quarter is a regency, a hundredth a town.
export function around(points: Point[], least = 0.25): Box {
  if (points.length === 0) return nation;
  const lons = points.map((p) => p.lon);
  const lats = points.map((p) => p.lat);
  const [west, east, south, north] = [Math.min(...lons), Math.max(...lons), Math.min(...lats), Math.max(...lats)];
  const margin = Math.max(least, (east - west) * 0.08, (north - south) * 0.08);
  return { west: west - margin, east: east + margin, south: south - margin, north: north + margin };
}

// frame fits a box into a width of pixels; the height follows, up to a tallest, and the box is centred in it.
export function frame(box: Box, width: number, tallest = 520): Frame {
  const wide = box.east - box.west;
  const high = box.north - box.south;
  const scale = Math.min(width / wide, tallest / high);
  const height = Math.min(tallest, Math.max(120, high * scale));
  const left = (width - wide * scale) / 2;
  const top = (height - high * scale) / 2;
  return { width, height, x: (lon) => left + (lon - box.west) * scale, y: (lat) => top + (box.north - lat) * scale };
}

// path is the outline of rings of [longitude, latitude] in a frame; rings far outside it are left out.
export function path(rings: [number, number][][], f: Frame): string {
  const parts: string[] = [];
  for (const ring of rings) {
    const points = ring.map(([lon, lat]) => [f.x(lon), f.y(lat)] as const);
    const seen = points.some(([x, y]) => x > -f.width && x < 2 * f.width && y > -f.height && y < 2 * f.height);
    if (seen) parts.push('M' + points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L') + 'Z');
  }
  return parts.join('');
}

// scale is a round distance and how many pixels it takes in a frame, at most a share of its width.
export function scale(f: Frame, share = 0.25): { km: number; pixels: number } {
  const perKm = (f.x(1) - f.x(0)) / 111.32;
  const most = (f.width * share) / perKm;
  const ten = 10 ** Math.floor(Math.log10(most));
  const km = [5, 2, 1].map((n) => n * ten).find((n) => n <= most) ?? ten;
  return { km, pixels: km * perKm };
}

// radius makes the area of a circle proportional to a value; the largest gets `most` pixels, none less than `least`.
export const radius = (value: number, largest: number, most: number, least = 2.5): number =>
  largest > 0 ? Math.max(least, most * Math.sqrt(Math.max(0, value) / largest)) : least;
