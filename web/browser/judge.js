// What axe and the edge of the screen say of what is in sight: in light, in dark, on a phone and at 200 % zoom.
import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';

const looks = [
  { name: 'terang', size: [1280, 900], scheme: 'light' },
  { name: 'gelap', size: [1280, 900], scheme: 'dark' },
  { name: 'ponsel', size: [390, 844], scheme: 'light' },
  { name: 'zoom 200 %', size: [640, 450], scale: 2, scheme: 'light', axe: false },
];

// judge gives what is wrong with what is in sight.
export async function judge(page, device, what) {
  const wrong = [];
  for (const { name, size: [width, height], scale = 1, scheme, axe = true } of looks) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await device.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: scale, mobile: false });
    const { wide, outside } = await page.evaluate(async () => {
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)));
      const rest = Promise.allSettled(document.getAnimations().map((a) => a.finished)); // what moves has come to rest
      await Promise.race([rest, new Promise((done) => setTimeout(done, 2_000))]); // or turns for ever, as what tells of waiting does
      const room = document.documentElement.clientWidth;
      const wide = document.documentElement.scrollWidth - room;
      return { wide, outside: wide > 0 ? [...document.querySelectorAll('body *')].find((e) => e.getBoundingClientRect().right > room + 1)?.outerHTML.slice(0, 160) : '' };
    });
    if (wide > 0) wrong.push(`${what}, ${name}: ${wide} px too wide: ${outside}`);
    if (!axe) continue;
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    for (const v of violations) {
      wrong.push(`${what}, ${name}: ${v.id} (${v.impact}): ${v.help}`);
      for (const n of v.nodes.slice(0, 4)) wrong.push(`    ${n.target.join(' ')}  ${n.html.slice(0, 160)}  ${n.failureSummary.replace(/\s+/g, ' ').slice(0, 240)}`);
    }
  }
  return wrong;
}

// sound is judge in the middle of a journey, which goes on as it was.
export async function sound(page, what) {
  const device = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize();
  const wrong = await judge(page, device, what);
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  await device.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
  await device.detach();
  assert.equal(wrong.join('\n'), '');
}
