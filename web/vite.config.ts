import { fileURLToPath, URL } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** Where `corrigenda serve` listens while the page is served by Vite. */
const server = process.env.CORRIGENDA_SERVER ?? 'http://127.0.0.1:8787'

export default defineConfig({
  plugins: [vue()],
  resolve: {
    alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) },
  },
  build: {
    // The Python package serves this folder and carries it in its wheel.
    outDir: fileURLToPath(new URL('../src/corrigenda/static', import.meta.url)),
    emptyOutDir: true,
    // The content security policy allows no `data:` fonts or scripts: every asset is a file.
    assetsInlineLimit: 0,
    // `light-dark()` stays as written; these are the first browsers that know it.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
  },
  server: {
    proxy: {
      // The server accepts its own origin only, so the proxy speaks in its name.
      '/api': { target: server, changeOrigin: true, headers: { origin: server } },
      '/healthz': { target: server, changeOrigin: true },
    },
  },
  test: {
    environment: 'happy-dom',
    restoreMocks: true,
    unstubGlobals: true,
    setupFiles: ['./tests/setup.ts'],
  },
})
