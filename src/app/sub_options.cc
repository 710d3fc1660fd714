#include "app/sub_options.h"

#include "app/message_format.h"

namespace gaon::app {
namespace {

const Usage kSub = {
    .command = "gaon sub",
    .doc = "Subscribe and print what arrives.",
    .examples =
        "Examples:\n"
        "  gaon sub -t 'factory/#' -v\n"
        "  gaon sub -t 'factory/+/+/state' -C 1 -W 10\n"
        "  gaon sub -t '#' -F '%I %t %l'\n"
        "  gaon sub -c -i archive -q 2 -t 'plant/#' -F %j\n"
        "-F: %t topic, %p payload, %x %X payload in hex, %l its length, %q QoS, %r retained,\n"
        "  %m packet identifier, %j JSON, %J JSON whose payload is JSON, %I time, %U Unix time,\n"
        "  %C content type, %D correlation data, %R response topic, %P user properties,\n"
        "  %E message expiry, %F payload format, %S subscription identifiers, %% a percent sign,\n"
        "  \\n \\r \\t \\0 \\\\ as in C.\n"
        "-D PACKET PROPERTY VALUE… sets an MQTT 5 property of connect, subscribe or will.\n"
        "A lost connection is taken up again. Exit code 27: -W was over.\n",
};

constexpr Word kRetainHandlings[] = {{"always", 0}, {"new", 1}, {"never", 2}, {"0", 0}, {"1", 1}, {"2", 2}};

std::vector<Option> rows(ConnectionArguments& connection, SubOptions& to, bool& no_newline,
                         bool& no_retained) {
  std::vector<Option> options = {
      {"-t,--topic", "FILTER", "What to subscribe to; may be repeated.", &to.filters},
      {"-T,--filter-out", "FILTER", "Do not show these; may be repeated.", &to.filter_outs},
      {"-U,--unsubscribe", "FILTER", "Unsubscribe first; may be repeated.", &to.unsubscribes},
      {"-q,--qos", "QOS", "0 (if not given), 1 or 2.", Number(to.qos, 0, 2)},
      {"-v,--verbose", "", "Show topics too.", &to.verbose},
      {"-F,--format", "FORMAT", "How to show a message; see below.", &to.format},
      {"-N", "", "No line break after a message.", &no_newline},
      {"-C,--count", "COUNT", "End after that many messages.", Number(to.count, 1, 4'294'967'295)},
      {"-W,--timeout", "SECONDS", "End that long after connecting; exit code 27, as with mosquitto_sub.",
       Number(to.timeout_s, 0, 1e9)},
      {"-E,--exit-after-subscribing", "", "End when the broker has answered.", &to.exit_after_subscribing},
      {"-R,--no-retained", "", "Do not show retained messages.", &no_retained},
      {"--retained-only", "", "Show retained messages only; others end it.", &to.retained_only},
      {"--retain-as-published", "", "Keep the retain flag of live messages.", &to.retain_as_published},
      {"--retain-handling", "WHEN", "Ask for retained messages always, new (subscriptions only) or never.",
       Choice{&to.retain_handling, kRetainHandlings}},
      {"--no-local", "", "Do not send back what this client publishes.", &to.no_local},
  };
  for (Option& option : connection_rows(connection)) options.push_back(std::move(option));
  return options;
}

}  // namespace

std::expected<SubOptions, Exit> read_sub_options(Arguments arguments) {
  const auto mistake = [](std::string_view what) { return std::unexpected(usage_mistake(kSub, what)); };
  auto properties = take_properties(arguments);
  if (!properties) return mistake(properties.error());

  SubOptions to;
  ConnectionArguments given;
  bool no_newline = false;
  bool no_retained = false;
  auto read = read_arguments(kSub, rows(given, to, no_newline, no_retained), arguments);
  if (!read) return std::unexpected(std::move(read).error());
  given.to.properties = std::move(*properties);

  std::string url_topic;
  auto connection = connection_options(std::move(given), url_topic);
  if (!connection) return mistake(connection.error());
  to.connection = std::move(*connection);
  to.newline = !no_newline;
  to.show_retained = !no_retained;
  if (!url_topic.empty()) to.filters.push_back(std::move(url_topic));
  if (to.filters.empty() && to.unsubscribes.empty()) return mistake("there is nothing to subscribe to: -t");
  for (const auto* list : {&to.filters, &to.filter_outs, &to.unsubscribes}) {
    if (list->size() > kFiltersMax) return mistake("there are more than 10,000 filters");
  }
  if (to.retained_only && no_retained) return mistake("--retained-only and -R leave nothing to show");
  const bool newer = to.no_local || to.retain_as_published || to.retain_handling != 0;
  if (newer && to.connection.version < 5) {
    return mistake("--no-local, --retain-as-published and --retain-handling need MQTT 5");
  }
  if (const std::string fault = format_fault(to.format); !fault.empty()) return mistake("-F: " + fault);
  return to;
}

}  // namespace gaon::app
