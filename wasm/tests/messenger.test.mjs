// The demo messenger, end to end, in a real browser: what is sent, what is not, and what the server gets to hold.
// Once over Matrix, with a real homeserver between two people, and once in the page's own local mode.
//
// `PRESEND_SKIP_SYNAPSE=1` leaves Matrix out, where Python packages cannot be installed.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { DEMO_CSP, DemoPage, builtDemo } from "./demo-page.mjs";
import { launchChromium, serve } from "./browser.mjs";
import { magic, signsOfPlaintext } from "./ciphertext.mjs";
import { largePicture } from "./large-picture.mjs";
import { SERVER_NAME, startSynapse } from "./synapse.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const SCREENSHOTS = resolve(ROOT, "target/web/screenshots");
const picture = (path) => resolve(ROOT, "hashsets/demo", path);

const LISTED = ["listed/harbour.jpg", "outbox/harbour-recompressed.jpg", "outbox/kitchen-resized.png"].map(picture);
const CLEAN = ["outbox/beach.jpg", "outbox/sunflowers.jpg"].map(picture);
const UNSCANNABLE = ["outbox/broken.jpg", "outbox/plain-blue.png"].map(picture);

let browser, server;

before(async () => {
  await mkdir(SCREENSHOTS, { recursive: true });
  server = await serve(await builtDemo(), { csp: DEMO_CSP });
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

const withoutSynapse =
  process.env.PRESEND_SKIP_SYNAPSE === "1" && "PRESEND_SKIP_SYNAPSE is set: no homeserver is started";

describe("on a Matrix homeserver", { skip: withoutSynapse }, () => {
  let synapse, alice, bob;

  before(async () => {
    synapse = await startSynapse({ alice: "pw-alice", bob: "pw-bob", carol: "pw-carol" });
    [alice, bob] = await Promise.all([person({ me: "alice", peer: "bob" }), person({ me: "bob", peer: "alice" })]);
    await Promise.all([alice.ready(), bob.ready()]);
    await alice.write("Good morning, Bob");
    await bob.hasRead("Good morning, Bob");
  });

  after(async () => {
    await alice?.close();
    await bob?.close();
    await synapse?.stop();
  });

  const person = ({ me, ...more }) => {
    const parameters = { via: "matrix", homeserver: synapse.url, me, password: `pw-${me}`, ...more };
    return DemoPage.open(browser, `${server.url}/?${new URLSearchParams(parameters)}`);
  };

  /** What `action` made Alice's page upload, and the server store. A message behind it shows that all has arrived. */
  const traces = async (action, message) => {
    const requests = alice.mediaRequests().length;
    const files = new Set(await synapse.mediaFiles());
    const received = await bob.receivedPictures();
    await action();
    await alice.write(message);
    await bob.hasRead(message);
    return {
      uploads: alice.mediaRequests().slice(requests),
      files: (await synapse.mediaFiles()).filter((file) => !files.has(file)),
      received: (await bob.receivedPictures()) - received,
    };
  };
  const NOTHING = { uploads: [], files: [], received: 0 };

  for (const path of LISTED) {
    test(`${basename(path)}, which is listed, leaves no trace on the server, and the sender learns why`, async () => {
      const action = async () => {
        assert.equal(await alice.send(path), "blocked");
        await assertSaysWhy(alice, path);
        await alice.closePanel();
      };
      assert.deepEqual(await traces(action, `not ${basename(path)}`), NOTHING);
    });
  }

  for (const path of UNSCANNABLE) {
    test(`${basename(path)}, which cannot be judged, leaves no trace on the server`, async () => {
      const action = async () => {
        assert.equal(await alice.send(path), "unscannable");
        await alice.panel("Could not be checked").waitFor();
        await alice.closePanel();
      };
      assert.deepEqual(await traces(action, `not ${basename(path)}`), NOTHING);
    });
  }

  for (const path of CLEAN) {
    test(`${basename(path)}, which is not listed, arrives unchanged; the server holds two ciphertexts`, async () => {
      const plain = await readFile(path);
      const { uploads, files, received } = await traces(async () => {
        assert.equal(await alice.send(path), "delivered");
        await bob.hasReceived(sha256(plain));
      }, `there is ${basename(path)}`);
      assert.equal(received, 1);
      assert.deepEqual(uploads.map(({ method }) => method), ["POST", "POST"], "the thumbnail, then the picture");
      assert.equal(files.length, 2);
      const stored = await Promise.all(files.map((file) => readFile(file)));
      assert.ok(stored.some((bytes) => bytes.length === plain.length), "one is the picture's");
      for (const bytes of stored) assert.deepEqual(signsOfPlaintext(bytes, plain), []);
      assert.notDeepEqual(signsOfPlaintext(plain, Buffer.alloc(0)), [], "the plaintext would not have passed");
    });
  }

  const ENCRYPTED = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };
  const UNSAFE = [
    ["a room that is not encrypted", { initial_state: [] }],
    ["a room with somebody else in it", { initial_state: [ENCRYPTED], invite: [`@carol:${SERVER_NAME}`] }],
  ];
  for (const [what, { invite = [], ...room }] of UNSAFE) {
    test(`nothing is sent into ${what}`, async () => {
      const callAsBob = await synapse.logIn("bob", "pw-bob");
      const made = { preset: "private_chat", invite: [`@alice:${SERVER_NAME}`, ...invite], ...room };
      const { room_id } = await callAsBob("POST", "/v3/createRoom", made);
      const files = await synapse.mediaFiles();
      const page = await person({ me: "alice", peer: "bob", room: room_id });
      try {
        await page.ready();
        assert.equal(await page.send(CLEAN[0]), "error");
        await page.closePanel();
        await page.write("Nor this");
        await page.page.locator('main[data-state="error"]').waitFor();
        assert.deepEqual(page.mediaRequests(), []);
        assert.deepEqual(await synapse.mediaFiles(), files);
        const { chunk } = await callAsBob("GET", `/v3/rooms/${encodeURIComponent(room_id)}/messages?dir=b&limit=100`);
        const messages = chunk.filter(({ type }) => type === "m.room.message" || type === "m.room.encrypted");
        assert.deepEqual(messages, []);
      } finally {
        await page.close();
      }
    });
  }

  test("a message that came without encryption is not shown as if it had been", async () => {
    const callAsBob = await synapse.logIn("bob", "pw-bob");
    const alias = encodeURIComponent(`#presend-alice-bob:${SERVER_NAME}`);
    const { room_id } = await callAsBob("GET", `/v3/directory/room/${alias}`);
    const message = { msgtype: "m.text", body: "Forged" };
    await callAsBob("PUT", `/v3/rooms/${encodeURIComponent(room_id)}/send/m.room.message/1`, message);
    await alice.hasRead("(A message came without encryption and is not shown.)");
    assert.equal(await alice.page.getByText("Forged").count(), 0);
  });

  test("neither page did anything that its policy forbids", () => {
    assert.deepEqual([...alice.errors, ...bob.errors], []);
  });
});

describe("in one page, without a network", () => {
  let page;

  before(async () => {
    page = await DemoPage.open(browser, server.url);
    await page.ready();
  });

  after(() => page?.close());

  /** What the server of the page holds, as the page shows it: `{ name, head }` of each item. */
  const stored = () =>
    page.page.getByRole("region", { name: "Server" }).locator("li").evaluateAll((items) =>
      items.map((item) => ({
        name: item.querySelector(".name").textContent,
        head: item.querySelector("code").textContent.replace(/[^0-9a-f]/g, ""),
      })),
    );

  for (const path of [...LISTED, ...UNSCANNABLE]) {
    const expected = LISTED.includes(path) ? "blocked" : "unscannable";
    test(`${basename(path)} is ${expected}, and nothing of it is stored`, async () => {
      const before = await stored();
      const received = await page.receivedPictures();
      assert.equal(await page.send(path), expected);
      if (expected === "blocked") await assertSaysWhy(page, path);
      await page.closePanel();
      await page.write(`not ${basename(path)}`);
      await page.page.getByRole("log", { name: /^Bob/ }).getByText(`not ${basename(path)}`, { exact: true }).waitFor();
      const added = (await stored()).slice(before.length);
      assert.deepEqual(added.map(({ name }) => name.split(" ")[0]), ["message"], "only the message that followed");
      assert.equal(await page.receivedPictures(), received);
    });
  }

  for (const path of CLEAN) {
    test(`${basename(path)} arrives unchanged, and what is stored is no picture`, async () => {
      const plain = await readFile(path);
      const before = await stored();
      assert.equal(await page.send(path), "delivered");
      await page.hasReceived(sha256(plain));
      const added = (await stored()).slice(before.length);
      assert.deepEqual(added.map(({ name }) => name.split(" ")[0]), ["file", "file", "message"]);
      for (const { head } of added) {
        const bytes = Buffer.from(head, "hex");
        assert.equal(magic(bytes), null);
        assert.ok(!plain.subarray(0, bytes.length).equals(bytes));
      }
    });
  }

  test("all that was ever asked for is of the page's own origin", () => {
    const elsewhere = page.requests.filter(({ url }) => !url.startsWith(`${server.url}/`) && !url.startsWith("blob:"));
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(page.requests.filter(({ method }) => method !== "GET"), [], "and nothing was handed over");
    assert.deepEqual(page.errors, []);
  });
});

describe("the page", () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [360, 1280]) {
      test(`fits into ${width} pixels in each of its states, ${colorScheme}`, async () => {
        const viewport = { width, height: 800 };
        const page = await DemoPage.open(browser, server.url, { viewport, colorScheme, reducedMotion: "reduce" });
        try {
          await page.ready();
          const look = async (state) => {
            const path = resolve(SCREENSHOTS, `${state}-${width}-${colorScheme}.png`);
            await page.page.screenshot({ path, fullPage: true });
            assert.equal(await page.state(), state, "the picture shows this state");
            const content = await page.page.evaluate(() => document.documentElement.scrollWidth);
            assert.ok(content <= width, `${state}: ${content} pixels in a window of ${width}`);
          };
          await look("empty");
          await page.attach(largePicture());
          await look("scanning");
          assert.equal(await page.outcome(), "delivered");
          assert.equal(await page.send(LISTED[0]), "blocked");
          await look("blocked");
          await page.closePanel();
          assert.equal(await page.send(CLEAN[0]), "delivered");
          await look("delivered");
        } finally {
          await page.close();
        }
      });
    }
  }

  test("can be used by keyboard alone", async () => {
    const page = await DemoPage.open(browser, server.url);
    try {
      await page.ready();
      const { keyboard } = page.page;
      const tabTo = async (locator) => {
        for (let presses = 0; presses < 40; presses++) {
          if (await locator.evaluate((element) => element === document.activeElement)) return;
          await keyboard.press("Tab");
        }
        assert.fail(`${locator} is not reached`);
      };
      const attach = page.page.getByRole("button", { name: "Attach a picture" });
      const attachByKey = async (path) => {
        await tabTo(attach);
        const [chooser] = await Promise.all([page.page.waitForEvent("filechooser"), keyboard.press("Enter")]);
        await chooser.setFiles(path);
        return page.outcome();
      };

      assert.equal(await attachByKey(CLEAN[0]), "delivered");
      await page.hasReceived(sha256(await readFile(CLEAN[0])));

      assert.equal(await attachByKey(LISTED[0]), "blocked");
      const panel = page.panel("Not sent");
      assert.ok(await panel.evaluate((element) => element.contains(document.activeElement)), "the panel has the focus");
      await tabTo(panel.getByRole("button", { name: "Close" }));
      await keyboard.press("Enter");
      await panel.waitFor({ state: "detached" });
      assert.ok(await attach.evaluate((element) => element === document.activeElement), "the focus is where it was");

      assert.equal(await attachByKey(LISTED[0]), "blocked");
      await keyboard.press("Escape");
      await panel.waitFor({ state: "detached" });

      await tabTo(page.page.getByRole("textbox", { name: "Message" }));
      await keyboard.type("By keyboard");
      await keyboard.press("Enter");
      await page.page.getByRole("log", { name: /^Bob/ }).getByText("By keyboard", { exact: true }).waitFor();
    } finally {
      await page.close();
    }
  });

  test("says by roles and names what everything is", async () => {
    const page = await DemoPage.open(browser, server.url);
    try {
      await page.ready();
      const named = [
        ["heading", /./, { level: 1 }],
        ["region", "Your device"],
        ["region", "Server"],
        ["region", /^Bob/],
        ["log", "Your messages"],
        ["log", /^Bob/],
        ["button", "Attach a picture"],
        ["textbox", "Message"],
        ["button", "Send", { exact: true }],
      ];
      for (const [role, name, more] of named) {
        assert.equal(await page.page.getByRole(role, { name, ...more }).count(), 1, `${role} "${name}"`);
      }
      assert.equal(await page.send(LISTED[0]), "blocked");
      const tree = await page.panel("Not sent").ariaSnapshot();
      const lines = ['alertdialog "Not sent"', 'heading "Not sent"', 'button "Copy reference"', 'button "Close"'];
      for (const line of lines) {
        assert.ok(tree.includes(line), `${line} in\n${tree}`);
      }
      const nameless = await page.page.getByRole("button", { name: /^$/ }).count();
      assert.equal(nameless, 0, "every button has a name");
      assert.equal(await page.page.locator("img:not([alt])").count(), 0, "every image has a text, be it empty");
      assert.ok(await page.page.locator("html[lang]").count());
    } finally {
      await page.close();
    }
  });
});

/** The panel names the set, its version, who endorsed it, and the entry to ask about, which says nothing of the file. */
async function assertSaysWhy(page, path) {
  const trust = JSON.parse(await readFile(picture("trust.json"), "utf8"));
  const panel = page.panel("Not sent");
  const text = await panel.innerText();
  assert.match(text, new RegExp(`${trust.set}, version \\d+`));
  for (const { organisation } of trust.endorsers) assert.ok(text.includes(organisation), organisation);
  const reference = await panel.getByLabel("Reference").innerText();
  for (const part of [/set +\S+, version \d+/, /root +[0-9a-f]{64}/, /segment +\S+/, /entry +\d+/, /tag +\S+/]) {
    assert.match(reference, part);
  }
  assert.ok(!reference.includes(sha256(await readFile(path))));
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}
