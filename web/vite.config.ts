import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { coastline } from './tools/coastline.js';

export default defineConfig({
  plugins: [react(), coastline()],
  // The server puts the nonce of each answer in the place of this mark; see api/web.go.
  html: { cspNonce: 'csp-nonce-of-this-answer' },
  build: { target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 800, modulePreload: { polyfill: false }, reportCompressedSize: false },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}', 'tools/*.test.js'] },
});
