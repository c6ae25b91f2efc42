import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { ScenarioProblem } from "./scenario.ts";

/** A YAML value with the line it stands on. */
export interface Located {
  readonly value: unknown;
  readonly line: number;
}

export type LocatedMap = ReadonlyMap<string, Located>;

/** Reads one YAML document and remembers where everything stands; collects problems instead of stopping at the first. */
export class YamlReader {
  readonly problems: ScenarioProblem[] = [];
  readonly root: Located;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    const document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: true });
    for (const { pos, message } of document.errors) {
      this.problem(this.#lines.linePos(pos[0]).line, message.split("\n")[0] ?? "not YAML");
    }
    this.root = this.#located(document.contents, 1);
  }

  problem(line: number, message: string): void {
    this.problems.push({ line, message });
  }

  /** The members of a mapping; a problem (and no members) for anything else, a problem for each unknown member. */
  members(from: Located, what: string, allowed?: readonly string[]): LocatedMap {
    const { value, line } = from;
    if (!isMap(value)) {
      this.problem(line, `${what}: expected members`);
      return new Map();
    }
    const members = new Map<string, Located>();
    for (const { key, value: member } of value.items) {
      const { value: name, line: keyLine } = this.#located(key, line);
      if (allowed !== undefined && !allowed.includes(String(name))) {
        this.problem(keyLine, `${what}: ${String(name)} is unknown (expected ${allowed.join(", ")})`);
      } else {
        members.set(String(name), { ...this.#located(member, keyLine), line: keyLine });
      }
    }
    return members;
  }

  /** The items of a list; a problem (and no items) for anything else. */
  items(from: Located, what: string): readonly Located[] {
    const { value, line } = from;
    if (isSeq(value)) return value.items.map((item) => this.#located(item, line));
    this.problem(line, `${what}: expected a list`);
    return [];
  }

  /** Plain JavaScript value of something located. */
  plain({ value }: Located): unknown {
    if (isMap(value) || isSeq(value)) return value.toJSON();
    return value;
  }

  #located(node: unknown, otherwise: number): Located {
    const range = isScalar(node) || isMap(node) || isSeq(node) ? node.range : undefined;
    const line = range === undefined || range === null ? otherwise : this.#lines.linePos(range[0]).line;
    return { value: isScalar(node) ? node.value : node, line };
  }
}
