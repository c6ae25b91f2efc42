import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "architecture", include: ["test/architecture.test.ts"], isolate: false } },
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], isolate: false } },
      { test: { name: "contract", include: ["test/contract/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: "conformance", include: ["test/conformance/**/*.test.ts"], testTimeout: 30_000 } },
      {
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
