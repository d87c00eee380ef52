// A browser, and a web server for one folder: what every test in a real page needs.

import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";
import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";

/** The policy under which the package and the demo must work: no inline script, no `eval`, WebAssembly allowed. */
export const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:";

/**
 * The Chromium that the system has, without a window. Another one can be named by `PRESEND_CHROMIUM`.
 * The flags keep it from calling home, and let it run as root and without a GPU, as containers do.
 */
export function launchChromium(options = {}) {
  return chromium.launch({
    executablePath: process.env.PRESEND_CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    ...options,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...(options.args ?? []),
    ],
  });
}

/**
 * Debian's Firefox, by Puppeteer, which drives a Firefox as it is; with protection against fingerprinting, unless told
 * otherwise. Another one can be named by `PRESEND_FIREFOX`.
 */
export function launchFirefox(preferences = { "privacy.resistFingerprinting": true }) {
  return puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.PRESEND_FIREFOX ?? "/usr/bin/firefox-esr",
    headless: true,
    extraPrefsFirefox: preferences,
  });
}

/** The number of the process that a browser is. */
export async function processOf(browser) {
  if (browser.process !== undefined) return browser.process().pid;
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.find(({ type }) => type === "browser").id;
}

/**
 * Serves the files of one folder, and nothing outside it, on a free port of the loopback; of other folders too, by the
 * first part of the path: `mounts`. `csp` is sent with every answer, scripts of workers included; `headers` are sent
 * besides.
 */
export async function serve(folder, { csp = CSP, headers = {}, mounts = {} } = {}) {
  const root = await realpath(folder);
  const roots = Object.fromEntries(
    await Promise.all(Object.entries(mounts).map(async ([name, folder]) => [name, await realpath(folder)])),
  );
  const server = createServer(async (request, response) => {
    const always = { "cache-control": "no-store", "x-content-type-options": "nosniff", ...headers };
    if (csp) always["content-security-policy"] = csp;
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, always).end();
      return;
    }
    const mount = /^\/([^/]+)(\/.*)$/.exec(request.url);
    const mounted = mount !== null && Object.hasOwn(roots, mount[1]);
    const file = mounted ? await inside(roots[mount[1]], mount[2]) : await inside(root, request.url);
    if (file === null) {
      response.writeHead(404, always).end();
      return;
    }
    const { size } = await stat(file);
    const type = TYPES[extname(file).toLowerCase()] ?? "application/octet-stream";
    response.writeHead(200, { ...always, "content-type": type, "content-length": size });
    if (request.method === "HEAD") response.end();
    else createReadStream(file).on("error", () => response.destroy()).pipe(response);
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

/** The file that an address names, if it exists inside the folder once `..` and symbolic links are followed. */
async function inside(root, address) {
  try {
    const path = decodeURIComponent(new URL(address, "http://localhost").pathname);
    const named = await realpath(join(root, path.endsWith("/") ? `${path}index.html` : path));
    return named.startsWith(root + sep) && (await stat(named)).isFile() ? named : null;
  } catch {
    return null;
  }
}

const TYPES = {
  ".avif": "image/avif",
  ".bmp": "image/bmp",
  ".css": "text/css; charset=utf-8",
  ".gif": "image/gif",
  ".heic": "image/heic",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".jxl": "image/jxl",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".tiff": "image/tiff",
  ".wasm": "application/wasm",
  ".webp": "image/webp",
};
