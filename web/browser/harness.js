// What the browser tests share: the real server with its synthetic nation, and one chromium. A file of journeys that is
// run by itself (`node --test browser/offline.js`) brings both along; with BLANGKO_URL it uses a server that runs already.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { line } from './line.js';

export const password = 'blangko-demo';

export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

// carried waits until the device has the application, and what is on the screen.
export async function carried(page) {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  await page.waitForLoadState('networkidle');
}

let server, browser;

export const home = () => server.url;
export const theBrowser = () => browser;

// serve starts the server on a port of its own choice, or uses the one that BLANGKO_URL names.
export async function serve() {
  if (process.env.BLANGKO_URL) return { url: process.env.BLANGKO_URL, stop: async () => undefined };
  const data = mkdtempSync(join(tmpdir(), 'blangko-browser-'));
  const program = new URL('../../bin/blangko', import.meta.url).pathname;
  const child = spawn(program, ['serve', '--demo', '--listen', '127.0.0.1:0', '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.on('data', (d) => (log = (log + d).slice(-4000)));
  const url = await new Promise((resolve, reject) => {
    let out = '';
    child.stdout.on('data', (d) => {
      out += d;
      const found = /serves (http:\/\/\S+)/.exec(out);
      if (found) resolve(found[1]);
    });
    child.on('exit', (code) => reject(new Error(`blangko ended with ${code}:\n${log}`)));
  });
  const stop = () =>
    new Promise((resolve) => {
      child.removeAllListeners('exit');
      child.on('exit', () => {
        rmSync(data, { recursive: true, force: true });
        resolve();
      });
      child.kill('SIGTERM');
    });
  return { url, stop };
}

export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const hasChromium = existsSync(chromiumPath);

export const launch = () =>
  chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });

// visit opens a page for somebody new, who speaks Indonesian in Jakarta, and notes every request to another host.
export async function visit(options = {}) {
  const { baseURL = server.url, ...others } = options;
  const context = await browser.newContext({ baseURL, locale: 'id-ID', timezoneId: 'Asia/Jakarta', viewport: { width: 1280, height: 900 }, ...others });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  page.strangers = [];
  page.troubles = [];
  context.on('request', (r) => {
    if (/^https?:/.test(r.url()) && !r.url().startsWith(baseURL)) page.strangers.push(r.url());
  });
  page.on('console', (m) => m.type() === 'error' && page.troubles.push(m.text()));
  page.on('pageerror', (e) => page.troubles.push(String(e)));
  return page;
}

export async function signIn(page, username) {
  await page.goto('/');
  await page.getByLabel('Nama pengguna').fill(username);
  await page.getByRole('textbox', { name: 'Kata sandi' }).fill(password);
  await page.getByRole('button', { name: 'Masuk' }).click();
  await page.getByRole('heading', { level: 1 }).filter({ hasNotText: 'blangko' }).waitFor();
}

// enter opens a page for somebody who has signed in, on the screen where they begin or the one at `at`, a path or what gives it.
export async function enter(user, { at = '/', ...options } = {}) {
  const { cookies } = await client(user);
  const page = await visit({ ...options, storageState: { cookies, origins: [] } });
  await page.goto(typeof at === 'function' ? await at() : at);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}

// What the console says of answers that a test asked for: the browser writes each as an error.
const expected = /status of (401|403|404|409|412|422)|ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_EMPTY_RESPONSE/;

// journey is a test as somebody, on the screen where they begin or the one at `at`; `user` is null for who is not signed in. With `line: true`
// it goes over a line that it can make bad. It holds that no other host was asked and that nothing went wrong in the
// console but what `troubles` expects.
export const journey = (name, user, { troubles = expected, timeout = 240_000, line: over = false, rule, ...options }, walk) =>
  test(name, { timeout }, async () => {
    const on = over ? await line(server.url) : undefined;
    if (on) {
      options = { ...options, baseURL: on.url };
      if (rule) on.rule = rule;
    }
    const page = user ? await enter(user, options) : await visit(options);
    try {
      await walk(page, on);
      assert.deepEqual(page.strangers, [], 'requests to other hosts');
      assert.deepEqual(page.troubles.filter((t) => !troubles.test(t)), [], 'errors in the console');
    } catch (e) {
      const picture = join(tmpdir(), 'blangko ' + name.replace(/[^\w ]/g, '').slice(0, 60) + '.png');
      await page.screenshot({ path: picture }).then(() => console.log('what was seen: ' + picture), () => undefined);
      throw e;
    } finally {
      await page.context().close();
      on?.close();
    }
  });

// together runs journeys side by side: those that wait more than they work, and touch nothing of each other.
export const together = (name, journeys) => describe(name, { concurrency: 3 }, journeys);

// client asks the server as somebody, past the application: what a test sets up, and what it counts afterwards.
const clients = new Map();
export function client(user) {
  if (!clients.has(user)) clients.set(user, signed(user));
  return clients.get(user);
}

async function signed(user) {
  const answer = await fetch(server.url + '/api/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username: user, password }) });
  assert.equal(answer.status, 200, `sign in as ${user}`);
  const cookies = answer.headers.getSetCookie().map((c) => {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(c);
    return { name, value, domain: new URL(server.url).hostname, path: '/', httpOnly: true, secure: false, sameSite: 'Lax', expires: -1 };
  });
  const Cookie = cookies.map((c) => `${c.name}=${c.value}`).join('; ');
  const ask = async (method, path, body, headers = {}) => {
    const got = await fetch(server.url + '/api/v1' + path, {
      method, headers: { Cookie, ...(body && { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }), ...headers }, body: body && JSON.stringify(body),
    });
    const said = await got.json();
    assert.ok(got.ok, `${method} ${path} as ${user}: ${got.status} ${JSON.stringify(said)}`);
    return said;
  };
  return { cookies, get: (path) => ask('GET', path), post: (path, body, headers) => ask('POST', path, body, headers), put: (path, body, headers) => ask('PUT', path, body, headers) };
}

// Last in this file, since a hook outside of a suite runs as soon as it is named.
before(async () => {
  [server, browser] = await Promise.all([serve(), launch()]);
}, { timeout: 600_000 });

after(async () => {
  await browser?.close();
  await server?.stop();
});
