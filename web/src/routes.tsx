import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { Layout } from './shell/layout';
import { Broken, Lost } from './screens/lost';

const root = createRootRoute({ component: Layout, notFoundComponent: Lost });
const at = <P extends string>(path: P, component: Parameters<typeof createRoute>[0]['component']) =>
  createRoute({ getParentRoute: () => root, path, component });

const tree = root.addChildren([
  at('/', lazyRouteComponent(() => import('./screens/home'), 'Home')),
  at('/regions/$code', lazyRouteComponent(() => import('./screens/region'), 'RegionPage')),
  at('/requests', lazyRouteComponent(() => import('./screens/requests'), 'RequestsPage')),
  at('/requests/new', lazyRouteComponent(() => import('./screens/ask'), 'AskPage')),
  at('/requests/$id', lazyRouteComponent(() => import('./screens/request'), 'RequestPage')),
  at('/shipments', lazyRouteComponent(() => import('./screens/shipments'), 'ShipmentsPage')),
  at('/shipments/$id', lazyRouteComponent(() => import('./screens/shipment'), 'ShipmentPage')),
  at('/use', lazyRouteComponent(() => import('./screens/use'), 'UsePage')),
  at('/visits', lazyRouteComponent(() => import('./screens/visits'), 'VisitsPage')),
  at('/visits/$id', lazyRouteComponent(() => import('./screens/visit'), 'VisitPage')),
  at('/outreach', lazyRouteComponent(() => import('./screens/plans'), 'PlansPage')),
  at('/outreach/new', lazyRouteComponent(() => import('./screens/plan-new'), 'NewPlanPage')),
  at('/outreach/sites', lazyRouteComponent(() => import('./screens/sites'), 'SitesPage')),
  at('/outreach/gaps', lazyRouteComponent(() => import('./screens/gaps'), 'GapsPage')),
  at('/outreach/results', lazyRouteComponent(() => import('./screens/achieved'), 'AchievedPage')),
  at('/outreach/$id', lazyRouteComponent(() => import('./screens/plan'), 'PlanPage')),
  at('/coverage', lazyRouteComponent(() => import('./screens/coverage'), 'CoveragePage')),
  at('/coverage/new', lazyRouteComponent(() => import('./screens/coverage-new'), 'NewFigurePage')),
  at('/coverage/$id', lazyRouteComponent(() => import('./screens/figure'), 'FigurePage')),
  at('/alerts', lazyRouteComponent(() => import('./screens/alerts'), 'AlertsPage')),
  at('/queue', lazyRouteComponent(() => import('./screens/queue'), 'QueuePage')),
  at('/account', lazyRouteComponent(() => import('./screens/account'), 'Account')),
]);

export const router = createRouter({ routeTree: tree, scrollRestoration: true, defaultErrorComponent: Broken });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
