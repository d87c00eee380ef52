/** The local mode: two people and a server in one page. The encryption is real; only the network is missing. */

import { hex, sha256 } from "./hex.ts";
import { Channel, keyPair, openFile, sealFile, type FileKey } from "./local-crypto.ts";
import type { Incoming, Outgoing, Stored, Transport } from "./transport.ts";

/** Two people who know each other's public keys, as if each had scanned the other's from a screen. */
export async function connect(): Promise<readonly [alice: Transport, bob: Transport]> {
  const server = new Server();
  const [alice, bob] = await Promise.all([keyPair(), keyPair()]);
  return [
    new Person("Alice", alice.privateKey, "Bob", bob.publicKey, server),
    new Person("Bob", bob.privateKey, "Alice", alice.publicKey, server),
  ];
}

/** What is inside a message. */
type Content =
  | { readonly kind: "text"; readonly text: string; readonly sentAt: number }
  | {
      readonly kind: "image";
      readonly name: string;
      readonly file: FileReference;
      readonly thumbnail: FileReference | null;
      readonly sentAt: number;
    };

/** Where a file is, and what opens it. */
interface FileReference {
  readonly id: string;
  readonly type: string;
  readonly opens: FileKey;
}

/** Stores bytes and passes them on. It is given nothing else: no key, no name, no type. */
class Server {
  readonly #stored = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #mailboxes = new Map<string, (id: string) => Promise<void>>();
  readonly #listeners: (() => void)[] = [];

  put(kind: "file" | "message", bytes: Uint8Array<ArrayBuffer>): string {
    const id = `${kind} ${hex(crypto.getRandomValues(new Uint8Array(4)))}`;
    this.#stored.set(id, bytes);
    for (const listener of this.#listeners) listener();
    return id;
  }

  get(id: string): Uint8Array<ArrayBuffer> {
    const bytes = this.#stored.get(id);
    if (!bytes) throw new Error(`the server has no ${id}`);
    return bytes;
  }

  async notify(name: string, id: string): Promise<void> {
    await this.#mailboxes.get(name)?.(id);
  }

  onMail(name: string, mailbox: (id: string) => Promise<void>): void {
    this.#mailboxes.set(name, mailbox);
  }

  stored(): Stored[] {
    return Array.from(this.#stored, ([name, bytes]) => ({ name, size: bytes.length, head: bytes.slice(0, 16) }));
  }

  onStored(listener: () => void): void {
    this.#listeners.push(listener);
  }
}

class Person implements Transport {
  readonly me: string;
  readonly peer: string;
  readonly #server: Server;
  readonly #outgoing: Channel;
  readonly #incoming: Channel;
  readonly #listeners: ((message: Incoming) => void)[] = [];

  constructor(me: string, mine: CryptoKey, peer: string, theirs: CryptoKey, server: Server) {
    this.me = me;
    this.peer = peer;
    this.#server = server;
    this.#outgoing = new Channel(mine, theirs, me, peer);
    this.#incoming = new Channel(mine, theirs, peer, me);
    server.onMail(me, (id) => this.#receive(id));
  }

  async sendText(text: string): Promise<void> {
    await this.#send({ kind: "text", text, sentAt: Date.now() });
  }

  async sendImage({ file, name, thumbnail }: Outgoing): Promise<void> {
    const small = thumbnail && (await this.#upload(thumbnail));
    await this.#send({ kind: "image", name, file: await this.#upload(file), thumbnail: small, sentAt: Date.now() });
  }

  onMessage(listener: (message: Incoming) => void): void {
    this.#listeners.push(listener);
  }

  stored(): readonly Stored[] {
    return this.#server.stored();
  }

  onStored(listener: () => void): void {
    this.#server.onStored(listener);
  }

  async close(): Promise<void> {
    this.#listeners.length = 0;
  }

  async #upload(file: Blob): Promise<FileReference> {
    const { bytes, opens } = await sealFile(file);
    return { id: this.#server.put("file", bytes), type: file.type, opens };
  }

  async #send(content: Content): Promise<void> {
    const id = this.#server.put("message", await this.#outgoing.seal(JSON.stringify(content)));
    await this.#server.notify(this.peer, id);
  }

  async #receive(id: string): Promise<void> {
    const message = await this.#opened(JSON.parse(await this.#incoming.open(this.#server.get(id))) as Content);
    for (const listener of this.#listeners) listener(message);
  }

  async #opened(content: Content): Promise<Incoming> {
    const { kind, sentAt } = content;
    if (kind === "text") {
      return { kind, from: this.peer, text: content.text, file: null, thumbnail: null, sha256: null, sentAt };
    }
    const file = await this.#download(content.file);
    const thumbnail = content.thumbnail && (await this.#download(content.thumbnail));
    return { kind, from: this.peer, text: content.name, file, thumbnail, sha256: await sha256(file), sentAt };
  }

  async #download({ id, type, opens }: FileReference): Promise<Blob> {
    return openFile(this.#server.get(id), opens, type);
  }
}
