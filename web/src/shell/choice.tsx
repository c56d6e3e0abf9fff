import { useId } from 'react';

// Choice picks one of a few, all in sight; they flow on where the screen is narrow.
export function Choice<T extends string>({ label, value, onChange, options }: { label: string; value: T; onChange: (value: T) => void; options: readonly (readonly [T, string])[] }) {
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} className="choice noprint">
      {options.map(([v, text]) => (
        <label key={v}>
          <input type="radio" name={name} value={v} checked={v === value} onChange={() => onChange(v)} />
          <span>{text}</span>
        </label>
      ))}
    </div>
  );
}
