"""What operators do with alarms: see, acknowledge, comment, shelve, suppress, disable, refresh."""

from contextlib import asynccontextmanager

from asyncua import ua
from cases import HostCase
from sessions import admin, fails_with, until, visitor

FIELDS = [
    "EventId",
    "EventType",
    "SourceName",
    "Severity",
    "ConditionName",
    "Retain",
    "EnabledState/Id",
    "ActiveState/Id",
    "AckedState/Id",
    "ShelvingState/CurrentState",
    "SuppressedState/Id",
    "OutOfServiceState/Id",
    "LatchedState/Id",
    "Comment",
    "ClientUserId",
]

ACKNOWLEDGE = ua.ObjectIds.AcknowledgeableConditionType_Acknowledge
ADD_COMMENT = ua.ObjectIds.ConditionType_AddComment
DISABLE = ua.ObjectIds.ConditionType_Disable
ENABLE = ua.ObjectIds.ConditionType_Enable
ONE_SHOT_SHELVE = ua.ObjectIds.ShelvedStateMachineType_OneShotShelve
PLACE_IN_SERVICE = ua.ObjectIds.AlarmConditionType_PlaceInService
REFRESH = ua.ObjectIds.ConditionType_ConditionRefresh
REMOVE_FROM_SERVICE = ua.ObjectIds.AlarmConditionType_RemoveFromService
RESET = ua.ObjectIds.AlarmConditionType_Reset
SUPPRESS = ua.ObjectIds.AlarmConditionType_Suppress
TIMED_SHELVE = ua.ObjectIds.ShelvedStateMachineType_TimedShelve
UNSHELVE = ua.ObjectIds.ShelvedStateMachineType_Unshelve
UNSUPPRESS = ua.ObjectIds.AlarmConditionType_Unsuppress

MINUTE_MS = ua.Variant(60_000.0, ua.VariantType.Double)


def field(path):
    names = [ua.QualifiedName(name) for name in path.split("/")]
    return ua.SimpleAttributeOperand(
        TypeDefinitionId=ua.NodeId(ua.ObjectIds.BaseEventType), BrowsePath=names, AttributeId=ua.AttributeIds.Value
    )


def condition_id():
    return ua.SimpleAttributeOperand(
        TypeDefinitionId=ua.NodeId(ua.ObjectIds.ConditionType), BrowsePath=[], AttributeId=ua.AttributeIds.NodeId
    )


def alarm_filter():
    """All conditions; the events that frame a refresh come whatever a filter says."""
    of_type = ua.ContentFilterElement(
        FilterOperator=ua.FilterOperator.OfType,
        FilterOperands=[ua.LiteralOperand(Value=ua.Variant(ua.NodeId(ua.ObjectIds.ConditionType)))],
    )
    clauses = [*map(field, FIELDS), condition_id()]
    return ua.EventFilter(SelectClauses=clauses, WhereClause=ua.ContentFilter(Elements=[of_type]))


def plain(variant):
    return variant.Value.Text if isinstance(variant.Value, ua.LocalizedText) else variant.Value


class AlarmList:
    """Every event of a subscription as a dictionary by field, and what can be done with it."""

    def __init__(self, client):
        self._client = client
        self.events = []
        self.subscription = None

    def event_notification(self, event):
        self.events.append(dict(zip([*FIELDS, "ConditionId"], map(plain, event.event_fields))))

    async def see(self, condition, wanted, within_s=20):
        """The newest event of a condition once it is as wanted."""

        async def newest():
            events = [event for event in self.events if event["ConditionId"] == condition]
            return events[-1] if events and wanted.items() <= events[-1].items() else None

        return await until(f"{condition} with {wanted}", newest, within_s)

    async def call(self, method, condition, *inputs):
        return await self._client.get_node(condition).call_method(ua.NodeId(method), *inputs)

    async def answer(self, method, event, comment):
        event_id = ua.Variant(event["EventId"], ua.VariantType.ByteString)
        return await self.call(method, event["ConditionId"], event_id, ua.Variant(ua.LocalizedText(comment)))

    async def refresh(self):
        """The events between the start and the end of a ConditionRefresh."""
        self.events.clear()
        subscription_id = ua.Variant(self.subscription.subscription_id, ua.VariantType.UInt32)
        await self.call(REFRESH, ua.NodeId(ua.ObjectIds.ConditionType), subscription_id)
        start, end = ua.NodeId(ua.ObjectIds.RefreshStartEventType), ua.NodeId(ua.ObjectIds.RefreshEndEventType)

        async def framed():
            types = [event["EventType"] for event in self.events]
            return self.events[types.index(start) + 1 : types.index(end)] if end in types else None

        # An empty list is an answer, too.
        return (await until("the end of the refresh", lambda: boxed(framed)))[0]


async def boxed(probe):
    found = await probe()
    return None if found is None else (found,)


@asynccontextmanager
async def alarm_list(client, evfilter=None):
    alarms = AlarmList(client)
    alarms.subscription = await client.create_subscription(50, alarms)
    await alarms.subscription.subscribe_alarms_and_conditions(evfilter=evfilter or alarm_filter())
    yield alarms
    await alarms.subscription.delete()


async def demo_trip(alarms):
    """The trip that the demo stages within a minute, newest event first seen; it stays latched until it is reset."""
    alarms.events.extend(await alarms.refresh())

    async def trip():
        trips = [e for e in alarms.events if str(e["ConditionName"]).endswith("Trip") and e["ActiveState/Id"]]
        return trips[-1] if trips else None

    return await until("a trip of the demo", trip, 90)


class Alarms(HostCase):
    async def test_an_alarm_goes_through_its_life(self):
        async with admin(self.host) as client, alarm_list(client) as alarms:
            active = await demo_trip(alarms)
            condition = active["ConditionId"]
            self.assertGreaterEqual(active["Severity"], 900)
            self.assertEqual(condition.Identifier, f"{active['SourceName']}/Alarms/{active['ConditionName']}")

            with self.subTest("comment"):
                await alarms.answer(ADD_COMMENT, active, "on it")
                await alarms.see(condition, {"Comment": "on it", "ClientUserId": "admin"})
            with self.subTest("acknowledge"):
                await fails_with("BadEventIdUnknown", alarms.answer(ACKNOWLEDGE, {**active, "EventId": b"x" * 16}, ""))
                await alarms.answer(ACKNOWLEDGE, active, "line was checked")
                acked = await alarms.see(condition, {"AckedState/Id": True, "Comment": "line was checked"})
                await fails_with("BadConditionBranchAlreadyAcked", alarms.answer(ACKNOWLEDGE, acked, ""))
            with self.subTest("refresh while it is active and acknowledged"):
                again = [e for e in await alarms.refresh() if e["ConditionId"] == condition]
                self.assertEqual([(e["ActiveState/Id"], e["AckedState/Id"]) for e in again], [(True, True)])
            with self.subTest("shelving"):
                await alarms.call(TIMED_SHELVE, condition, MINUTE_MS)
                await alarms.see(condition, {"ShelvingState/CurrentState": "Timed Shelved"})
                await fails_with("BadConditionAlreadyShelved", alarms.call(ONE_SHOT_SHELVE, condition))
                await alarms.call(UNSHELVE, condition)
                await alarms.see(condition, {"ShelvingState/CurrentState": "Unshelved"})
            with self.subTest("suppression and service"):
                await alarms.call(SUPPRESS, condition)
                await alarms.see(condition, {"SuppressedState/Id": True})
                await alarms.call(UNSUPPRESS, condition)
                await alarms.call(REMOVE_FROM_SERVICE, condition)
                await alarms.see(condition, {"OutOfServiceState/Id": True, "SuppressedState/Id": False})
                await alarms.call(PLACE_IN_SERVICE, condition)
            with self.subTest("reset, once the cause has gone"):
                await alarms.see(condition, {"LatchedState/Id": True}, 60)
                await alarms.call(RESET, condition)
                gone = await alarms.see(condition, {"ActiveState/Id": False})
                self.assertFalse(gone["Retain"])
            with self.subTest("enabling"):
                await alarms.call(DISABLE, condition)
                await alarms.see(condition, {"EnabledState/Id": False, "Retain": False})
                await fails_with("BadConditionAlreadyDisabled", alarms.call(DISABLE, condition))
                await alarms.call(ENABLE, condition)

    async def test_a_visitor_sees_alarms_and_may_not_touch_them(self):
        async with visitor(self.host) as client, alarm_list(client) as alarms:
            await alarms.refresh()
            condition = ua.NodeId("CB-0001/Alarms/TemperatureHigh", 1)
            await fails_with("BadUserAccessDenied", alarms.call(SUPPRESS, condition))

    async def test_the_filter_that_asyncua_makes_of_a_type_is_accepted(self):
        async with admin(self.host) as client:
            subscription = await client.create_subscription(50, AlarmList(client))
            await subscription.subscribe_alarms_and_conditions(evtypes=ua.ObjectIds.TripAlarmType)
            await subscription.subscribe_events(evtypes=ua.ObjectIds.BaseEventType)
            await subscription.delete()
