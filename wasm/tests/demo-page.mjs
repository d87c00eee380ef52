// Driving the demo's page as a person would: by what can be seen, named and pressed.

import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";

const WASM = resolve(import.meta.dirname, "..");

/** The headers' policy is that of the page (`demo/vite.config.ts`); workers know only what comes by header. */
export const DEMO_CSP = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self' http://127.0.0.1:*",
  "img-src 'self' blob:",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The folder of the built demo: the one that `PRESEND_DEMO` names, or a fresh build. */
export async function builtDemo() {
  if (process.env.PRESEND_DEMO) return process.env.PRESEND_DEMO;
  const folder = resolve(WASM, "../target/web/demo");
  const build = ["run", "build", "--workspace", "@presend/demo", "--", "--outDir", folder, "--emptyOutDir"];
  await promisify(execFile)("npm", build, { cwd: WASM, timeout: 120_000 });
  return folder;
}

/** A page of the demo in a browser profile of its own. */
export class DemoPage {
  /** Every request that the page, its workers included, made: `{ method, url }`. */
  requests = [];
  /** What went wrong in it: uncaught errors, and whatever its policy forbade. */
  errors = [];

  static async open(browser, url, profile = {}) {
    const context = await browser.newContext(profile);
    const page = await context.newPage();
    const demo = new DemoPage(context, page);
    await page.goto(url);
    return demo;
  }

  constructor(context, page) {
    this.context = context;
    this.page = page;
    this.main = page.locator("main");
    context.on("request", (request) => this.requests.push({ method: request.method(), url: request.url() }));
    // Playwright keeps the dialog for picking files away only from some moment after somebody began to listen.
    page.on("filechooser", () => {});
    page.on("pageerror", (error) => this.errors.push(error.message));
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) this.errors.push(message.text());
    });
  }

  /** Resolves when the page is connected and has its set; rejects with what it says if that fails. */
  async ready() {
    await this.page.locator('main[data-set="ready"], main[data-state="error"]').waitFor();
    if ((await this.state()) === "error") throw new Error(await this.page.getByRole("alert").innerText());
  }

  /** Attaches a picture: the path of a file, or a file made on the fly. */
  async attach(picture) {
    await this.page.locator("input[type=file]").setInputFiles(picture);
  }

  /** Attaches a picture and says what became of it. */
  async send(picture) {
    await this.attach(picture);
    return this.outcome();
  }

  /** What became of the last picture, once that is known. */
  async outcome() {
    await this.page.locator('main:not([data-state="scanning"])').waitFor();
    return this.state();
  }

  state() {
    return this.main.getAttribute("data-state");
  }

  async write(text) {
    await this.page.getByRole("textbox", { name: "Message" }).fill(text);
    await this.page.getByRole("button", { name: "Send", exact: true }).click();
  }

  /** The panel about a picture that was not sent. */
  panel(name) {
    return this.page.getByRole("alertdialog", { name });
  }

  async closePanel() {
    await this.page.getByRole("button", { name: "Close" }).click();
  }

  /** Resolves when this text is in a conversation. */
  async hasRead(text) {
    await this.page.getByRole("log").getByText(text, { exact: true }).waitFor();
  }

  /** Resolves when this picture, by the SHA-256 of what was decrypted, was received and is shown. */
  async hasReceived(sha256) {
    const image = this.page.getByRole("log").locator(`img[data-sha256="${sha256}"]`);
    await image.waitFor();
    await image.evaluate((element) => element.decode());
  }

  receivedPictures() {
    return this.page.locator("img[data-sha256]").count();
  }

  /** Requests to the media store of the homeserver. */
  mediaRequests() {
    return this.requests.filter(({ url }) => new URL(url).pathname.startsWith("/_matrix/media/"));
  }

  async close() {
    await this.context.close();
  }
}
