import './styles';
import { MantineProvider, localStorageColorSchemeManager } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { asProblem } from './api/problem';
import { router } from './routes';
import { SessionGate } from './session';
import { keepApplication } from './shell/update';
import { theme, variables } from './theme';
import { spoken } from './words';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always', // what was kept on the device answers without a network
      staleTime: 30_000,
      retry: (failures, e) => failures < 1 && asProblem(e).passing,
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

// Mantine is told the nonce of its styles; the library under its menus looks for this global name.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce;

await spoken;
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider
      theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={() => nonce ?? ''}
      colorSchemeManager={localStorageColorSchemeManager({ key: 'blangko-scheme' })}
    >
      <QueryClientProvider client={queries}>
        <SessionGate>
          <RouterProvider router={router} />
        </SessionGate>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);

keepApplication();
