// A real Matrix homeserver for one test: Synapse, reachable from this machine only, with nothing in it.
//
// Synapse is under the AGPL. The test starts it as a service of its own; nothing of it is copied into this project.

import { execFile, spawn } from "node:child_process";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { mkdtemp, open, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const HERE = import.meta.dirname;
const REQUIREMENTS = join(HERE, "synapse-requirements.txt");
const ENVIRONMENT = resolve(HERE, "../../target/web/synapse/python");
const PYTHON = process.env.PRESEND_PYTHON ?? "python3";
const START_TIMEOUT = 60_000;
export const SERVER_NAME = "presend.test";

/**
 * Starts a homeserver with an empty database and the given people (name to password), on a free port.
 *
 * `mediaFiles()` lists every file of its media store. `logIn(name, password)` gives a way to call its client API as
 * that person. `stop()` ends it and removes its data; the end of this process does the same.
 */
export async function startSynapse(people) {
  const python = await environment();
  const data = await mkdtemp(join(tmpdir(), "presend-synapse-"));
  const port = await freePort();
  const secret = randomBytes(24).toString("hex");
  await writeFile(join(data, "homeserver.yaml"), JSON.stringify(settings(data, port, secret)));
  await writeFile(join(data, "log.yaml"), JSON.stringify(LOG_TO_STDERR));
  // "ed25519 <key id> <32 bytes>": how Synapse stores the key that it signs events with.
  await writeFile(join(data, "signing.key"), `ed25519 a_test ${unpaddedBase64(randomBytes(32))}\n`);

  const log = await open(join(data, "log.txt"), "w");
  const command = [join(HERE, "synapse-for-parent.py"), data, "--config-path", join(data, "homeserver.yaml")];
  const server = spawn(python, command, {
    cwd: data,
    stdio: ["pipe", log.fd, log.fd],
  });
  await log.close();
  const ended = new Promise((resolve) => server.once("exit", resolve).once("error", resolve));
  const stop = async () => {
    server.stdin.destroy();
    if (!(await Promise.race([ended.then(() => true), sleep(5_000, false)]))) server.kill("SIGKILL");
    await ended;
    await rm(data, { recursive: true, force: true });
  };

  const url = `http://127.0.0.1:${port}`;
  try {
    await answering(`${url}/_matrix/client/versions`, ended);
    for (const [name, password] of Object.entries(people)) await register(url, secret, name, password);
  } catch (error) {
    const said = await readFile(join(data, "log.txt"), "utf8").catch(() => "");
    await stop();
    throw new Error(`Synapse did not start: ${error.message}\n${said.slice(-4_000)}`);
  }
  return {
    url,
    mediaFiles: () => filesIn(join(data, "media")),
    logIn: (name, password) => logIn(url, name, password),
    stop,
  };
}

/** The Python of an environment that has exactly the required packages; made once, and anew when they change. */
export async function environment() {
  const python = join(ENVIRONMENT, "bin/python");
  const { stdout: version } = await run(PYTHON, ["--version"]);
  const wanted = createHash("sha256").update(version).update(await readFile(REQUIREMENTS)).digest("hex");
  const stamp = join(ENVIRONMENT, "presend-stamp");
  if ((await readFile(stamp, "utf8").catch(() => "")) === wanted) return python;

  console.log(`installing Synapse into ${ENVIRONMENT}, which takes a minute and happens once`);
  await rm(ENVIRONMENT, { recursive: true, force: true });
  await run(PYTHON, ["-m", "venv", ENVIRONMENT]);
  const pip = ["-m", "pip", "--quiet", "--disable-pip-version-check"];
  // Built packages only: nothing runs at installation, and no compiler is needed.
  await run(python, [...pip, "install", "--only-binary", ":all:", "--no-deps", "--requirement", REQUIREMENTS]);
  await run(python, [...pip, "check"]);
  await writeFile(stamp, wanted);
  return python;
}

/** The settings of a server that talks to nobody but local clients, and is not slow on purpose. */
function settings(data, port, secret) {
  const quick = { per_second: 10_000, burst_count: 10_000 };
  return {
    server_name: SERVER_NAME,
    listeners: [{ port, bind_addresses: ["127.0.0.1"], type: "http", tls: false, resources: [CLIENT_API] }],
    database: { name: "sqlite3", args: { database: join(data, "homeserver.db") } },
    media_store_path: join(data, "media"),
    signing_key_path: join(data, "signing.key"),
    log_config: join(data, "log.yaml"),
    registration_shared_secret: secret,
    macaroon_secret_key: randomBytes(24).toString("hex"),
    form_secret: randomBytes(24).toString("hex"),
    federation_domain_whitelist: [],
    trusted_key_servers: [],
    suppress_key_server_warning: true,
    report_stats: false,
    enable_metrics: false,
    url_preview_enabled: false,
    push: { enabled: false },
    presence: { enabled: false },
    rc_message: quick,
    rc_registration: quick,
    rc_login: { address: quick, account: quick, failed_attempts: quick },
    rc_joins: { local: quick, remote: quick },
    rc_joins_per_room: quick,
    rc_invites: { per_room: quick, per_user: quick, per_issuer: quick },
    rc_key_requests: quick,
    rc_media_create: quick,
  };
}

const CLIENT_API = { names: ["client"], compress: false };
const LOG_TO_STDERR = {
  version: 1,
  formatters: { line: { format: "%(asctime)s %(name)s %(levelname)s %(message)s" } },
  handlers: { stderr: { class: "logging.StreamHandler", formatter: "line" } },
  root: { level: "WARNING", handlers: ["stderr"] },
  disable_existing_loggers: false,
};

/** Makes an account, as the holder of the shared secret may. */
async function register(url, secret, username, password) {
  const address = `${url}/_synapse/admin/v1/register`;
  const { nonce } = await (await fetch(address)).json();
  const mac = createHmac("sha1", secret).update([nonce, username, password, "notadmin"].join("\0")).digest("hex");
  const body = JSON.stringify({ nonce, username, password, mac, admin: false });
  const response = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body });
  if (!response.ok) throw new Error(`registering ${username}: ${response.status} ${await response.text()}`);
}

/** `(method, path, body) => answer`, as this person: what a test prepares without a page. */
async function logIn(url, user, password) {
  const call = async (token, method, path, body) => {
    const response = await fetch(`${url}/_matrix/client${path}`, {
      method,
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      body: body && JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const login = { type: "m.login.password", identifier: { type: "m.id.user", user }, password };
  const { access_token: token } = await call(null, "POST", "/v3/login", login);
  return (method, path, body) => call(token, method, path, body);
}

async function answering(address, ended) {
  const deadline = Date.now() + START_TIMEOUT;
  let gone = false;
  void ended.then(() => (gone = true));
  while (Date.now() < deadline) {
    if (gone) throw new Error("it ended");
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error(`no answer within ${START_TIMEOUT / 1000} s`);
}

/** A port that was free a moment ago. */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function filesIn(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
}

function unpaddedBase64(bytes) {
  return bytes.toString("base64").replace(/=+$/, "");
}
