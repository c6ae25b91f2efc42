/** What the hub needs of a socket. */
export interface LiveSocket {
  /** Bytes that the client has not taken yet. */
  readonly bufferedAmount: number;
  send(text: Buffer, options: { readonly binary: boolean }): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** Beyond this a client is too slow: it gets nothing more until it has caught up, and then everything as it is. */
const maxBehindBytes = 1024 * 1024;
const caughtUpBytes = 64 * 1024;
/** A client that stays behind for so long is sent away. */
const maxBehindMs = 30_000;

/** One live socket: sends what it is told, unless its client does not keep up. */
export class LiveClient {
  readonly sessionId: string;
  readonly #socket: LiveSocket;
  #behindSince: number | undefined;
  #snapshotBytes = 0;
  #missed = false;
  isAlive = true;
  sent = 0;
  dropped = 0;

  constructor(socket: LiveSocket, sessionId: string) {
    this.#socket = socket;
    this.sessionId = sessionId;
  }

  /** True from the first frame that was not sent until everything was sent anew. */
  get isBehind(): boolean {
    return this.#behindSince !== undefined;
  }

  /** True when a client that was behind has taken all that waited for it. */
  get hasCaughtUp(): boolean {
    return this.isBehind && this.#socket.bufferedAmount <= caughtUpBytes;
  }

  /** True when something was not sent that no later value makes up for. */
  get missedEvents(): boolean {
    return this.#missed;
  }

  /** Sends a frame that later ones make up for, or drops it. */
  sendValues(frame: Buffer, now: number): void {
    if (this.#canTake(now)) this.#send(frame);
    else this.dropped += 1;
  }

  /** Sends a frame that nothing makes up for; a client that cannot take it is told later that it missed some. */
  sendEvent(frame: Buffer, now: number): void {
    if (this.#canTake(now)) {
      this.#send(frame);
      return;
    }
    this.dropped += 1;
    this.#missed = true;
  }

  /** Sends all of a snapshot, whatever waits: it is what makes up for the rest. */
  sendSnapshot(frames: readonly Buffer[]): void {
    this.#snapshotBytes = frames.reduce((sum, { length }) => sum + length, 0);
    for (const frame of frames) this.#send(frame);
  }

  /** Everything was sent anew. */
  recovered(): void {
    this.#behindSince = undefined;
    this.#missed = false;
  }

  /** Looks after the connection: sends a client away that does not answer, or stays behind. False: it is gone. */
  keepAlive(now: number): boolean {
    const isHopeless = this.#behindSince !== undefined && now - this.#behindSince > maxBehindMs;
    if (!this.isAlive || isHopeless) {
      this.#socket.terminate();
      return false;
    }
    this.isAlive = false;
    this.#socket.ping();
    return true;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  #canTake(now: number): boolean {
    if (this.#behindSince !== undefined) return false;
    if (this.#socket.bufferedAmount <= maxBehindBytes + this.#snapshotBytes) return true;
    this.#behindSince = now;
    return false;
  }

  #send(frame: Buffer): void {
    this.sent += 1;
    this.#socket.send(frame, { binary: false });
  }
}
