import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Everything is a file of its own under assets/, named by its content: the policy of the page allows nothing inline.
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: { outDir: '../dist/ui', emptyOutDir: true, assetsInlineLimit: 0, target: 'es2022', modulePreload: { polyfill: false }, reportCompressedSize: false },
});
