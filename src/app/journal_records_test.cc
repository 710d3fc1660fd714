#include "app/journal_records.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gaon::app {
namespace {

using broker::RecordKind;

// One of each kind, as the broker writes them.
struct JournalRecords : testing::Test {
  JournalRecords() {
    client.number = {1};
    client.kept = true;
    client.session.client_id = "c";
    client.will = std::make_unique<broker::Will>(broker::Will{.message = message});
    records.session(client);
    records.anew(client);
    records.online(client);
    records.offline(client);
    records.will(client);
    client.will.reset();
    records.will(client);
    records.subscribed(client, "t", {.no_local = true, .qos = mqtt::QoS::exactly_once});
    records.unsubscribed(client, "t");
    const std::uint32_t ids[] = {3, 4};
    records.queued(client, {.message = message, .qos = mqtt::QoS::at_least_once, .subscription_ids = ids}, 1,
                   broker::CopyState::received, 0);
    records.sending(client, 2);
    records.named(client, 1, 2);
    records.received(client, 1);
    records.finished(client, Copy({.message = message, .qos = mqtt::QoS::at_least_once}));
    records.held(client, 2);
    records.routing(message);
    records.routed({9});
    records.released(client, 2);
    records.retained(message);
    records.group({5}, "g/t");
    records.group_queued({5}, message);
    records.group_done({5}, {9});
    records.group_ended({5});
    records.ended(client);
  }

  // What is wrong with one record alone.
  static std::string fault(RecordKind kind, std::vector<std::uint8_t> body) {
    Buffer bytes;
    bytes.u32(static_cast<std::uint32_t>(body.size() + 1));
    bytes.u8(static_cast<std::uint8_t>(kind));
    bytes.append(body);
    const auto faults = record_faults(bytes.view());
    return faults.empty() ? "" : faults.front().what;
  }

  Message message = Message::make({.id = {9}, .qos = mqtt::QoS::exactly_once, .topic = "t"});
  broker::Client client;
  broker::Records records{true};
};

TEST_F(JournalRecords, whatever_the_broker_writes_is_good) {
  for (const RecordFault& fault : record_faults(records.bytes().view()))
    ADD_FAILURE() << fault.offset << ": " << fault.what;
}

TEST_F(JournalRecords, every_kind_is_in_the_table_and_in_this_test) {
  std::vector<bool> seen(256);
  Reader reader(records.bytes().view());
  while (const auto record = broker::next_record(reader)) seen[static_cast<std::size_t>(record->kind)] = true;
  for (const RecordShape& shape : record_shapes()) EXPECT_TRUE(seen[static_cast<std::size_t>(shape.kind)]);
  EXPECT_EQ(record_shapes().size(), static_cast<std::size_t>(std::ranges::count(seen, true)));
  EXPECT_EQ(record_shapes().back().kind, RecordKind::group_done);
  EXPECT_EQ(record_shapes().size(), static_cast<std::size_t>(RecordKind::group_done));
}

TEST_F(JournalRecords, a_record_cut_off_anywhere_is_a_fault) {
  const ByteView whole = records.bytes().view();
  std::vector<std::size_t> ends = {0};
  Reader reader(whole);
  while (const auto record = broker::next_record(reader))
    ends.push_back(static_cast<std::size_t>(record->whole.data() - whole.data()) + record->whole.size());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const bool between = std::ranges::find(ends, size) != ends.end();
    EXPECT_EQ(record_faults(whole.first(size)).empty(), between) << size;
  }
}

TEST_F(JournalRecords, what_is_wrong_is_said) {
  EXPECT_EQ(fault(static_cast<RecordKind>(99), {}), "a record of kind 99, which does not exist");
  EXPECT_EQ(fault(RecordKind::online, {0, 0, 0, 0, 0, 0, 0}), "a record 'online' that makes no sense");
  EXPECT_EQ(fault(RecordKind::online, {0, 0, 0, 0, 0, 0, 0, 1, 0}), "a record 'online' that is too long");
  EXPECT_EQ(fault(RecordKind::retained, {}), "a record 'retained', but no message comes before it");
}

}  // namespace
}  // namespace gaon::app
