#include "tidy_up.h"

#include "play.h"

namespace gaon::scenario {

void tidy_up(const Script& script, Stage& stage) {
  Script tidy{.path = script.path, .version = mqtt::Version::v5};
  const auto add = [&](const std::string& who, mqtt::PacketType type, Fields fields) {
    Statement statement{.who = {who}, .version = tidy.version, .type = type, .fields = std::move(fields)};
    tidy.statements.push_back(std::move(statement));
  };
  for (const Statement& statement : script.statements) {
    if (statement.type != mqtt::PacketType::connect) continue;
    std::string id = statement.who.front();
    for (const Field& field : statement.fields) {
      if (field.name == "id" && !field.variable) id = field.value;
    }
    add("tidy", mqtt::PacketType::connect, {{.name = "id", .value = id}});
    add("tidy", mqtt::PacketType::disconnect, {});
  }
  add("tidy", mqtt::PacketType::connect, {});
  for (const Statement& statement : script.statements) {
    for (const Field& field : statement.fields) {
      if (field.name == "topic" || field.name == "will.topic") {
        add("tidy", mqtt::PacketType::publish,
            {{.name = "topic", .value = field.value}, {.name = "retain", .value = "1"}});
      }
    }
  }
  add("tidy", mqtt::PacketType::disconnect, {});
  play(tidy, stage, {});
}

}  // namespace gaon::scenario
