import { defineConfig, type Plugin } from "vite";

/** What a page of the build may do; nothing that is not in this list. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'", // the latter compiles WebAssembly and does not allow `eval`
  "worker-src 'self'",
  "connect-src 'self' http://127.0.0.1:* http://localhost:*", // a Matrix server on this machine; the local mode takes it away (main.ts)
  "img-src 'self' blob:", // decrypted pictures are blobs
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Only in the build: the development server needs inline styles and a socket to replace modules. */
const contentSecurityPolicy: Plugin = {
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [
    { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: POLICY }, injectTo: "head-prepend" },
  ],
};

export default defineConfig({
  base: "./", // runs from any folder
  plugins: [contentSecurityPolicy],
  server: {
    // The packages of this workspace, and the set and pictures of the demo: nothing else of the disk is served.
    fs: { allow: ["..", "../../hashsets/demo"] },
  },
  // Bundled ahead, they would no longer find their WebAssembly and their workers beside themselves.
  optimizeDeps: { exclude: ["@presend/scanner", "@matrix-org/matrix-sdk-crypto-wasm"] },
  worker: { format: "es" },
  build: {
    target: "es2022",
    chunkSizeWarningLimit: 1000, // the Matrix mode is large, and loaded only where it is asked for
    assetsInlineLimit: 0, // a data: URL would not pass the policy
  },
});
