/** The scanner with the module inside the script, for where a further file cannot be served. A third larger. */
import { browser } from "./browser.js";
import { PresendError } from "./errors.js";
import { checkBrowser, compile, loadModule } from "./module.js";
import { MODULE } from "./inline-module.js";
import { setPlatform } from "./scanner.js";

setPlatform({
  ...browser,
  module: async (options) => {
    if (options.wasmModule !== undefined || options.wasmUrl !== undefined) {
      return await loadModule(options, () => new URL(options.wasmUrl!));
    }
    if (options.integrity !== undefined) {
      throw new PresendError("bad-argument", "the module is in the script, whose own integrity can be checked");
    }
    checkBrowser();
    return await compile(Uint8Array.from(atob(MODULE), (character) => character.charCodeAt(0)));
  },
});

export * from "./public.js";
