import { type Argument, AttributeIds, BrowseDirection } from "node-opcua-client";
import { expect, it } from "vitest";
import { methodShapesOf } from "#opcua/method-arguments.ts";
import { conformanceUnit } from "./conformance.ts";

conformanceUnit("Address Space Method", (context) => {
  it("shows every command of the package, and what the host adds, as executable Methods that describe their arguments", async () => {
    const { client, fixture } = context();
    const shapes = methodShapesOf(fixture.device("CB-0001").package);
    const { references } = await client.session.browse({
      nodeId: "ns=1;s=CB-0001/MethodSet",
      referenceTypeId: "HasComponent",
      browseDirection: BrowseDirection.Forward,
      nodeClassMask: 4,
      resultMask: 63,
    });
    const methods = new Map((references ?? []).map(({ browseName, nodeId }) => [browseName.name, nodeId.toString()]));

    expect(new Set(methods.keys())).toEqual(new Set(shapes.map(({ name }) => name)));
    for (const { name, inputs } of shapes) {
      const nodeId = methods.get(name) ?? "";
      const executable = await client.session.read({ nodeId, attributeId: AttributeIds.Executable });
      const { inputArguments } = await client.session.getArgumentDefinition(nodeId);

      expect(executable.value.value).toBe(true);
      expect(inputArguments.map((argument: Argument) => argument.name)).toEqual(inputs.map((input) => input.name));
      for (const { description } of inputArguments) expect(description.text).not.toBe("");
    }
  });
});
