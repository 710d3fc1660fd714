#include "net/mailbox.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <memory>
#include <thread>

namespace gaon::net {
namespace {

bool readable(const Waker& waker) {
  pollfd waiting{.fd = waker.descriptor(), .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, 0) == 1;
}

TEST(Waker, shows_on_its_descriptor_until_settled) {
  Waker waker;
  ASSERT_TRUE(waker.open());
  EXPECT_FALSE(readable(waker));
  waker.wake();
  waker.wake();
  EXPECT_TRUE(readable(waker));
  EXPECT_TRUE(waker.settle());
  EXPECT_FALSE(readable(waker));
  EXPECT_FALSE(waker.settle());
  waker.wake();
  EXPECT_TRUE(readable(waker));
}

TEST(Waker, remembers_without_a_descriptor) {
  Waker waker;
  EXPECT_FALSE(waker.settle());
  waker.wake();
  EXPECT_TRUE(waker.settle());
  EXPECT_FALSE(waker.settle());
}

TEST(Mailbox, hands_over_in_order_and_leaves_the_batch_empty) {
  Waker waker;
  Mailbox<std::unique_ptr<int>> mailbox(waker);
  std::vector<std::unique_ptr<int>> batch;
  for (int i = 0; i < 3; ++i) batch.push_back(std::make_unique<int>(i));
  const std::size_t capacity = batch.capacity();
  mailbox.put(batch);
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.capacity(), capacity);
  batch.push_back(std::make_unique<int>(3));
  mailbox.put(batch);
  EXPECT_EQ(mailbox.size(), 4U);

  std::vector<std::unique_ptr<int>> out;
  ASSERT_TRUE(mailbox.take(out));
  ASSERT_EQ(out.size(), 4U);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(*out[static_cast<std::size_t>(i)], i);
  EXPECT_TRUE(mailbox.empty());
  out.clear();
  EXPECT_FALSE(mailbox.take(out));
}

TEST(Mailbox, wakes_only_when_it_was_empty) {
  Waker waker;
  Mailbox<int> mailbox(waker);
  std::vector<int> batch;
  mailbox.put(batch);
  EXPECT_FALSE(waker.settle());
  batch = {1};
  mailbox.put(batch);
  EXPECT_TRUE(waker.settle());
  batch = {2};
  mailbox.put(batch);
  EXPECT_FALSE(waker.settle());
  std::vector<int> out;
  mailbox.take(out);
  batch = {3};
  mailbox.put(batch);
  EXPECT_TRUE(waker.settle());
}

struct Note {
  int producer;
  int number;
};

TEST(Mailbox, loses_nothing_between_threads) {
  constexpr int kProducers = 2;
  constexpr int kNotes = 20000;
  Waker waker;
  ASSERT_TRUE(waker.open());
  Mailbox<Note> mailbox(waker);
  const auto produce = [&mailbox](int producer) {
    std::vector<Note> batch;
    for (int i = 0; i < kNotes; ++i) {
      batch.push_back({producer, i});
      if (i % 7 == 0 || i + 1 == kNotes) mailbox.put(batch);
    }
  };
  std::thread first(produce, 0);
  std::thread second(produce, 1);

  int next[kProducers] = {0, 0};
  std::vector<Note> out;
  while (next[0] < kNotes || next[1] < kNotes) {
    // A lost wake-up shows as a wait that ends without an event.
    pollfd waiting{.fd = waker.descriptor(), .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, 60000) != 1) break;
    waker.settle();
    if (!mailbox.take(out)) continue;
    for (const Note& note : out) {
      if (note.number != next[note.producer]++) ADD_FAILURE() << "out of order";
    }
    out.clear();
  }
  first.join();
  second.join();
  EXPECT_EQ(next[0], kNotes);
  EXPECT_EQ(next[1], kNotes);
}

TEST(Mailbox, keeps_the_order_of_cause_and_effect) {
  constexpr int kRounds = 2000;
  Waker to_consumer;
  Waker to_second;
  ASSERT_TRUE(to_second.open());
  Mailbox<int> consumer(to_consumer);
  Mailbox<int> second(to_second);
  // The second thread answers each number to the same consumer that got it before.
  std::thread answering([&] {
    std::vector<int> in;
    for (int done = 0; done < kRounds;) {
      pollfd waiting{.fd = to_second.descriptor(), .events = POLLIN, .revents = 0};
      if (::poll(&waiting, 1, 60000) != 1) return;
      to_second.settle();
      if (!second.take(in)) continue;
      done += static_cast<int>(in.size());
      for (int& number : in) number = -number;
      consumer.put(in);
    }
  });
  std::vector<int> batch;
  for (int i = 1; i <= kRounds; ++i) {
    batch = {i};
    consumer.put(batch);
    batch = {i};
    second.put(batch);
  }
  answering.join();
  std::vector<int> out;
  ASSERT_TRUE(consumer.take(out));
  ASSERT_EQ(out.size(), 2U * kRounds);
  std::vector<bool> caused(kRounds + 1);
  for (const int number : out) {
    if (number > 0) caused[static_cast<std::size_t>(number)] = true;
    if (number < 0) {
      EXPECT_TRUE(caused[static_cast<std::size_t>(-number)]) << number;
    }
  }
}

}  // namespace
}  // namespace gaon::net
