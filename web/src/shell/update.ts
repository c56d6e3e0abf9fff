// keepApplication keeps the application on the device, and tells when a new version of it waits.
export const update = new EventTarget();
let waiting: ServiceWorker | null = null;

export function keepApplication() {
  if (!('serviceWorker' in navigator)) return;
  let reload = false;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (reload) location.reload();
  });
  update.addEventListener('take-over', () => {
    reload = true;
    waiting?.postMessage('take-over');
  });
  const offer = (worker: ServiceWorker | null) => {
    if (!worker || !navigator.serviceWorker.controller) return; // the first one has nothing to replace
    waiting = worker;
    update.dispatchEvent(new Event('ready'));
  };
  // A browser that keeps nothing, in a private window or by order of the office, works with the network alone.
  const registered = navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  void registered.then((registration) => {
    if (!registration) return;
    offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const worker = registration.installing;
      worker?.addEventListener('statechange', () => worker.state === 'installed' && offer(worker));
    });
    setInterval(() => void registration.update().catch(() => undefined), 60 * 60_000);
  });
}

export const updateWaits = () => waiting !== null;
