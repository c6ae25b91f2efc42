import { createHash, timingSafeEqual } from "node:crypto";
import { everyTopic, type TopicRules, topicsOf } from "./topic-rules.ts";

export interface BrokerUser {
  readonly name: string;
  /** Generated for this installation, never chosen: one fast hash is enough to compare it. */
  readonly password: string;
  /** True: a program that speaks for many, e.g. the host. False: one device, which has its own topics only. */
  readonly speaksForMany: boolean;
}

/** Who may connect to the embedded broker, and with which topics. */
export class BrokerUsers {
  readonly #users: ReadonlyMap<string, BrokerUser>;
  readonly #letsAnybodyIn: boolean;

  /** `letsAnybodyIn`: also clients without a name, as in the demo on loopback. */
  constructor(users: readonly BrokerUser[], letsAnybodyIn: boolean) {
    this.#users = new Map(users.map((user) => [user.name, user]));
    this.#letsAnybodyIn = letsAnybodyIn;
  }

  /** What a client may do; undefined when it may not connect. A name with a wrong password never counts as no name. */
  rulesOf(name: string | undefined, password: Uint8Array | undefined): TopicRules | undefined {
    if (name === undefined || name === "") return this.#letsAnybodyIn ? everyTopic : undefined;
    const user = this.#users.get(name);
    const isRight = timingSafeEqual(digestOf(password ?? ""), digestOf(user?.password ?? ""));
    if (user === undefined || !isRight || user.password === "") return undefined;
    return user.speaksForMany ? everyTopic : topicsOf(user.name);
  }
}

function digestOf(text: string | Uint8Array): Buffer {
  return createHash("sha256").update(text).digest();
}
