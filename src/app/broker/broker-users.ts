import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { PasswordHasher } from "#fleet/access/ports.ts";
import type { DeviceLogin } from "./device-logins.ts";
import { everyTopic, type TopicRules, topicsOf } from "./topic-rules.ts";

/** A program that speaks for many devices, e.g. the host. */
export interface BrokerProgram {
  readonly name: string;
  /** Generated for this installation, never chosen: one fast hash is enough to compare it. */
  readonly password: string;
}

export interface BrokerUsersParts {
  readonly programs: readonly BrokerProgram[];
  /** Also clients without a name, as in the demo on loopback. */
  readonly letsAnybodyIn: boolean;
  readonly hasher: PasswordHasher;
}

/** Passwords are proved at most so many at a time: each takes tens of milliseconds of a core and tens of MiB. */
const maxProofs = 2;

/** Who may connect to the embedded broker, and with which topics. */
export class BrokerUsers {
  readonly #parts: BrokerUsersParts;
  readonly #programs: ReadonlyMap<string, BrokerProgram>;
  #devices: ReadonlyMap<string, DeviceLogin> = new Map();
  /** Of each device the password that was proved last, so that a connection made again costs one fast hash. */
  readonly #proved = new Map<string, Buffer>();
  readonly #key = randomBytes(32);
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(parts: BrokerUsersParts) {
    this.#parts = parts;
    this.#programs = new Map(parts.programs.map((program) => [program.name, program]));
  }

  /** Takes another list of devices; gives the names of those whose login is not what it was. */
  setDevices(logins: readonly DeviceLogin[]): string[] {
    const before = this.#devices;
    this.#devices = new Map(logins.map((login) => [login.name, login]));
    const changed = [...before.values()].filter(({ name, password }) => this.#devices.get(name)?.password !== password);
    for (const { name } of changed) this.#proved.delete(name);
    return changed.map(({ name }) => name);
  }

  /** What a client may do; undefined when it may not connect. A name with a wrong password never counts as no name. */
  async rulesOf(name: string | undefined, password: Uint8Array | undefined): Promise<TopicRules | undefined> {
    if (name === undefined || name === "") return this.#parts.letsAnybodyIn ? everyTopic : undefined;
    const program = this.#programs.get(name);
    if (program !== undefined) {
      const isRight = program.password !== "" && this.#isSame(this.#digestOf(password ?? ""), program.password);
      return isRight ? everyTopic : undefined;
    }
    const device = this.#devices.get(name);
    if (device === undefined || password === undefined) return undefined;
    return (await this.#proves(device, password)) ? topicsOf(device.name) : undefined;
  }

  async #proves(device: DeviceLogin, password: Uint8Array): Promise<boolean> {
    const digest = this.#digestOf(password);
    const known = this.#proved.get(device.name);
    if (known !== undefined && timingSafeEqual(known, digest)) return true;
    await this.#takeTurn();
    try {
      const isRight = await this.#parts.hasher.verify(Buffer.from(password).toString("utf8"), device.password);
      // The login may have been taken away meanwhile.
      const isStill = this.#devices.get(device.name)?.password === device.password;
      if (isRight && isStill) this.#proved.set(device.name, digest);
      return isRight && isStill;
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #takeTurn(): Promise<void> {
    while (this.#running >= maxProofs) {
      const turn = Promise.withResolvers<void>();
      this.#waiting.push(turn.resolve);
      await turn.promise;
    }
    this.#running += 1;
  }

  #isSame(digest: Buffer, password: string): boolean {
    return timingSafeEqual(digest, this.#digestOf(password));
  }

  #digestOf(text: string | Uint8Array): Buffer {
    return createHash("sha256").update(this.#key).update(text).digest();
  }
}
