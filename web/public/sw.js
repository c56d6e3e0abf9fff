// Keeps the application on the device, so that it opens without a network. It never answers for the API: what is asked
// and what is written stand in the application's own database, where the person can see it.
const version = 'build';
const shell = [/* shell */];
const name = 'blangko-' + version;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(name).then((cache) => cache.addAll(shell.map((path) => new Request(path, { cache: 'reload' })))));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((n) => n.startsWith('blangko-') && n !== name).map((n) => caches.delete(n))))
      .then(() => self.clients.claim()),
  );
});

// A new version waits until the person presses "Muat ulang": never in the middle of a form.
self.addEventListener('message', (event) => {
  if (event.data === 'take-over') self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (/^\/(api|docs|openapi|problems|healthz|readyz|metrics)/.test(url.pathname)) return;
  const wanted = event.request.mode === 'navigate' ? '/' : url.pathname;
  event.respondWith(
    caches
      .open(name)
      .then((cache) => cache.match(wanted))
      .then((kept) => kept ?? fetch(event.request)),
  );
});
