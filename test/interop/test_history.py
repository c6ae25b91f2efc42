"""Trends: values are written by HistoryUpdate and read back raw, processed, at instants and as modified."""

import os
import unittest
from datetime import datetime, timedelta, timezone

from asyncua import ua
from cases import HostCase
from sessions import admin, fails_with, visitor

# A million takes asyncua some minutes: INTEROP_HISTORY_VALUES=1000000 bash .ci/interop
VALUES = int(os.environ.get("INTEROP_HISTORY_VALUES", "200000"))
PER_UPDATE = 10_000
START = datetime(2021, 3, 1, tzinfo=timezone.utc)
STEP = timedelta(milliseconds=100)


def rows(first: int, count: int, value_of=float):
    return [
        ua.DataValue(
            ua.Variant(value_of(i), ua.VariantType.Float),
            ua.StatusCode(ua.StatusCodes.Good),
            SourceTimestamp=START + i * STEP,
        )
        for i in range(first, first + count)
    ]


async def write(node, mode, values):
    details = ua.UpdateDataDetails(NodeId=node.nodeid, PerformInsertReplace=mode, UpdateValues=values)
    return await node.history_update(details)


async def read(node, details):
    result = await node.history_read(details)
    result.StatusCode.check()
    return result.HistoryData


class RawHistory(HostCase):
    async def test_many_values_written_by_an_administrator_are_paged_back_in_both_directions(self):
        async with admin(self.host) as client:
            node = client.get_node("ns=1;s=CB-0004/Frequency")
            for first in range(0, VALUES, PER_UPDATE):
                result = await write(node, ua.PerformUpdateType.Insert, rows(first, min(PER_UPDATE, VALUES - first)))
                self.assertTrue(result.StatusCode.is_good())
            end = START + VALUES * STEP
            values = await node.read_raw_history(START, end, return_bounds=False)
            self.assertEqual(len(values), VALUES)
            self.assertTrue(all(value.Value.Value == i for i, value in enumerate(values)))
            self.assertEqual(values[-1].SourceTimestamp, (end - STEP).replace(tzinfo=values[-1].SourceTimestamp.tzinfo))
            backwards = await node.read_raw_history(end, START - STEP, return_bounds=False)
            self.assertEqual([value.Value.Value for value in backwards], [float(VALUES - 1 - i) for i in range(VALUES)])

    async def test_a_visitor_reads_but_does_not_write(self):
        async with visitor(self.host) as client:
            node = client.get_node("ns=1;s=CB-0005/Frequency")
            await fails_with("BadUserAccessDenied", write_checked(node))


async def write_checked(node):
    result = await write(node, ua.PerformUpdateType.Insert, rows(0, 1))
    result.StatusCode.check()


class OtherHistory(HostCase):
    async def test_aggregates_instants_and_what_was_there_before(self):
        async with admin(self.host) as client:
            node = client.get_node("ns=1;s=CB-0006/Frequency")
            await write(node, ua.PerformUpdateType.Insert, rows(0, 100))

            processed = ua.ReadProcessedDetails(
                StartTime=START,
                EndTime=START + 100 * STEP,
                ProcessingInterval=5000.0,
                AggregateType=[ua.NodeId(ua.ObjectIds.AggregateFunction_Average)],
                AggregateConfiguration=ua.AggregateConfiguration(UseServerCapabilitiesDefaults=True),
            )
            averages = (await read(node, processed)).DataValues
            self.assertEqual([value.Value.Value for value in averages], [24.5, 74.5])

            instants = ua.ReadAtTimeDetails(ReqTimes=[START + 10.5 * STEP, START + 7 * STEP], UseSimpleBounds=False)
            values = (await read(node, instants)).DataValues
            self.assertEqual([value.Value.Value for value in values], [10.5, 7.0])

            result = await write(node, ua.PerformUpdateType.Replace, rows(3, 1, lambda _: 99.0))
            self.assertEqual([code.name for code in result.OperationResults], ["GoodEntryReplaced"])
            modified = ua.ReadRawModifiedDetails(
                IsReadModified=True, StartTime=START, EndTime=START + 4 * STEP, ReturnBounds=False
            )
            before = await read(node, modified)
            self.assertEqual(before.DataValues[-2].Value.Value, 3.0)
            self.assertEqual(before.ModificationInfos[-2].UpdateType, ua.HistoryUpdateType.Replace)
            self.assertEqual(before.ModificationInfos[-2].UserName, "admin")


if __name__ == "__main__":
    unittest.main()
