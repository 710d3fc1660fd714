// A data directory with a journal of the engine's in it, filled with the broker's records.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "app/command.h"
#include "broker/records.h"
#include "journal/file_disk.h"
#include "journal/log.h"

namespace gaon::app {

struct JournalFixture : testing::Test {
  JournalFixture() {
    std::string made = std::filesystem::temp_directory_path() / "gaon_app_XXXXXX";
    if (::mkdtemp(made.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
    root = made;
    data = root / "data";
  }
  ~JournalFixture() override {
    close();
    std::filesystem::remove_all(root);
  }

  void open() {
    disk = std::make_unique<journal::FileDisk>(data.string());
    auto opened = journal::Log::open(*disk, {.segment_bytes = 4096, .seed_low = 1, .seed_high = 2},
                                     [](ByteView, journal::Place) { return true; });
    ASSERT_TRUE(opened) << opened.error().what;
    log = std::move(*opened);
  }
  void close() {
    log.reset();
    disk.reset();
  }
  // Ends the batch; returns where it begins.
  journal::Place store() {
    const journal::Appended appended = log->append(records.bytes());
    records.begin_batch();
    while (log->step()) {
    }
    return appended.begin;
  }

  static broker::Client session(std::uint64_t number, const std::string& client_id) {
    broker::Client client;
    client.number = {number};
    client.kept = true;
    client.session.client_id = client_id;
    client.session_expiry_interval = 3600;
    return client;
  }
  static Message message(std::uint64_t id, std::string_view topic, std::string_view payload,
                         ByteView properties = {}) {
    return Message::make({.id = {id},
                          .qos = mqtt::QoS::at_least_once,
                          .topic = topic,
                          .properties = properties,
                          .payload = as_bytes(payload)});
  }
  void queue(const broker::Client& client, const Message& queued, std::uint32_t sequence) {
    records.queued(client, {.message = queued, .qos = mqtt::QoS::at_least_once}, sequence,
                   broker::CopyState::waiting, 0);
  }

  // archive: two filters, two messages; empty: nothing. One retained. Returns the place of
  // the batch with the second message.
  journal::Place fill() {
    open();
    const broker::Client archive = session(1, "archive");
    const broker::Client empty = session(2, "empty");
    records.session(archive);
    records.subscribed(archive, "notes/#", {.qos = mqtt::QoS::exactly_once});
    records.subscribed(archive, "$share/g/jobs", {.subscription_id = 7, .qos = mqtt::QoS::at_least_once});
    records.session(empty);
    store();
    queue(archive, message(100, "notes/a", "first"), 1);
    store();
    queue(archive, message(101, "notes/b", std::string_view("\xff\x00", 2)), 2);
    const journal::Place second = store();
    records.held(archive, 9);
    records.retained(message(102, "state", "on"));
    store();
    close();
    return second;
  }

  std::string file(std::uint32_t segment) const { return data / journal::segment_name(segment); }
  void flip(std::uint32_t segment, std::uint64_t at) {
    std::fstream bytes(file(segment), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(static_cast<std::streamoff>(at));
    const auto byte = static_cast<char>(bytes.get() ^ 0x10);
    bytes.seekp(static_cast<std::streamoff>(at));
    bytes.put(byte);
  }

  // The exit code; what it printed comes into out and err.
  int run(Arguments arguments) {
    arguments.insert(arguments.begin() + 1, data.string());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = journal_command(arguments);
    out = testing::internal::GetCapturedStdout();
    err = testing::internal::GetCapturedStderr();
    return code;
  }

  std::filesystem::path root;
  std::filesystem::path data;
  std::unique_ptr<journal::FileDisk> disk;
  std::unique_ptr<journal::Log> log;
  broker::Records records{true};
  std::string out;
  std::string err;
};

}  // namespace gaon::app
