"""What a client gets wrong: the right Bad code, and the host goes on."""

from asyncua import ua
from cases import HostCase
from sessions import admin, fails_with, method_named, visitor

DEVICE = "CB-0002"


class Arguments(HostCase):
    async def _trip(self, client, *arguments):
        method_set = client.get_node(f"ns=1;s={DEVICE}/MethodSet")
        return await method_set.call_method(await method_named(client, DEVICE, "Trip"), *arguments)

    async def test_missing(self):
        async with admin(self.host) as client:
            await fails_with("BadArgumentsMissing", self._trip(client))

    async def test_too_many(self):
        async with admin(self.host) as client:
            await fails_with("BadTooManyArguments", self._trip(client, "a", "b"))

    async def test_of_the_wrong_type(self):
        async with admin(self.host) as client:
            for argument in (
                ua.Variant(5, ua.VariantType.Int32),
                ua.Variant(["a", "b"], ua.VariantType.String),
                ua.Variant(b"abc", ua.VariantType.ByteString),
            ):
                with self.subTest(argument):
                    await fails_with("BadInvalidArgument", self._trip(client, argument))

    async def test_for_a_method_of_another_object(self):
        async with admin(self.host) as client:
            trip = await method_named(client, DEVICE, "Trip")
            parameters = client.get_node(f"ns=1;s={DEVICE}/ParameterSet")
            await fails_with("BadMethodInvalid", parameters.call_method(trip, ""))


class Nodes(HostCase):
    async def test_that_are_not_there(self):
        async with visitor(self.host) as client:
            for name in ("nobody", f"{DEVICE}/NoSuchParameter", "", "x" * 4096):
                with self.subTest(name[:20]):
                    node = client.get_node(ua.NodeId(name, 1))
                    await fails_with("BadNodeIdUnknown", node.read_value())

    async def test_of_a_namespace_that_is_not_there(self):
        async with visitor(self.host) as client:
            await fails_with("BadNodeIdUnknown", client.get_node("ns=999;i=1").read_value())

    async def test_whose_path_leads_nowhere(self):
        async with visitor(self.host) as client:
            await fails_with("BadNoMatch", client.nodes.objects.get_child("1:NoSuchThing"))

    async def test_without_a_value(self):
        async with visitor(self.host) as client:
            await fails_with("BadAttributeIdInvalid", client.get_node(f"ns=1;s={DEVICE}").read_value())

    async def test_that_cannot_be_written_by_a_visitor(self):
        async with visitor(self.host) as client:
            node = client.get_node(f"ns=1;s={DEVICE}/CurrentPhaseA")
            with self.assertRaises(ua.UaStatusCodeError):
                await node.write_value(ua.DataValue(ua.Variant(1.0, ua.VariantType.Float)))


class Requests(HostCase):
    async def test_with_more_nodes_than_the_server_takes(self):
        async with visitor(self.host) as client:
            limits = await client.nodes.server.get_child(
                ["0:ServerCapabilities", "0:OperationLimits", "0:MaxNodesPerRead"]
            )
            count = await limits.read_value() + 1
            nodes = [client.get_node("i=2258")] * count
            await fails_with("BadTooManyOperations", client.read_values(nodes))

    async def test_that_ask_for_nothing(self):
        async with visitor(self.host) as client:
            await fails_with("BadNothingToDo", client.uaclient.read(ua.ReadParameters()))

    async def test_leave_the_host_running_for_others(self):
        self.assertTrue(self.host.is_running())
        async with visitor(self.host) as client:
            self.assertEqual(await client.nodes.server_state.read_value(), 0)
