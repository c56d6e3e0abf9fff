import { useMemo } from 'react';
import { api, call } from '../api/client';
import { Fan, type Step } from '../charts/fan';
import { useKept } from '../data';
import { Loading } from '../shell/trouble';
import { useSession } from '../session';
import { useWords } from '../words';

const months = 18;
const levels = ['nation', 'province', 'regency', 'district'] as const;

// Demand draws what a region used month by month, and what it is foreseen to need: a fan.
export function Demand({ region, title }: { region: string; title: string }) {
  const { t, f } = useWords();
  const { today } = useSession();
  const now = today.slice(0, 7);
  const from = monthsBefore(now, months) + '-01';
  const history = useKept(['history', region, 'month', from], () => call(api.GET('/api/v1/stock/history', { params: { query: { region, by: 'month', from, to: today } } })));
  const level = levels[region === '00' ? 0 : region.split('.').length];
  const ahead = useKept(['forecast', region], () => call(api.GET('/api/v1/forecasts', { params: { query: { region, level } } })));
  const steps = useMemo((): Step[] => {
    const name = (day: string) => ({ key: day.slice(0, 7), label: f.month(day), tick: f.shortMonth(day) });
    // The month under way is only partly used: the forecast speaks for it.
    const past = (history.data?.value.items ?? []).filter((m) => m.date.slice(0, 7) < now).map((m): Step => ({ ...name(m.date), past: m.used }));
    const foreseen = (ahead.data?.value.items ?? []).filter((m) => m.month.slice(0, 7) >= now)
      .map((m): Step => ({ ...name(m.month), mean: m.mean, in80: [m.p10, m.p90], in95: [m.p025, m.p975] }));
    const last = past.at(-1);
    if (last && foreseen.length) Object.assign(last, { mean: last.past, in80: [last.past, last.past], in95: [last.past, last.past] });
    return [...past, ...foreseen];
  }, [history.data, ahead.data, now, f]);
  const next = ahead.data?.value.items?.find((m) => m.month.slice(0, 7) > now);
  if (history.isPending || ahead.isPending) return <Loading />;
  if (steps.every((s) => !s.past && !s.mean)) return null;
  return (
    <Fan
      title={title} unit={t('unit.pieces')} past={t('demand.used')} steps={steps} help="demand" asOf={ahead.data?.value.items?.[0] && f.date(ahead.data.value.items[0].as_of)}
      about={next ? t('demand.about', { month: f.month(next.month), mean: f.pieces(next.mean), least: f.pieces(next.p10), most: f.pieces(next.p90) }) : t('demand.about-past')}
    />
  );
}

function monthsBefore(month: string, n: number): string {
  const d = new Date(month + '-01T00:00:00Z');
  d.setUTCMonth(d.getUTCMonth() - n);
  return d.toISOString().slice(0, 7);
}
