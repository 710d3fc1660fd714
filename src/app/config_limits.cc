#include "app/config_limits.h"

#include <optional>

#include "app/config_value.h"
#include "app/nearest.h"
#include "base/check.h"

namespace gaon::app {
namespace {

constexpr std::string_view kLimits = "limits.";

std::uint32_t line_of(const toml::node& node) { return node.source().begin.line; }

std::optional<Value> value_of(const toml::node& node) {
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* text = node.as_string()) return text->get();
  return std::nullopt;
}

const ConfigKey& key_of(std::string_view name) {
  const ConfigKey* key = find_key(std::string(kLimits).append(name));
  CHECK(key != nullptr);
  return *key;
}

std::string suggest(std::string_view name, std::vector<std::string_view> names) {
  for (const broker::ClientLimitKey& key : broker::client_limit_keys()) names.push_back(key.name);
  const std::string_view near = nearest_name(name, names);
  return near.empty() ? "see all keys with 'gaon config show --docs'"
                      : "did you mean " + std::string(near) + "?";
}

// A text that is there and not empty.
std::expected<void, Problem> read_name(const toml::node& node, const std::string& key, std::string& to) {
  const auto* text = node.as_string();
  if (text == nullptr || text->get().empty()) {
    return std::unexpected(Problem{.what = "this is no name", .fix = "write a text", .key = key});
  }
  to = text->get();
  return {};
}

void show_text(std::string_view key, const std::string& text, std::string& to) {
  if (!text.empty()) to.append(key).append(" = ").append(config_text(text)).append("\n");
}

}  // namespace

std::expected<void, Problem> read_client_limit(std::string_view name, const toml::node& node,
                                               const std::string& key, broker::ClientLimitValues& to) {
  const broker::ClientLimitKey* limit = broker::find_client_limit(name);
  if (limit == nullptr) {
    return std::unexpected(
        Problem{.what = "there is no such key", .fix = suggest(name, {"user", "client"}), .key = key});
  }
  const std::optional<Value> value = value_of(node);
  auto checked = check_value(key_of(name), value.value_or(Value{false}));
  if (!checked) {
    checked.error().key = key;
    return std::unexpected(std::move(checked).error());
  }
  to.push_back({limit, static_cast<std::uint64_t>(std::get<std::int64_t>(*checked))});
  return {};
}

std::vector<Problem> read_limit(const toml::table& table, broker::LimitEntry& to) {
  std::vector<Problem> problems;
  for (const auto& [part, node] : table) {
    const std::string key = "limit." + std::string(part.str());
    auto done = part.str() == "user"     ? read_name(node, key, to.user)
                : part.str() == "client" ? read_name(node, key, to.client)
                                         : read_client_limit(part.str(), node, key, to.values);
    if (done) continue;
    done.error().line = line_of(node);
    problems.push_back(std::move(done).error());
  }
  if (to.user.empty() && to.client.empty() && problems.empty()) {
    problems.push_back({.what = "whom this is about is missing",
                        .fix = "write user = \"…\" or client = \"…\", or [limits] for all",
                        .key = "limit",
                        .line = table.source().begin.line});
  }
  return problems;
}

std::vector<Problem> read_ban(const toml::table& table, broker::BanEntry& to) {
  std::vector<Problem> problems;
  const auto report = [&](Problem problem, std::uint32_t line) {
    problem.line = line;
    problems.push_back(std::move(problem));
  };
  for (const auto& [part, node] : table) {
    const std::string key = "ban." + std::string(part.str());
    std::string* const text = part.str() == "address"  ? &to.address
                              : part.str() == "client" ? &to.client
                              : part.str() == "user"   ? &to.user
                                                       : nullptr;
    auto done = text == nullptr
                    ? std::unexpected(Problem{
                          .what = "there is no such key", .fix = "use address, client or user", .key = key})
                    : read_name(node, key, *text);
    if (!done) report(std::move(done).error(), line_of(node));
  }
  if (const auto networks = net::Networks::parse(to.address); !networks) {
    report({.what = networks.error().what, .fix = "", .key = "ban.address"}, line_of(table));
  }
  const int subjects = !to.address.empty() + !to.client.empty() + !to.user.empty();
  if (subjects != 1 && problems.empty()) {
    report({.what = "this is not about one kind of clients",
            .fix = "write address, client or user; one [[ban]] for each",
            .key = "ban"},
           line_of(table));
  }
  return problems;
}

std::string show_client_limits(const broker::ClientLimitValues& values, std::string_view prefix) {
  std::string text;
  for (const broker::ClientLimitValue& one : values) {
    text += std::string(prefix) + std::string(one.key->name) + " = " +
            show_value(key_of(one.key->name), static_cast<std::int64_t>(one.value)) + '\n';
  }
  return text;
}

std::string show_limits(const std::vector<broker::LimitEntry>& entries) {
  std::string text;
  for (const broker::LimitEntry& entry : entries) {
    text += "\n[[limit]]\n";
    show_text("user", entry.user, text);
    show_text("client", entry.client, text);
    text += show_client_limits(entry.values, "");
  }
  return text;
}

std::string show_bans(const std::vector<broker::BanEntry>& bans) {
  std::string text;
  for (const broker::BanEntry& ban : bans) {
    text += "\n[[ban]]\n";
    show_text("address", ban.address, text);
    show_text("client", ban.client, text);
    show_text("user", ban.user, text);
  }
  return text;
}

}  // namespace gaon::app
