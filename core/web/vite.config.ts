// How the web UI is built: relative addresses, so that it works behind any prefix; nothing inlined.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  // Content-Security-Policy allows no inline scripts, styles or data: fonts.
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  oxc: { jsx: { runtime: "automatic" } },
  // `npm run dev` beside `epochlog ui --no-browser`.
  server: { proxy: { "/api": { target: "http://127.0.0.1:6160", ws: true } } },
});
