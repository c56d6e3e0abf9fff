import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const core = join(process.cwd(), 'node_modules/@mantine/core');
const sources = import.meta.glob(['../src/**/*.{ts,tsx}', '!../src/**/*.test.*'], { query: '?raw', import: 'default', eager: true });
const styled = (name) => existsSync(`${core}/styles/${name}.css`);

// needed are the styles that a part of Mantine brings along: its own, and those of the parts it is made of.
function needed(file, seen = new Set()) {
  if (seen.has(file) || !existsSync(file)) return [];
  seen.add(file);
  const own = /([^/]+)\.module\.mjs$/.exec(file)?.[1];
  const parts = [...readFileSync(file, 'utf8').matchAll(/from "(\.[^"]+)"/g)].flatMap(([, to]) => needed(join(dirname(file), to), seen));
  return own && styled(own) ? [own, ...parts] : parts;
}

it("every part of Mantine that is used has its styles, in Mantine's order", () => {
  const used = Object.values(sources).flatMap((text) =>
    [...text.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)].flatMap(([, names]) => names.split(',').map((n) => n.trim())));
  const wanted = new Set(used.flatMap((name) => needed(`${core}/esm/components/${name}/${name}.mjs`)));
  const named = [...sources['../src/styles.ts'].matchAll(/styles\/([A-Z]\w+)\.css/g)].map((m) => m[1]);
  expect(wanted.size).toBeGreaterThan(20);
  expect([...named].sort()).toEqual([...wanted].sort());
  const all = readFileSync(`${core}/styles.css`, 'utf8');
  const places = named.map((n) => all.indexOf(readFileSync(`${core}/styles/${n}.css`, 'utf8').slice(0, 60)));
  expect(places).toEqual([...places].sort((a, b) => a - b));
});
