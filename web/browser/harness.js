// What the browser tests share: the real server with its synthetic nation, and Debian's chromium.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const password = 'blangko-demo';

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
export async function visit(browser, url, options = {}) {
  const context = await browser.newContext({ baseURL: url, locale: 'id-ID', timezoneId: 'Asia/Jakarta', viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.strangers = [];
  page.troubles = [];
  context.on('request', (r) => {
    if (/^https?:/.test(r.url()) && !r.url().startsWith(url)) page.strangers.push(r.url());
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

export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
