/**
 * Presend's scanner for browsers.
 *
 * ```js
 * import { Scanner, guardUpload } from "@presend/scanner";
 *
 * const scanner = await Scanner.create();
 * await scanner.loadSet("/known.presend", { trust });
 * const send = guardUpload(scanner, encryptAndUpload);
 * ```
 */
import { browser } from "./browser.js";
import { setPlatform } from "./scanner.js";

setPlatform(browser);

export * from "./public.js";
