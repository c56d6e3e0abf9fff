import { NativeSelect } from '@mantine/core';
import { useRegions } from '../data';
import { useSession } from '../session';
import { useWords } from '../words';

// Regency narrows what is shown to a province or kabupaten/kota under one's own reach.
export function Regency({ value, onChange }: { value: string; onChange: (code: string) => void }) {
  const { region } = useSession();
  const { t } = useWords();
  const national = region.level === 'nation';
  const province = national ? (value === region.code ? '' : value.split('.')[0]!) : region.code;
  const provinces = useRegions('province', region.code, national);
  const regencies = useRegions('regency', province, (national && province !== '') || region.level === 'province');
  if (!national && region.level !== 'province') return null;
  const options = (list: { code: string; name: string }[] | null | undefined, all: string) => [{ value: all, label: t('app.all') }, ...(list ?? []).map((r) => ({ value: r.code, label: r.name }))];
  return (
    <>
      {national && <NativeSelect size="sm" label={t('region.province')} value={province || region.code} onChange={(e) => onChange(e.currentTarget.value)} data={options(provinces.data?.value.items, region.code)} />}
      {province !== '' && <NativeSelect size="sm" label={t('region.regency')} value={value} onChange={(e) => onChange(e.currentTarget.value)} data={options(regencies.data?.value.items, province)} />}
    </>
  );
}
