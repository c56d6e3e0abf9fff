// Numbers, dates and times as people in Indonesia write them: 1.234.567; 12,5; 97,5 %; Selasa, 24 November 2026.
// In English the same values are written the English way. Zones are those of the region: WIB, WITA, WIT.

export type Language = 'id' | 'en';
export type Zone = 'WIB' | 'WITA' | 'WIT';

const locales = { id: 'id-ID', en: 'en-GB' };
const zones: Record<Zone, string> = { WIB: 'Asia/Jakarta', WITA: 'Asia/Makassar', WIT: 'Asia/Jayapura' };
const nothing = '–';

export interface Formats {
  pieces(n: number | null | undefined): string;
  decimal(n: number | null | undefined, digits?: number): string;
  percent(part: number | null | undefined, digits?: number): string;
  date(day: string | null | undefined): string;
  shortDate(day: string | null | undefined): string;
  shortDay(day: string): string; // without its year, under an axis
  weekDay(day: string): string; // Jum, 11 Des
  month(month: string): string;
  shortMonth(month: string): string;
  short(n: number): string; // 2,5 jt, beside an axis
  instant(at: string | null | undefined, zone?: Zone): string;
  hour(at: string, zone: Zone): string; // 07.30
  clock(time: string): string; // the same of 07:30
}

const made = new Map<Language, Formats>();

// formats are those of a language; they are made once, for Intl is slow to begin.
export function formats(language: Language): Formats {
  let f = made.get(language);
  if (!f) made.set(language, (f = make(locales[language])));
  return f;
}

function make(locale: string): Formats {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const digitsOf = new Map<number, Intl.NumberFormat>();
  const decimals = (digits: number) => {
    let f = digitsOf.get(digits);
    if (!f) digitsOf.set(digits, (f = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })));
    return f;
  };
  const day = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  const short = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  const dayOf = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const weekDay = new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });
  const shortMonth = new Intl.DateTimeFormat(locale, { month: 'short', year: '2-digit', timeZone: 'UTC' });
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const month = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' });
  const known = (n: number | null | undefined): n is number => typeof n === 'number' && Number.isFinite(n);
  const civil = (text: string) => new Date(text.slice(0, 10) + 'T00:00:00Z');
  return {
    pieces: (n) => (known(n) ? whole.format(n) : nothing),
    decimal: (n, digits = 1) => (known(n) ? decimals(digits).format(n) : nothing),
    percent: (part, digits = 1) => (known(part) ? decimals(digits).format(part * 100) + ' %' : nothing),
    date: (d) => (d ? day.format(civil(d)) : nothing),
    shortDate: (d) => (d ? short.format(civil(d)) : nothing),
    shortDay: (d) => dayOf.format(civil(d)),
    weekDay: (d) => weekDay.format(civil(d)),
    shortMonth: (m) => shortMonth.format(civil(m.slice(0, 7) + '-01')),
    short: (n) => (Math.abs(n) < 10_000 ? whole.format(n) : compact.format(n)),
    month: (m) => month.format(civil(m.slice(0, 7) + '-01')),
    instant: (at, zone = 'WIB') =>
      at
        ? `${new Intl.DateTimeFormat(locale, {
            day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: zones[zone],
          }).format(new Date(at))} ${zone}`
        : nothing,
    clock: (time) => (locale === 'id-ID' ? time.replace(':', '.') : time),
    hour: (at, zone) => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone: zones[zone] }).format(new Date(at)),
  };
}

// today is the calendar day in a zone, whatever the clock of the device shows: YYYY-MM-DD.
export function today(zone: Zone, now = new Date()): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zones[zone], year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(now);
  const of = (type: string) => parts.find((p) => p.type === type)!.value;
  return `${of('year')}-${of('month')}-${of('day')}`;
}

// addDays moves a day of the calendar.
export function addDays(day: string, days: number): string {
  const d = new Date(day + 'T00:00:00Z');
  d.setUTCDate(d.getUTCDate() + days);
  return d.toISOString().slice(0, 10);
}
