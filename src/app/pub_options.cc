#include "app/pub_options.h"

#include <array>

namespace gaon::app {
namespace {

const Usage kPub = {
    .command = "gaon pub",
    .doc = "Publish messages.",
    .examples =
        "Examples:\n"
        "  gaon pub -t factory/line1/state -m running -q 1 -r\n"
        "  tail -f values.csv | gaon pub -t plant/values -l\n"
        "  gaon pub -t picture -f picture.jpg -D publish content-type image/jpeg\n"
        "  gaon pub -t factory/line1/state -n -r     # clears what is retained\n"
        "-D PACKET PROPERTY VALUE… sets an MQTT 5 property of connect, publish or will.\n",
};

struct PubArguments {
  ConnectionArguments connection;
  std::optional<std::string> topic;
  std::optional<std::string> text;
  std::optional<std::string> file;
  bool empty = false;
  bool standard_input = false;
  bool lines = false;
};

std::vector<Option> rows(PubArguments& arguments, PubOptions& to) {
  std::vector<Option> options = {
      {"-t,--topic", "TOPIC", "Where to publish.", &arguments.topic},
      {"-m,--message", "TEXT", "The message.", &arguments.text},
      {"-f,--file", "FILE", "The file's content is the message.", &arguments.file},
      {"-n,--null-message", "", "An empty message.", &arguments.empty},
      {"-s,--stdin-file", "", "All of standard input is the message.", &arguments.standard_input},
      {"-l,--stdin-line", "", "Each line of standard input is a message.", &arguments.lines},
      {"-q,--qos", "QOS", "0 (if not given), 1 or 2.", Number(to.qos, 0, 2)},
      {"-r,--retain", "", "The broker keeps the message for later subscribers.", &to.retain},
      {"--repeat", "COUNT", "Publish that many times.", Number(to.repeat, 1, 4'294'967'295)},
      {"--repeat-delay", "SECONDS", "Wait in between.", Number(to.repeat_delay_s, 0, 86'400)},
  };
  for (Option& option : connection_rows(arguments.connection)) options.push_back(std::move(option));
  return options;
}

}  // namespace

std::expected<PubOptions, Exit> read_pub_options(Arguments arguments) {
  const auto mistake = [](std::string_view what) { return std::unexpected(usage_mistake(kPub, what)); };
  auto properties = take_properties(arguments);
  if (!properties) return mistake(properties.error());

  PubOptions to;
  PubArguments given;
  auto read = read_arguments(kPub, rows(given, to), arguments);
  if (!read) return std::unexpected(std::move(read).error());
  given.connection.to.properties = std::move(*properties);

  std::string url_topic;
  auto connection = connection_options(std::move(given.connection), url_topic);
  if (!connection) return mistake(connection.error());
  to.connection = std::move(*connection);
  to.topic = given.topic.value_or(url_topic);
  if (to.topic.empty()) return mistake("a message needs a topic: -t");
  if (to.topic.find_first_of("+#") != std::string::npos)
    return mistake("a topic to publish to has no + or #");

  // In the order of PubSource.
  const std::array<bool, 5> sources = {given.text.has_value(), given.file.has_value(), given.empty,
                                       given.standard_input, given.lines};
  int count = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!sources[i]) continue;
    ++count;
    to.source = static_cast<PubSource>(i);
  }
  if (count != 1) return mistake("a message comes from one of -m, -f, -n, -s and -l");
  to.text = given.text ? *given.text : given.file.value_or("");
  const bool reads_input = to.source == PubSource::standard_input || to.source == PubSource::lines;
  if (to.repeat > 1 && reads_input) return mistake("--repeat goes with -m, -f and -n");
  return to;
}

}  // namespace gaon::app
