// Figures of coverage on their way from an office to its province.
import assert from 'node:assert/strict';
import { client, enter, journey, phone } from './harness.js';
import { sound } from './judge.js';

journey('petugas mencatat angka di atas 100 %, provinsi mengembalikan, lalu memverifikasi', 'officer.82.71', phone, async (page) => {
  await page.goto('/coverage');
  await page.getByRole('link', { name: 'Catat angka', exact: true }).first().click();
  await page.getByLabel('Wilayah', { exact: true }).selectOption({ label: 'Moti' });
  await page.getByText('KIA', { exact: true }).click();
  await page.getByLabel('Anak 0–17 tahun').fill('1000');
  await page.getByLabel('Memiliki KIA').fill('1040');
  await page.getByText('Di atas 100 %: ditandai, tidak ditolak').first().waitFor();
  const source = `Uji ${Date.now()}`;
  await page.getByLabel('Sumber').fill(source);
  await page.getByRole('button', { name: 'Simpan konsep' }).click();
  await page.getByRole('heading', { level: 1, name: /^Moti/ }).waitFor();
  await page.getByText('Di atas 100 %: 1.040 dari 1.000').waitFor();
  const id = Number(page.url().split('/').pop());
  await page.getByRole('button', { name: 'Ajukan' }).click();
  await page.getByText('Diajukan', { exact: true }).first().waitFor();

  const province = await enter('province.82');
  try {
    await province.getByRole('link', { name: 'Cakupan' }).click();
    await province.getByRole('group', { name: 'Angka', exact: true }).getByRole('link', { name: 'Moti' }).first().click();
    await province.getByRole('heading', { level: 1, name: /^Moti/ }).waitFor();
    await province.goto(`/coverage/${id}`);
    await province.getByText(`Sumber: ${source}`).waitFor();
    await province.getByRole('button', { name: 'Kembalikan' }).click();
    await province.getByRole('alert').waitFor(); // without a reason
    await province.getByLabel('Alasan').fill('Pakai penduduk semester ini');
    await province.getByRole('button', { name: 'Kembalikan' }).click();
    await province.getByText('Konsep', { exact: true }).first().waitFor();

    await page.reload();
    await page.getByText('Pakai penduduk semester ini').waitFor();
    await page.getByRole('button', { name: 'Perbaiki' }).click();
    await page.getByLabel('Anak 0–17 tahun').fill('1100');
    await page.getByLabel('Mengapa diperbaiki').fill('Penduduk semester ini');
    await page.getByRole('button', { name: 'Simpan', exact: true }).click();
    await page.getByRole('button', { name: 'Perbaiki' }).waitFor();
    assert.equal(await page.getByRole('heading', { name: 'Temuan' }).count(), 0, 'nothing is odd any more');
    await page.getByRole('button', { name: 'Ajukan' }).click();
    await page.getByText('Diajukan', { exact: true }).first().waitFor();

    await province.reload();
    await province.getByRole('button', { name: 'Verifikasi' }).click();
    await province.getByText('Diverifikasi', { exact: true }).first().waitFor();
  } finally {
    await province.context().close();
  }
  const ask = await client('officer.82.71');
  const kept = await ask.get(`/coverage/${id}`);
  assert.deepEqual([kept.status, kept.people, kept.have, kept.verified_by], ['verified', 1100, 1040, 'province.82']);
});

journey('angka yang diubah orang lain: kedua versi tampak', 'officer.12.71', {}, async (page) => {
  const ask = await client('officer2.12.71');
  const made = await ask.post('/coverage', { region: '12.71.01', subject: 'digital-id', as_of: '2026-10-31', source: `Uji ${Date.now()}`, people: 1000, have: 300, draft: true });
  await page.goto(`/coverage/${made.id}`);
  await page.getByRole('button', { name: 'Perbaiki' }).click();
  await page.getByLabel('Memakai IKD').fill('320');
  await page.getByLabel('Mengapa diperbaiki').fill('Salah baca');
  await ask.post(`/coverage/${made.id}/submission`, {}, { 'If-Match': `"${made.version}"` });
  await page.getByRole('button', { name: 'Simpan', exact: true }).click();
  const row = page.getByRole('alert').getByRole('row', { name: /^Keadaan/ });
  await row.waitFor();
  assert.deepEqual(await row.getByRole('cell').allInnerTexts(), ['Konsep', 'Diajukan']);
  await page.getByRole('button', { name: 'Lanjutkan di atas versi sekarang' }).click();
  await page.getByRole('button', { name: 'Perbaiki' }).waitFor();
  assert.equal((await ask.get(`/coverage/${made.id}`)).have, 320);
});

journey('temuan yang sementara itu dinyatakan benar orang lain: kedua versi tampak', 'officer.12.71', {}, async (page) => {
  const ask = await client('officer2.12.71');
  const made = await ask.post('/coverage', { region: '12.71.02', subject: 'digital-id', as_of: '2026-10-31', source: `Uji ${Date.now()}`, people: 1000, have: 1200, draft: true });
  const finding = (await ask.get(`/coverage/${made.id}`)).findings.find((d) => d.rule === 'above-100');
  await page.goto(`/coverage/${made.id}`);
  await page.getByRole('listitem').filter({ hasText: 'Di atas 100 %' }).getByRole('button', { name: 'Angka ini benar' }).click();
  await page.getByLabel('Mengapa angka ini benar').fill('Pendatang ikut dihitung');
  await ask.post(`/findings/${finding.id}/acknowledgement`, { reason: 'Ada pendatang' }, { 'If-Match': `"${finding.version}"` });
  await page.getByRole('button', { name: 'Angka ini benar' }).first().click();
  const both = page.getByRole('alert');
  await both.getByRole('row', { name: /^Keadaan/ }).waitFor();
  assert.deepEqual(await both.getByRole('row', { name: /^Keadaan/ }).getByRole('cell').allInnerTexts(), ['Terbuka', 'Dinyatakan benar']);
  assert.deepEqual(await both.getByRole('row', { name: /^Mengapa angka ini benar/ }).getByRole('cell').allInnerTexts(), ['–', 'Ada pendatang']);
  await sound(page, 'a finding that somebody else has settled');
  assert.equal(await both.getByRole('button', { name: 'Lanjutkan di atas versi sekarang' }).count(), 0, 'it is settled');
});
