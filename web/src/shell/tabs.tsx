import { Link } from '@tanstack/react-router';

// Tabs are the screens that belong together; each has its own address.
export function Tabs({ label, tabs }: { label: string; tabs: readonly (readonly [to: string, text: string])[] }) {
  return (
    <nav aria-label={label} className="choice noprint">
      {tabs.map(([to, text]) => <Link key={to} to={to} className="tab" activeOptions={{ exact: true, includeSearch: false }}>{text}</Link>)}
    </nav>
  );
}
