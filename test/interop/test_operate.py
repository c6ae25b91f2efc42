"""What users may do: log in, call, read history."""

import asyncio
from datetime import datetime, timedelta, timezone

from asyncua import ua
from cases import HostCase
from sessions import admin, fails_with, method_named, until, user, visitor


async def position(client, device):
    return await client.get_node(f"ns=1;s={device}/Position").read_value()


async def operate(client, device, name):
    method_set = client.get_node(f"ns=1;s={device}/MethodSet")
    await method_set.call_method(await method_named(client, device, name), "interop")


async def is_at(client, device, wanted):
    async def there():
        return (await position(client, device)) == wanted or None

    await until(f"{device} at position {wanted}", there)


class Login(HostCase):
    async def test_a_user_with_the_password_gets_a_secure_session(self):
        async with admin(self.host) as client:
            self.assertEqual(await client.nodes.server_state.read_value(), 0)

    async def test_a_wrong_password_is_refused(self):
        for name, password in (("admin", "wrong"), ("nobody", "wrong")):
            with self.subTest(name):
                await fails_with("BadUserAccessDenied", self._log_in(name, password))

    async def _log_in(self, name, password):
        async with user(self.host, name, password):
            return "a session"


class Call(HostCase):
    async def test_trip_and_close_answer_when_the_breaker_has_moved(self):
        async with admin(self.host) as client:
            await is_at(client, "CB-0003", 2)
            await operate(client, "CB-0003", "Trip")
            self.assertEqual(await position(client, "CB-0003"), 1)
            await operate(client, "CB-0003", "Close")
            self.assertEqual(await position(client, "CB-0003"), 2)

    async def test_a_visitor_may_not_trip(self):
        async with visitor(self.host) as client:
            await is_at(client, "CB-0004", 2)
            await fails_with("BadSecurityModeInsufficient", operate(client, "CB-0004", "Trip"))
            self.assertEqual(await position(client, "CB-0004"), 2)

    async def test_commands_to_several_breakers_run_side_by_side(self):
        devices = ["CB-0005", "CB-0006", "CB-0007", "CB-0008"]
        async with admin(self.host) as client:
            for device in devices:
                await is_at(client, device, 2)
            await asyncio.gather(*(operate(client, device, "Trip") for device in devices))
            self.assertEqual([await position(client, device) for device in devices], [1, 1, 1, 1])


class History(HostCase):
    async def test_what_was_seen_is_what_was_stored(self):
        async with admin(self.host) as client:
            node = client.get_node("ns=1;s=CB-0002/CurrentPhaseA")
            seen = {}

            async def five():
                value = await node.read_data_value()
                seen[value.SourceTimestamp] = value.Value.Value
                return len(seen) >= 5 or None

            await until("five values", five, 30)
            start, end = min(seen), max(seen) + timedelta(milliseconds=1)

            async def stored():
                history = await node.read_raw_history(start, end)
                found = {value.SourceTimestamp: value.Value.Value for value in history}
                return found if seen.keys() <= found.keys() else None

            found = await until("the values in history", stored)
            self.assertEqual({time: found[time] for time in seen}, seen)

    async def test_history_is_read_in_pages_and_backwards(self):
        async with admin(self.host) as client:
            node = client.get_node("ns=1;s=CB-0010/CurrentPhaseB")
            start = datetime.now(timezone.utc) - timedelta(minutes=10)

            async def eight():
                history = await node.read_raw_history(start, datetime.now(timezone.utc))
                return history if len(history) >= 8 else None

            history = await until("eight stored values", eight, 30)
            newest = await node.read_raw_history(None, history[-1].SourceTimestamp, numvalues=3)
            times = [value.SourceTimestamp for value in history]
            self.assertEqual(times, sorted(times))
            self.assertEqual([value.SourceTimestamp for value in newest], times[-1:-4:-1])


class Write(HostCase):
    async def test_a_measurement_cannot_be_written(self):
        async with admin(self.host) as client:
            node = client.get_node("ns=1;s=CB-0001/CurrentPhaseA")
            value = ua.DataValue(ua.Variant(1.0, ua.VariantType.Float))
            await fails_with("BadNotWritable", node.write_value(value))

    async def test_a_setting_is_written_when_the_breaker_has_taken_it(self):
        async with admin(self.host) as client:
            node = client.get_node("ns=1;s=CB-0002/ThermalDelay")

            async def known():
                return (await node.read_data_value(raise_on_bad_status=False)).StatusCode.is_good() or None

            await until("the setting", known)
            before = await node.read_value()
            after = 9.0 if before != 9.0 else 10.0
            await node.write_value(ua.DataValue(ua.Variant(after, ua.VariantType.Float)))
            self.assertEqual(await node.read_value(), after)
            out_of_range = ua.DataValue(ua.Variant(1000.0, ua.VariantType.Float))
            await fails_with("BadOutOfRange", node.write_value(out_of_range))
            self.assertEqual(await node.read_value(), after)

    async def test_a_locked_breaker_takes_settings_from_its_holder_only(self):
        async with admin(self.host) as holder, admin(self.host) as other:
            lock = holder.get_node("ns=1;s=CB-0002/Lock")
            di = await holder.get_namespace_index("http://opcfoundation.org/UA/DI/")
            self.assertEqual(await lock.call_method(ua.NodeId(6393, di), "interop"), 0)
            setting = other.get_node("ns=1;s=CB-0002/ThermalDelay")
            await fails_with("BadLocked", setting.write_value(ua.DataValue(ua.Variant(8.0, ua.VariantType.Float))))
            self.assertEqual(await lock.call_method(ua.NodeId(6398, di)), 0)

    async def test_people_name_breakers(self):
        async with admin(self.host) as client:
            node = client.get_node("ns=1;s=CB-0002/Nameplate/AssetId")
            await node.write_value(ua.DataValue(ua.Variant("A-17", ua.VariantType.String)))
            self.assertEqual(await node.read_value(), "A-17")
