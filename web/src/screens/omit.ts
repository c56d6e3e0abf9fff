import type { Schemas } from '../api/client';
import type { Words } from '../words';

type Omitted = Schemas['Omitted'];

// why says why a place is not on a plan, or cannot be where a person wants it, with the facts of the reason.
export function why(o: Pick<Omitted, 'reason'> & Partial<Omitted>, { t, f }: Pick<Words, 't' | 'f'>): string {
  const more = [
    o.displaces?.length && o.gain != null ? t('omit.displaces', { names: o.displaces.join(', '), gain: f.pieces(o.gain), loss: f.pieces(o.loss) }) : '',
    o.announced ? t('omit.announced') : '',
    o.minutes ? t('omit.minutes', { minutes: f.pieces(o.minutes) }) : '',
    o.short ? t('omit.short-by', { pieces: f.pieces(o.short), of: t(`omit.of.${o.of || 'blanks'}`) }) : '',
    o.skill ? t(`check.access.${o.skill}`) : '',
  ].filter(Boolean);
  return more.length ? `${t(`omit.${o.reason}`)}: ${more.join('; ')}` : t(`omit.${o.reason}`);
}
