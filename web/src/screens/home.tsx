import { Navigate } from '@tanstack/react-router';
import { useSession } from '../session';
import { Overview } from './overview';
import { OfficeHome } from './office';

// Home is where each role begins: the nation or a province in sight, or the own office.
export function Home() {
  const { may, region } = useSession();
  if (!may('stock.read')) return <Navigate to="/account" />;
  return region.level === 'nation' || region.level === 'province' ? <Overview /> : <OfficeHome />;
}
