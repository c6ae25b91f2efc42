import { Type } from "typebox";
import { expect, it } from "vitest";
import { validatorCompiler } from "#rest/server/validation.ts";

it("tells a caller who misnames a member which ones there are", () => {
  const schema = Type.Object({ user: Type.String(), password: Type.String() }, { additionalProperties: false });
  const validate = validatorCompiler({ schema, method: "POST", url: "/", httpPart: "body" });

  const result: unknown = validate({ name: "anna", user: "anna", password: "secret" });

  expect(result).toMatchObject({
    error: { message: "body has unknown members: name (there are: user, password)" },
  });
});
