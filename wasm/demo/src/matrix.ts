/**
 * The transport over Matrix: a real homeserver, real end-to-end encryption (matrix-js-sdk with its Rust crypto), and
 * attachments as other Matrix clients send them. It is for a throw-away server on this machine, and refuses any other:
 * name and password come from the page's address, which histories and logs keep. Keys live in memory and are gone when
 * the page is closed, so that no run of the demo depends on an earlier one; an app would use the encrypted IndexedDB
 * store. Nobody's device is verified either, so whom one talks to is what the server says.
 *
 * A message goes out only into an encrypted room with nobody in it but these two people.
 */

import { decryptAttachment, encryptAttachment } from "matrix-encrypt-attachment";
import {
  ClientEvent,
  createClient,
  type MatrixClient,
  MatrixError,
  type MatrixEvent,
  MatrixEventEvent,
  MsgType,
  Preset,
  type Room,
  RoomEvent,
  SyncState,
} from "matrix-js-sdk";
import type { Logger } from "matrix-js-sdk/lib/logger";
import type { EncryptedFile, ImageContent, ImageInfo } from "matrix-js-sdk/lib/types";
import type { Incoming, Outgoing, Transport } from "./transport.ts";

/**
 * Logs in, meets the peer in an encrypted room, and is then ready to be written to. `parameters` are those of the page:
 * `homeserver`, `me`, `password`, `peer`, and `room` to join that room instead of the one the two share.
 */
export async function connect(parameters: URLSearchParams): Promise<Transport> {
  const homeserver = loopback(required(parameters, "homeserver"));
  const client = await login(homeserver, required(parameters, "me"), required(parameters, "password"));
  const person = new Person(client, userId(client, required(parameters, "peer")));
  try {
    await person.enter(parameters.get("room"));
    return person;
  } catch (error) {
    client.stopClient();
    throw error;
  }
}

async function login(homeserver: string, user: string, password: string): Promise<MatrixClient> {
  const identifier = { type: "m.id.user", user };
  const session = await createClient({ baseUrl: homeserver, logger: QUIET }).loginRequest({
    type: "m.login.password",
    identifier,
    password,
  });
  return createClient({
    baseUrl: homeserver,
    userId: session.user_id,
    deviceId: session.device_id,
    accessToken: session.access_token,
    disableVoip: true,
    logger: QUIET,
  });
}

class Person implements Transport {
  readonly me: string;
  readonly peer: string;
  readonly #client: MatrixClient;
  readonly #listeners: ((message: Incoming) => void)[] = [];
  /** What arrived before anyone listened. */
  readonly #unheard: Incoming[] = [];
  /** Messages are read one after the other, in the order of the room, from when the room is known. */
  #reading: Promise<void>;
  readonly #room: Promise<string>;
  readonly #entered: (room: string) => void;

  constructor(client: MatrixClient, peer: string) {
    this.#client = client;
    this.me = client.getSafeUserId();
    this.peer = peer;
    const { promise, resolve } = withResolver<string>();
    this.#room = promise;
    this.#entered = resolve;
    this.#reading = promise.then(() => undefined);
    client.on(RoomEvent.Timeline, (event, room, toStart) => {
      if (!toStart && room !== undefined && event.getSender() === peer) this.#arrived(event, room);
    });
  }

  async enter(invited: string | null): Promise<void> {
    await this.#client.initRustCrypto({ useIndexedDB: false });
    await this.#client.startClient({ initialSyncLimit: 50 });
    await until(this.#client, "the first answer of the server", () => this.#client.isInitialSyncComplete() || null);
    await published(this.#client);
    const room = invited === null ? await this.#meet() : (await this.#client.joinRoom(invited)).roomId;
    this.#entered(room);
  }

  onMessage(listener: (message: Incoming) => void): void {
    this.#listeners.push(listener);
    for (const message of this.#unheard.splice(0)) listener(message);
  }

  async sendText(text: string): Promise<void> {
    const room = await this.#privateRoom();
    await this.#client.sendMessage(room, { msgtype: MsgType.Text, body: text });
  }

  async sendImage({ file, name, thumbnail }: Outgoing): Promise<void> {
    const room = await this.#privateRoom();
    const info: ImageInfo = { mimetype: file.type, size: file.size, ...(await dimensions(file)) };
    if (thumbnail !== null) {
      info.thumbnail_info = { mimetype: thumbnail.type, size: thumbnail.size, ...(await dimensions(thumbnail)) };
      info.thumbnail_file = await this.#upload(thumbnail);
    }
    const content: ImageContent = { msgtype: MsgType.Image, body: name, file: await this.#upload(file), info };
    await this.#client.sendMessage(room, content);
  }

  async close(): Promise<void> {
    await this.#client.logout(true);
  }

  /**
   * The room of the two, by an alias that only one of them can make: whoever comes first makes the room and invites the
   * other, who joins what the peer, and nobody else, invites to.
   */
  async #meet(): Promise<string> {
    const name = `presend-${[this.me, this.peer].map(localpart).sort().join("-")}`;
    const alias = `#${name}:${this.#client.getDomain()}`;
    const joined = this.#client.getRooms().find((room) => isJoined(room) && room.getCanonicalAlias() === alias);
    if (joined !== undefined) return joined.roomId;

    if (this.#invitation() === null) {
      try {
        const { room_id } = await this.#client.createRoom({
          room_alias_name: name,
          preset: Preset.PrivateChat,
          is_direct: true,
          invite: [this.peer],
          initial_state: [
            { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } },
          ],
        });
        return room_id;
      } catch (error) {
        if (!isTaken(error)) throw error;
      }
    }
    const invitation = await until(this.#client, `an invitation by ${this.peer}`, () => this.#invitation());
    return (await this.#client.joinRoom(invitation.roomId)).roomId;
  }

  #invitation(): Room | null {
    const byPeer = (room: Room): boolean => room.getMember(this.me)?.events.member?.getSender() === this.peer;
    return this.#client.getRooms().find((room) => room.getMyMembership() === "invite" && byPeer(room)) ?? null;
  }

  /** The room, once the peer is there. Throws where anyone else would read, or what is sent would not be encrypted. */
  async #privateRoom(): Promise<string> {
    const id = await this.#room;
    const room = await until(this.#client, `${this.peer} to join`, () => {
      const found = this.#client.getRoom(id);
      return found?.getMember(this.peer)?.membership === "join" ? found : null;
    });
    const readers = room.getMembers().filter(({ membership }) => membership === "join" || membership === "invite");
    const others = readers.filter((member) => member.userId !== this.me && member.userId !== this.peer);
    if (others.length > 0) throw new Error(`not sent: others are in this room, ${others[0]?.userId} for one`);
    const crypto = this.#client.getCrypto();
    if (crypto === undefined || !room.hasEncryptionStateEvent() || !(await crypto.isEncryptionEnabledInRoom(id))) {
      throw new Error("not sent: this room is not encrypted");
    }
    return id;
  }

  /** Encrypts a file, and uploads what came out of that. */
  async #upload(plain: Blob): Promise<EncryptedFile> {
    const { data, info } = await encryptAttachment(await plain.arrayBuffer());
    const { content_uri } = await this.#client.uploadContent(new Blob([data]), {
      includeFilename: false,
      type: "application/octet-stream",
    });
    const file: unknown = { ...info, url: content_uri };
    if (!isEncryptedFile(file)) throw new Error("not sent: encryption gave no key");
    return file;
  }

  #arrived(event: MatrixEvent, room: Room): void {
    const read = async (): Promise<void> => {
      if (room.roomId !== (await this.#room)) return;
      const message = await this.#read(event).catch((error: unknown) => unreadable(event, this.peer, error));
      if (message !== null) this.#tell(message);
    };
    // A listener that throws is heard of, and the next message is read all the same.
    this.#reading = this.#reading.then(read).catch(reportError);
  }

  #tell(message: Incoming): void {
    if (this.#listeners.length === 0) this.#unheard.push(message);
    for (const listener of this.#listeners) listener(message);
  }

  /** What an event says; `null` for those that are no messages. What cannot be read is a message that says so. */
  async #read(event: MatrixEvent): Promise<Incoming | null> {
    await this.#client.decryptEventIfNeeded(event);
    if (event.isDecryptionFailure()) await keysToArrive(event);
    const note = (text: string): Incoming => textOf(event, this.peer, text);
    if (event.isDecryptionFailure()) return note("(This message could not be decrypted.)");
    if (event.getType() !== "m.room.message") return null;
    // A server can write such a message in anybody's name.
    if (!event.isEncrypted()) return note("(A message came without encryption and is not shown.)");

    const content: Record<string, unknown> = event.getContent();
    if (content.msgtype === MsgType.Image) return this.#picture(event, content);
    const isText = content.msgtype === MsgType.Text || content.msgtype === MsgType.Notice;
    if (isText && typeof content.body === "string") return note(content.body);
    return note(`(A message of a kind that is not shown here: ${String(content.msgtype)}.)`);
  }

  async #picture(event: MatrixEvent, content: Record<string, unknown>): Promise<Incoming> {
    if (!isEncryptedFile(content.file)) throw new Error("its file is not encrypted");
    const info = isRecord(content.info) ? content.info : {};
    const small = isRecord(info.thumbnail_info) ? info.thumbnail_info : {};
    const plain = await this.#download(content.file);
    return {
      kind: "image",
      from: this.peer,
      text: typeof content.body === "string" ? content.body : "",
      file: new Blob([plain], { type: pictureType(info.mimetype) }),
      thumbnail: isEncryptedFile(info.thumbnail_file)
        ? new Blob([await this.#download(info.thumbnail_file)], { type: pictureType(small.mimetype) })
        : null,
      sha256: hexadecimal(await crypto.subtle.digest("SHA-256", plain)),
      sentAt: event.getTs(),
    };
  }

  /** Downloads what the server has, as somebody who is logged in, and decrypts it if it is what was sent. */
  async #download(file: EncryptedFile): Promise<ArrayBuffer> {
    const address = this.#client.mxcUrlToHttp(file.url, undefined, undefined, undefined, false, true, true);
    if (address === null || address === "") throw new Error("its address is not one of Matrix");
    const response = await fetch(address, { headers: { authorization: `Bearer ${this.#client.getAccessToken()}` } });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return decryptAttachment(await response.arrayBuffer(), file);
  }
}

/** Waits until `look` finds something; it is asked again whenever the server has sent news. */
function until<T>(client: MatrixClient, what: string, look: () => T | null): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      client.off(ClientEvent.Sync, news);
    };
    const news = (state: SyncState): void => {
      const found = look();
      if (found !== null) {
        stop();
        resolve(found);
      } else if (state === SyncState.Error || state === SyncState.Stopped) {
        stop();
        reject(new Error(`the connection to the homeserver was lost while waiting for ${what}`));
      }
    };
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`waited in vain for ${what}`));
    }, PATIENCE);
    client.on(ClientEvent.Sync, news);
    news(client.getSyncState() ?? SyncState.Syncing);
  });
}

/** Waits until the server has this device's keys: a message sent to somebody without keys can never be read by them. */
async function published(client: MatrixClient): Promise<void> {
  const me = client.getSafeUserId();
  const device = client.getDeviceId() ?? "";
  for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; await pause(50)) {
    const { device_keys } = await client.downloadKeysForUsers([me]);
    if (device_keys[me]?.[device] !== undefined) return;
  }
  throw new Error("this device's keys could not be published");
}

/** The keys of a message come by another way than the message, and sometimes after it. */
function keysToArrive(event: MatrixEvent): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      event.off(MatrixEventEvent.Decrypted, again);
      resolve();
    };
    const again = (): void => {
      if (!event.isDecryptionFailure()) done();
    };
    const timer = setTimeout(done, PATIENCE_FOR_KEYS);
    event.on(MatrixEventEvent.Decrypted, again);
  });
}

/** Width and height, where the browser can read the picture: the receiver's page leaves room for it. */
async function dimensions(picture: Blob): Promise<{ w?: number; h?: number }> {
  try {
    const bitmap = await createImageBitmap(picture);
    const { width: w, height: h } = bitmap;
    bitmap.close();
    return { w, h };
  } catch {
    return {};
  }
}

/** Whether the alias of a room exists. Synapse says so in another way where two make it at the same moment. */
function isTaken(error: unknown): boolean {
  return error instanceof MatrixError && (error.errcode === "M_ROOM_IN_USE" || error.httpStatus === 409);
}

function textOf(event: MatrixEvent, from: string, text: string): Incoming {
  return { kind: "text", from, text, file: null, thumbnail: null, sha256: null, sentAt: event.getTs() };
}

function unreadable(event: MatrixEvent, from: string, error: unknown): Incoming {
  const reason = error instanceof Error ? error.message : String(error);
  return textOf(event, from, `(A message could not be read: ${reason}.)`);
}

/** A type that the page may give a file. Anything else that a sender claims could make the browser run it. */
function pictureType(claimed: unknown): string {
  return typeof claimed === "string" && PICTURES.has(claimed) ? claimed : "application/octet-stream";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** As far as it matters here; `decryptAttachment` checks the key and the digest. */
function isEncryptedFile(value: unknown): value is EncryptedFile {
  return (
    isRecord(value) &&
    typeof value.url === "string" &&
    typeof value.iv === "string" &&
    value.v === "v2" &&
    isRecord(value.key) &&
    isRecord(value.hashes) &&
    typeof value.hashes.sha256 === "string"
  );
}

function isJoined(room: Room): boolean {
  return room.getMyMembership() === "join";
}

/** `@bob:server`, also of somebody on the same server who is called just `bob`. */
function userId(client: MatrixClient, name: string): string {
  return name.startsWith("@") ? name : `@${name}:${client.getDomain()}`;
}

function localpart(user: string): string {
  return user.slice(1).split(":", 1)[0] ?? user;
}

function required(parameters: URLSearchParams, name: string): string {
  const value = parameters.get(name);
  if (value === null || value === "") throw new Error(`the page's address lacks "${name}"`);
  return value;
}

function loopback(address: string): string {
  const url = new URL(address);
  if (!["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) {
    throw new Error(`${url.hostname} is not this machine: the demo gives passwords to no other`);
  }
  return url.origin;
}

function hexadecimal(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function withResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}

const PATIENCE = 60_000;
const PATIENCE_FOR_KEYS = 5_000;
const PICTURES = new Set(["image/avif", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp"]);

/** The library tells much about keys and messages; only its complaints are of use here. */
const QUIET: Logger = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: (...said) => console.warn(...said),
  error: (...said) => console.error(...said),
  getChild: () => QUIET,
};
