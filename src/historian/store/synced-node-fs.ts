import { fsyncSync } from "node:fs";
import type { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";

type EmscriptenOptions = Awaited<ReturnType<NodeFS["init"]>>["emscriptenOpts"];

/**
 * PGlite's file system on a folder, with the one thing it lacks: without a hook for fsync the engine's calls end in
 * nothing, and a commit that was acknowledged is lost with the power. The hook is internal to Emscripten (its system call
 * looks for `stream_ops.fsync`), so `syncs` is there to check that it is called.
 */
export class SyncedNodeFs extends NodeFS {
  #syncs = 0;

  /** How often the engine synced a file. */
  get syncs(): number {
    return this.#syncs;
  }

  override async init(pg: PGlite, options: EmscriptenOptions): Promise<{ emscriptenOpts: EmscriptenOptions }> {
    const { emscriptenOpts } = await super.init(pg, options);
    const preRun = [...(emscriptenOpts.preRun ?? []), (module: object) => this.#hook(module)];
    return { emscriptenOpts: { ...emscriptenOpts, preRun } };
  }

  #hook(module: object): void {
    if (!("NODEFS" in module)) return;
    const fileSystem = module.NODEFS;
    if (typeof fileSystem !== "object" || fileSystem === null || !("stream_ops" in fileSystem)) return;
    const operations = fileSystem.stream_ops;
    if (typeof operations !== "object" || operations === null) return;
    Object.assign(operations, {
      fsync: (stream: { readonly nfd: number }) => {
        fsyncSync(stream.nfd);
        this.#syncs += 1;
        return 0;
      },
    });
  }
}
