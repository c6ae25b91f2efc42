import { CallMethodRequest, type CallMethodResult } from "node-opcua-client";
import { expect, it } from "vitest";
import type { ScadaClient } from "../../support/opcua-client.ts";
import { conformanceUnit } from "./conformance.ts";
import { breakerUri, diUri, indexOf } from "./namespaces.ts";

const methodSet = "ns=1;s=CB-0005/MethodSet";
const reason = { dataType: "String", value: "maintenance" } as const;

conformanceUnit("Method Call", (context) => {
  async function trip(client: ScadaClient): Promise<string> {
    const di = await indexOf(client, diUri);
    const breaker = await indexOf(client, breakerUri);
    return client.browse(`/${di}:DeviceSet/1:CB-0005/${di}:MethodSet/${breaker}:Trip`);
  }

  async function call(inputArguments: object[], objectId = methodSet): Promise<CallMethodResult> {
    const { client } = context();
    return client.session.call(new CallMethodRequest({ objectId, methodId: await trip(client), inputArguments }));
  }

  it("answers Good once the breaker has reported that it is open", async () => {
    const { client, fixture } = context();
    fixture.feed("CB-0005", { Position: 2 });
    fixture.obeyCommands();

    const result = await call([reason]);

    expect(result.statusCode.name).toBe("Good");
    expect((await client.read("ns=1;s=CB-0005/Position")).value.value).toBe(1);
  });

  it("answers wrong arguments with the status of the reason", async () => {
    expect((await call([])).statusCode.name).toBe("BadArgumentsMissing");
    expect((await call([reason, reason])).statusCode.name).toBe("BadTooManyArguments");
    const wrong = await call([{ dataType: "Double", value: 1 }]);
    expect(wrong.statusCode.name).toBe("BadInvalidArgument");
    expect(wrong.inputArgumentResults?.map(({ name }) => name)).toEqual(["BadTypeMismatch"]);
  });

  it("answers objects and methods that do not belong together with the status of the reason", async () => {
    const { client } = context();
    const onUnknownObject = await call([reason], "ns=1;s=nobody/MethodSet");
    const onOtherObject = await call([reason], "ns=1;s=CB-0005/ParameterSet");
    const unknownMethod = await client.session.call({ objectId: methodSet, methodId: "ns=1;s=nothing" });

    expect(onUnknownObject.statusCode.name).toBe("BadNodeIdUnknown");
    expect(onOtherObject.statusCode.name).toBe("BadMethodInvalid");
    expect(unknownMethod.statusCode.name).toBe("BadMethodInvalid");
  });

  it("is refused to a user without the role, and on a connection that is not encrypted", async () => {
    const { fixture } = context();
    await using viewer = await fixture.as("viewer", "look");
    await using visitor = await fixture.visitor();
    const codeFor = async (by: typeof viewer): Promise<string> => {
      const request = { objectId: methodSet, methodId: await trip(by), inputArguments: [reason] };
      return (await by.session.call(request)).statusCode.name;
    };

    expect(await codeFor(viewer)).toBe("BadUserAccessDenied");
    expect(await codeFor(visitor)).toBe("BadSecurityModeInsufficient");
  });
});
