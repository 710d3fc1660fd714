#include "broker/sys_topics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string>

#include "base/version.h"
#include "broker/worker.h"

namespace gaon::broker {
namespace {

constexpr std::string_view kRoot = "$SYS/broker/";
constexpr std::array<double, 3> kMinutes = {1, 5, 15};
constexpr std::array<std::string_view, 3> kMinuteNames = {"/1min", "/5min", "/15min"};

using mqtt::PacketType;

// All that is read from the workers, added up.
struct Totals {
  explicit Totals(const Broker& broker) {
    for (std::size_t i = 0; i < broker.workers(); ++i) {
      const Worker& worker = broker.worker(i);
      const Metrics& m = worker.metrics;
      for (std::size_t type = 0; type < mqtt::kPacketTypes; ++type) {
        received += m.received[type].get();
        sent += m.sent[type].get();
      }
      publish_received += m.received[static_cast<std::size_t>(PacketType::publish)].get();
      publish_sent += m.sent[static_cast<std::size_t>(PacketType::publish)].get();
      connects += m.received[static_cast<std::size_t>(PacketType::connect)].get();
      bytes_received += worker.net_traffic().received_bytes.get();
      bytes_sent += worker.net_traffic().sent_bytes.get();
      sockets += worker.net_traffic().accepted.get();
      for (std::size_t reason = 0; reason < dropped.size(); ++reason) {
        dropped[reason] += m.dropped[reason].get();
        dropped_total += m.dropped[reason].get();
      }
      for (std::size_t why = 0; why < refused.size(); ++why) refused[why] += m.refused[why].get();
    }
  }

  std::int64_t received = 0;
  std::int64_t sent = 0;
  std::int64_t publish_received = 0;
  std::int64_t publish_sent = 0;
  std::int64_t connects = 0;
  std::int64_t bytes_received = 0;
  std::int64_t bytes_sent = 0;
  std::int64_t sockets = 0;
  std::int64_t dropped_total = 0;
  std::array<std::int64_t, kDropReasonNames.size()> dropped{};
  std::array<std::int64_t, kRefusalNames.size()> refused{};
};

}  // namespace

void SysTopics::put(std::string_view topic, std::string_view value) {
  worker_.publish_own(std::string(kRoot).append(topic), value, true);
}

void SysTopics::put(std::string_view topic, std::int64_t value) { put(topic, std::to_string(value)); }

void SysTopics::put_load(std::size_t which, std::string_view topic, std::int64_t value, Duration elapsed) {
  if (loads_.size() <= which) loads_.resize(which + 1);
  Load& load = loads_[which];
  const double minutes = std::max(1.0, static_cast<double>(elapsed.count())) / 60'000.0;
  const double rate = (static_cast<double>(value) - load.last) / minutes;
  load.last = static_cast<double>(value);
  for (std::size_t i = 0; i < kMinutes.size(); ++i) {
    load.average[i] = rate + std::exp(-minutes / kMinutes[i]) * (load.average[i] - rate);
    std::array<char, 32> text{};
    const int size = std::snprintf(text.data(), text.size(), "%.2f", load.average[i]);
    put(std::string("load/").append(topic).append(kMinuteNames[i]),
        {text.data(), static_cast<std::size_t>(size)});
  }
}

void SysTopics::publish(Time now) {
  const Broker& broker = worker_.broker();
  const Totals totals(broker);
  const std::int64_t connected = broker.sum(&Metrics::clients_connected);
  const std::int64_t sessions = broker.sum(&Metrics::sessions);
  clients_maximum_ = std::max(clients_maximum_, connected);
  const auto uptime_s = std::chrono::duration_cast<std::chrono::seconds>(now - broker.started()).count();

  put("version", std::string("gaon version ").append(kVersion));
  put("uptime", std::to_string(uptime_s) + " seconds");
  const std::int64_t queued = broker.sum(&Metrics::queued_messages);
  const std::int64_t retained = worker_.metrics.retained_messages.get();
  const std::array<std::pair<std::string_view, std::int64_t>, 31> numbers = {{
      {"clients/total", sessions},
      {"clients/connected", connected},
      {"clients/active", connected},
      {"clients/disconnected", sessions - connected},
      {"clients/inactive", sessions - connected},
      {"clients/maximum", clients_maximum_},
      {"clients/waiting_to_publish", broker.sum(&Metrics::publishers_waiting)},
      {"memory/level", static_cast<std::int64_t>(broker.memory_level())},
      {"clients/expired", broker.sum(&Metrics::sessions_expired)},
      {"authentications/refused", broker.sum(&Metrics::authentications_refused)},
      {"authentications/busy", static_cast<std::int64_t>(broker.authenticator().busy())},
      {"messages/received", totals.received},
      {"messages/sent", totals.sent},
      {"messages/stored", retained + queued},
      {"store/messages/count", retained + queued},
      {"store/messages/spared", broker.sum(&Metrics::spared_messages)},
      {"store/messages/memory", Shared::live_bytes()},
      {"store/messages/bytes", worker_.metrics.retained_bytes.get()},
      {"retained messages/count", retained},
      {"subscriptions/count", broker.sum(&Metrics::subscriptions)},
      {"shared_subscriptions/count", broker.sum(&Metrics::shared_subscriptions)},
      {"bytes/received", totals.bytes_received},
      {"bytes/sent", totals.bytes_sent},
      {"publish/messages/received", totals.publish_received},
      {"publish/messages/sent", totals.publish_sent},
      {"publish/messages/dropped", totals.dropped_total},
      {"publish/bytes/received", broker.sum(&Metrics::publish_bytes_received)},
      {"publish/bytes/sent", broker.sum(&Metrics::publish_bytes_sent)},
      {"journal/bytes", static_cast<std::int64_t>(broker.journal().disk_bytes())},
      {"journal/cleaned/segments", broker.sum(&Metrics::cleaned_segments)},
      {"journal/cleaned/bytes", broker.sum(&Metrics::cleaned_bytes)},
  }};
  for (const auto& [topic, value] : numbers) put(topic, value);
  for (std::size_t reason = 0; reason < totals.dropped.size(); ++reason) {
    put(std::string("publish/messages/dropped/").append(kDropReasonNames[reason]), totals.dropped[reason]);
  }
  for (std::size_t why = 0; why < totals.refused.size(); ++why) {
    put(std::string("connections/refused/").append(kRefusalNames[why]), totals.refused[why]);
  }

  for (const ListenerConfig& listener : worker_.config().listeners) {
    if (listener.certificate_ends == kNever) continue;
    const std::string where = listener.url.host + ':' + std::to_string(listener.url.port);
    put("certificates/" + where + "/days",
        std::chrono::floor<std::chrono::days>(listener.certificate_ends - now).count());
  }

  const Duration elapsed = now - (last_ == Time{} ? broker.started() : last_);
  last_ = now;
  const std::array<std::pair<std::string_view, std::int64_t>, 9> loads = {{
      {"messages/received", totals.received},
      {"messages/sent", totals.sent},
      {"publish/received", totals.publish_received},
      {"publish/sent", totals.publish_sent},
      {"publish/dropped", totals.dropped_total},
      {"bytes/received", totals.bytes_received},
      {"bytes/sent", totals.bytes_sent},
      {"sockets", totals.sockets},
      {"connections", totals.connects},
  }};
  for (std::size_t i = 0; i < loads.size(); ++i) put_load(i, loads[i].first, loads[i].second, elapsed);
}

}  // namespace gaon::broker
