import 'maplibre-gl/dist/maplibre-gl.css';
import { Map as Drawn, NavigationControl, Popup, setWorkerUrl, type ExpressionSpecification, type StyleSpecification } from 'maplibre-gl';
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { useMantineColorScheme } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import land from 'virtual:coastline';
import { useWords } from '../words';
import type { Dot } from './map';
import { around, nation } from './projection';

setWorkerUrl(worker);

// colour is what the style sheet gives a name, in light or dark.
function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// toneOf is the colour of a class of dots.
function toneOf(tone: string): string {
  const i = document.createElement('i');
  i.className = tone;
  document.body.append(i);
  const found = getComputedStyle(i).backgroundColor;
  i.remove();
  return found;
}

const coast = {
  type: 'Feature' as const, properties: {},
  geometry: { type: 'MultiPolygon' as const, coordinates: land.map((ring) => [[...ring, ring[0]!]]) },
};

// Borders draws regions within their borders, as vector tiles of this server. It is loaded when somebody asks for it: the
// library is larger than the rest of the application.
export default function Borders({ dots, whole, height, level, label }: { dots: Dot[]; whole: boolean; height: number; level: 'province' | 'regency' | 'district'; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<Drawn | null>(null);
  const navigate = useNavigate();
  const { t } = useWords();
  const { colorScheme } = useMantineColorScheme();
  const now = useRef(dots);
  now.current = dots;

  useEffect(() => {
    const b = whole ? nation : around(dots);
    const made = new Drawn({
      container: box.current!, style: style(level), bounds: [b.west, b.south, b.east, b.north], fitBoundsOptions: { padding: 8 }, attributionControl: false,
      dragRotate: false, pitchWithRotate: false, touchPitch: false, cooperativeGestures: true, minZoom: 3, maxZoom: 14,
      locale: {
        'Map.Title': label, 'NavigationControl.ZoomIn': t('borders.in'), 'NavigationControl.ZoomOut': t('borders.out'),
        'CooperativeGesturesHandler.WindowsHelpText': t('borders.wheel'), 'CooperativeGesturesHandler.MacHelpText': t('borders.wheel-mac'), 'CooperativeGesturesHandler.MobileHelpText': t('borders.fingers'),
      },
    });
    made.touchZoomRotate.disableRotation();
    made.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    const tip = new Popup({ closeButton: false, closeOnClick: false, className: 'tip' });
    const at = (code: unknown) => now.current.find((d) => d.id === code);
    made.on('mousemove', 'fill', (e) => {
      const d = at(e.features?.[0]?.properties.code);
      made.getCanvas().style.cursor = d?.to ? 'pointer' : '';
      if (d) tip.setLngLat(e.lngLat).setText(`${d.name}: ${d.told}`).addTo(made);
      else tip.remove();
    });
    made.on('mouseleave', 'fill', () => tip.remove());
    made.on('click', 'fill', (e) => {
      const d = at(e.features?.[0]?.properties.code);
      if (d?.to) void navigate({ to: d.to });
    });
    map.current = made;
    return () => {
      map.current = null;
      made.remove();
    };
    // Made once for a level and a scheme; what it shows changes below.
  }, [level, colorScheme, whole, label]); // eslint-disable-line

  useEffect(() => {
    const drawn = map.current;
    if (!drawn) return;
    const paint = () => drawn.getLayer('fill') && drawn.setPaintProperty('fill', 'fill-color', tones(dots));
    if (drawn.isStyleLoaded()) paint();
    else drawn.once('load', paint);
  }, [dots, colorScheme, level, whole, label]);

  return <div ref={box} className="borders" data-borders={level} style={{ height }} />;
}

function tones(dots: Dot[]): ExpressionSpecification | string {
  const none = colour('--land'); // out of reach
  if (dots.length === 0) return none;
  const colours = new Map([...new Set(dots.map((d) => d.tone))].map((tone) => [tone, toneOf(tone)]));
  return ['match', ['get', 'code'], ...dots.flatMap((d) => [d.id, colours.get(d.tone)!]), none] as unknown as ExpressionSpecification;
}

function style(level: string): StyleSpecification {
  return {
    version: 8,
    sources: {
      coast: { type: 'geojson', data: coast },
      regions: { type: 'vector', tiles: [`${location.origin}/api/v1/tiles/${level}/{z}/{x}/{y}`], maxzoom: 12 },
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': colour('--sea') } },
      { id: 'land', type: 'fill', source: 'coast', paint: { 'fill-color': colour('--land') } },
      { id: 'fill', type: 'fill', source: 'regions', 'source-layer': level, paint: { 'fill-color': colour('--land'), 'fill-opacity': 0.8 } },
      { id: 'line', type: 'line', source: 'regions', 'source-layer': level, paint: { 'line-color': colour('--ink'), 'line-width': ['interpolate', ['linear'], ['zoom'], 4, 0.3, 10, 1.5] } },
      {
        id: 'label', type: 'symbol', source: 'regions', 'source-layer': `${level}-label`, minzoom: 6,
        layout: { 'text-field': ['get', 'name'], 'text-font': ['sans-serif'], 'text-size': 12 },
        paint: { 'text-color': colour('--ink'), 'text-halo-color': colour('--land'), 'text-halo-width': 1.5 },
      },
    ],
  };
}
