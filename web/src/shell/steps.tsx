import { useWords } from '../words';

// Steps shows how far something has come.
export function Steps({ names, at, label }: { names: string[]; at: number; label: string }) {
  const { t } = useWords();
  return (
    <ol className="steps" aria-label={label}>
      {names.map((name, i) => (
        <li key={name} className={i < at ? 'past' : i === at ? 'now' : ''} aria-current={i === at ? 'step' : undefined}>
          {name}
          {i < at && <span className="hidden"> ({t('steps.done')})</span>}
        </li>
      ))}
    </ol>
  );
}
