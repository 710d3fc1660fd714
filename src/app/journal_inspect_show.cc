// Figures of a journal as text and as JSON.
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/journal_inspect.h"
#include "app/journal_records.h"

namespace gaon::app {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<std::string>;

std::string kind_name(broker::RecordKind kind) {
  const RecordShape* shape = shape_of(kind);
  return shape != nullptr ? std::string(shape->name) : "kind " + std::to_string(static_cast<int>(kind));
}

enum class Align : std::uint8_t { left, right };

// Columns, the first to the left and the others as said.
std::string table(const std::vector<Row>& rows, Align align = Align::right) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    text += "  " + row[0];
    std::size_t width = widths[0] - row[0].size();
    for (std::size_t i = 1; i < row.size(); ++i) {
      text.append(width + 2 + (align == Align::right ? widths[i] - row[i].size() : 0), ' ');
      text += row[i];
      width = 0;
    }
    text += '\n';
  }
  return text;
}

template <class Map>
auto found(const Map& map, std::uint32_t segment) {
  const auto at = map.find(segment);
  return at == map.end() ? typename Map::mapped_type{} : at->second;
}

std::string segments_text(const JournalFigures& figures) {
  std::vector<Row> rows = {
      {"segment", "size", "used", "format", "incarnation", "batches", "records", "torn tail"}};
  for (const journal::SurveyedSegment& segment : figures.survey.segments) {
    rows.push_back({std::to_string(segment.number), size_text(segment.file_bytes),
                    size_text(segment.used_bytes), std::to_string(segment.head.version),
                    std::to_string(segment.head.identity.incarnation),
                    std::to_string(found(figures.batches, segment.number)),
                    std::to_string(found(figures.segment_records, segment.number).count),
                    segment.torn_bytes == 0 ? "-" : size_text(segment.torn_bytes)});
  }
  return table(rows);
}

std::string kinds_text(const JournalFigures& figures) {
  std::vector<Row> rows = {{"record", "count", "bytes"}};
  for (const auto& [kind, records] : figures.kinds)
    rows.push_back({kind_name(kind), std::to_string(records.count), std::to_string(records.bytes)});
  return table(rows);
}

std::string with_size(const JournalFigures::Queue& queue) {
  return std::to_string(queue.messages) + " (" + size_text(queue.bytes) + ")";
}

std::string state_text(const JournalFigures& figures) {
  return table({{"sessions", std::to_string(figures.sessions) + " (" + std::to_string(figures.online) +
                                 " connected at the end)"},
                {"subscriptions", std::to_string(figures.subscriptions)},
                {"wills", std::to_string(figures.wills)},
                {"queued messages", with_size(figures.queued)},
                {"QoS 2 ids held", std::to_string(figures.held)},
                {"not routed yet", std::to_string(figures.unrouted)},
                {"retained messages", with_size(figures.retained)},
                {"shared groups", std::to_string(figures.groups)},
                {"waiting in groups", with_size(figures.in_groups)}},
               Align::left);
}

std::string largest_text(const JournalFigures& figures) {
  std::vector<Row> rows = {{"client id", "messages", "size"}};
  for (const JournalFigures::Queue& queue : figures.largest)
    rows.push_back({queue.client_id, std::to_string(queue.messages), size_text(queue.bytes)});
  return table(rows);
}

Json queue_json(const JournalFigures::Queue& queue) {
  return {{"messages", queue.messages}, {"bytes", queue.bytes}};
}

Json segment_json(const JournalFigures& figures, const journal::SurveyedSegment& segment) {
  const auto records = found(figures.segment_records, segment.number);
  return {{"segment", segment.number},
          {"format", segment.head.version},
          {"incarnation", segment.head.identity.incarnation},
          {"file_bytes", segment.file_bytes},
          {"used_bytes", segment.used_bytes},
          {"batches", found(figures.batches, segment.number)},
          {"records", records.count},
          {"record_bytes", records.bytes},
          {"torn_bytes", segment.torn_bytes}};
}

}  // namespace

std::string to_text(const JournalFigures& figures, const JournalDirectory& directory) {
  std::string text =
      directory.path() + ": a journal of " + count_text(figures.survey.segments.size(), "segment") + '\n';
  if (directory.user())
    text += "Process " + *directory.user() + " is writing there: this is a moment of it.\n";
  if (figures.survey.damage.stretches > 0 || figures.not_understood > 0)
    text +=
        "It is damaged, and this is what can be read. See: gaon journal verify " + directory.path() + '\n';
  text += '\n' + segments_text(figures) + '\n' + kinds_text(figures) + '\n' + state_text(figures);
  if (!figures.largest.empty()) text += "\nThe longest queues:\n" + largest_text(figures);
  return text;
}

std::string to_json(const JournalFigures& figures, const JournalDirectory& directory) {
  Json json = {{"directory", directory.path()}};
  json["in_use_by"] = directory.user() ? Json(*directory.user()) : Json();
  json["damaged"] = figures.survey.damage.stretches > 0 || figures.not_understood > 0;
  json["segments"] = Json::array();
  for (const auto& segment : figures.survey.segments)
    json["segments"].push_back(segment_json(figures, segment));
  json["records"] = Json::object();
  for (const auto& [kind, records] : figures.kinds)
    json["records"][kind_name(kind)] = {{"count", records.count}, {"bytes", records.bytes}};
  Json state = {{"sessions", figures.sessions},
                {"connected", figures.online},
                {"subscriptions", figures.subscriptions},
                {"wills", figures.wills},
                {"queued", queue_json(figures.queued)},
                {"qos2_ids_held", figures.held},
                {"unrouted", figures.unrouted},
                {"retained", queue_json(figures.retained)},
                {"groups", figures.groups},
                {"waiting_in_groups", queue_json(figures.in_groups)},
                {"longest_queues", Json::array()}};
  for (const JournalFigures::Queue& queue : figures.largest) {
    Json one = queue_json(queue);
    one["client_id"] = queue.client_id;
    state["longest_queues"].push_back(std::move(one));
  }
  json["state"] = std::move(state);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace gaon::app
