/** Brings a module to life, and hands it to the JavaScript that was made for it. */
export function instantiate(
  module: WebAssembly.Module,
  name: string,
  glue: { __wbg_set_wasm(exports: WebAssembly.Exports): void },
): WebAssembly.Memory {
  const { exports } = new WebAssembly.Instance(module, { [`./${name}_bg.js`]: glue as unknown as WebAssembly.ModuleImports });
  glue.__wbg_set_wasm(exports);
  (exports["__wbindgen_start"] as () => void)();
  return exports["memory"] as WebAssembly.Memory;
}
