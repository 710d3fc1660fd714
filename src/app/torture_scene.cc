#include "app/torture_scene.h"

#include <charconv>

#include "app/connection_options.h"

namespace gaon::app {

client::ConnectOptions lasting_session(const TortureScene& scene, std::string_view client_id,
                                       std::uint8_t version) {
  client::ConnectOptions options;
  options.url = scene.url;
  options.version = static_cast<mqtt::Version>(version);
  options.client_id = client_id;
  options.clean_start = false;
  options.topic_alias_maximum = 0;
  options.receive_maximum = 100;
  if (version == 5) options.session_expiry_interval_s = kSessionNeverExpires;
  return options;
}

bool look_at_session(TortureScene& scene, std::string_view client_id, const mqtt::Connack& packet,
                     bool& known) {
  const bool was_known = known;
  known = true;
  if (was_known && !packet.session_present) {
    scene.judge.broken(Broken::forgotten_session, "session " + std::string(client_id) + "; seen at broker " +
                                                      std::to_string(scene.judge.incarnation()));
  }
  return packet.session_present;
}

void look_for_violation(TortureScene& scene, std::string_view client_id, const Event& event) {
  const auto* violation = std::get_if<Violation>(&event);
  if (violation == nullptr) return;
  scene.judge.broken(Broken::violation, std::string(name(violation->packet)) + ": " + violation->what +
                                            ", session " + std::string(client_id) + "; seen at broker " +
                                            std::to_string(scene.judge.incarnation()));
}

std::string numbered_payload(std::string_view topic, std::uint64_t number, std::size_t size) {
  std::string payload(topic);
  payload.append(" ").append(std::to_string(number)).append(" ");
  if (payload.size() < size) payload.append(size - payload.size(), '.');
  return payload;
}

std::optional<Numbered> read_numbered(const Judge& judge, std::string_view topic, std::string_view payload) {
  const auto stream = judge.find(topic);
  if (!stream || !payload.starts_with(topic)) return std::nullopt;
  payload.remove_prefix(topic.size());
  if (!payload.starts_with(' ')) return std::nullopt;
  Numbered read{*stream, 0};
  const auto [end, error] = std::from_chars(payload.data() + 1, payload.data() + payload.size(), read.number);
  if (error != std::errc{} || end == payload.data() + payload.size() || *end != ' ') return std::nullopt;
  return read;
}

Duration random_ms(Random& random, double least, double most) {
  return Duration(static_cast<Duration::rep>(random.between(least, most)));
}

}  // namespace gaon::app
