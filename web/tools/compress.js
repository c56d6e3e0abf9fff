// Makes what the server sends: .br and .gz beside each file, and the list of files that the service worker keeps.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url).pathname;
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((f) => f.isFile() && !f.name.startsWith('.') && !/\.(br|gz)$/.test(f.name))
  .map((f) => join(f.parentPath, f.name).slice(dist.length));

// The map with borders is fetched when somebody asks for it: a phone in the field need not carry it.
const onDemand = /^assets\/(borders|maplibre)/;
const shell = files.filter((f) => f !== 'sw.js' && !f.endsWith('.map') && !onDemand.test(f)).sort();
const digest = createHash('sha256');
for (const f of shell) digest.update(f).update(readFileSync(dist + f));
const worker = readFileSync(dist + 'sw.js', 'utf8')
  .replace("'build'", JSON.stringify(digest.digest('hex').slice(0, 16)))
  .replace('[/* shell */]', JSON.stringify(shell.map((f) => (f === 'index.html' ? '/' : '/' + f))));
writeFileSync(dist + 'sw.js', worker);

for (const f of files) {
  if (f === 'index.html' || !/\.(js|css|svg|json|webmanifest)$/.test(f)) continue; // index.html differs in each answer
  const text = readFileSync(dist + f);
  writeFileSync(dist + f + '.br', brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  writeFileSync(dist + f + '.gz', gzipSync(text, { level: 9 }));
}
