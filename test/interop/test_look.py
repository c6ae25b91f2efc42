"""What anybody may do: browse, read, subscribe."""

import asyncio
import unittest

from asyncua import ua
from cases import HostCase
from sessions import until, visitor

DI = "http://opcfoundation.org/UA/DI/"
FDI5 = "http://fdi-cooperation.com/OPCUA/FDI5/"


class Browse(HostCase):
    async def test_device_set_holds_the_demo_fleet(self):
        async with visitor(self.host) as client:
            di = await client.get_namespace_index(DI)
            device_set = client.get_node(ua.NodeId(5001, di))
            names = {(await child.read_browse_name()).Name for child in await device_set.get_children()}
            self.assertLessEqual({f"CB-{number:04}" for number in range(1, 13)}, names)

    async def test_a_parameter_is_found_by_names_alone(self):
        async with visitor(self.host) as client:
            di = await client.get_namespace_index(DI)
            groups = [f"{di}:DeviceSet", "1:CB-0001", f"{di}:ParameterSet"]
            parameters = await client.nodes.objects.get_child(groups)
            name = await client.get_node("ns=1;s=CB-0001/CurrentPhaseA").read_browse_name()
            found = await parameters.get_child([f"{name.NamespaceIndex}:{name.Name}"])
            self.assertEqual(found.nodeid.to_string(), "ns=1;s=CB-0001/CurrentPhaseA")

    async def test_the_type_of_a_device_derives_from_di_device_type(self):
        async with visitor(self.host) as client:
            di = await client.get_namespace_index(DI)
            node = client.get_node(await client.get_node("ns=1;s=CB-0001").read_type_definition())
            chain = []
            while node is not None:
                chain.append(node.nodeid)
                parents = await node.get_referenced_nodes(ua.ObjectIds.HasSubtype, ua.BrowseDirection.Inverse)
                node = parents[0] if parents else None
            self.assertIn(ua.NodeId(1002, di), chain)

    async def test_structures_of_fdi_are_known_from_their_definitions(self):
        async with visitor(self.host) as client:
            index = await client.get_namespace_index(FDI5)
            self.assertGreater(index, 1)
            loaded = await client.load_data_type_definitions()
            self.assertIn("ApplyResult", loaded)
            self.assertEqual(loaded["ApplyResult"]().Status, 0)


class Read(HostCase):
    async def test_a_value_comes_with_quality_time_unit_and_range(self):
        async with visitor(self.host) as client:
            node = client.get_node("ns=1;s=CB-0001/CurrentPhaseA")

            async def good():
                value = await node.read_data_value(raise_on_bad_status=False)
                return value if value.StatusCode.is_good() else None

            value = await until("a Good value", good)
            self.assertIsInstance(value.Value.Value, float)
            self.assertIsNotNone(value.SourceTimestamp)
            unit = await (await node.get_child("0:EngineeringUnits")).read_value()
            self.assertEqual((unit.DisplayName.Text, unit.UnitId), ("A", 0x414D50))
            limits = await (await node.get_child("0:EURange")).read_value()
            self.assertLess(limits.Low, limits.High)
            self.assertTrue(limits.Low <= value.Value.Value <= limits.High)

    async def test_an_enumeration_comes_with_its_names(self):
        async with visitor(self.host) as client:
            node = client.get_node("ns=1;s=CB-0001/Position")
            entries = await (await node.get_child("0:EnumValues")).read_value()
            names = {entry.Value: entry.DisplayName.Text for entry in entries}
            self.assertEqual(names, {0: "Intermediate", 1: "Open", 2: "Closed", 3: "Bad"})

    async def test_many_values_are_read_in_one_request(self):
        async with visitor(self.host) as client:
            nodes = [client.get_node(f"ns=1;s=CB-{number:04}/Frequency") for number in range(1, 13)]
            values = await client.read_values(nodes)
            self.assertEqual(len(values), 12)

    async def test_the_nameplate_says_who_made_the_device(self):
        async with visitor(self.host) as client:
            di = await client.get_namespace_index(DI)
            device = client.get_node("ns=1;s=CB-0001")
            manufacturer = await (await device.get_child(f"{di}:Manufacturer")).read_value()
            self.assertEqual(manufacturer.Text, "fdi-host project")


class Changes:
    """Collects what a subscription delivers."""

    def __init__(self):
        self.values = []

    def datachange_notification(self, _node, value, data):
        self.values.append((value, data.monitored_item.Value))


class Subscribe(HostCase):
    async def test_changes_of_several_devices_arrive(self):
        async with visitor(self.host) as client:
            changes = Changes()
            subscription = await client.create_subscription(200, changes)
            nodes = [client.get_node(f"ns=1;s=CB-{number:04}/CurrentPhaseA") for number in range(1, 7)]
            await subscription.subscribe_data_change(nodes)

            async def enough():
                return len(changes.values) >= 18 or None

            await until("three values of each", enough, 30)
            times = [value.SourceTimestamp for _, value in changes.values]
            self.assertTrue(all(time is not None for time in times))
            await subscription.delete()

    async def test_nothing_arrives_after_the_end_of_a_subscription(self):
        async with visitor(self.host) as client:
            changes = Changes()
            subscription = await client.create_subscription(100, changes)
            await subscription.subscribe_data_change(client.get_node("ns=1;s=CB-0002/CurrentPhaseA"))
            await subscription.delete()
            before = len(changes.values)
            await asyncio.sleep(1.5)
            self.assertEqual(len(changes.values), before)


if __name__ == "__main__":
    unittest.main()
