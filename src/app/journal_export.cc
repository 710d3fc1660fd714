#include "app/journal_export.h"

#include <algorithm>

#include "app/journal_export_json.h"

namespace gaon::app {
namespace {

class Exporter {
 public:
  Exporter(JournalDirectory& directory, const ExportFilter& filter, const PutLine& put)
      : directory_(directory), filter_(filter), put_(put) {}

  Result<ExportDone> run();

 private:
  bool wanted(const broker::SessionImage& session) const;
  // False: the reader of our lines wants no more.
  bool put_sessions();
  bool put_session(broker::SessionImage& session);
  bool put_groups();
  bool put_unrouted();
  bool put_retained();
  bool put(const Json& json);

  // Reads a message back and puts it; what cannot be read back is lost.
  bool put_read(Json json, journal::Place at, std::uint32_t size);
  Result<void> read(journal::Place at, std::uint32_t size);

  JournalDirectory& directory_;
  const ExportFilter& filter_;
  const PutLine& put_;
  broker::Image image_;
  ExportDone done_;
  std::uint32_t open_segment_ = 0;
  journal::File file_;
  std::vector<std::uint8_t> bytes_;
};

Result<ExportDone> Exporter::run() {
  const auto apply = [this](ByteView records, journal::Place begin) {
    if (!image_.apply(records, begin))
      done_.lost.push_back(directory_.disk().path(journal::segment_name(begin.segment)) + ", offset " +
                           std::to_string(begin.offset) + ": records that are not understood");
    return true;
  };
  TRY_SET(const journal::Survey survey, directory_.survey(apply));
  for (const journal::Damage::Stretch& stretch : survey.damage.list) {
    done_.lost.push_back(directory_.disk().path(stretch.file) +
                         (stretch.bytes == 0 ? ": missing"
                                             : ", offset " + std::to_string(stretch.offset) + ": " +
                                                   std::to_string(stretch.bytes) + " damaged bytes"));
  }
  bool more = true;
  if (filter_.all() || !filter_.clients.empty()) more = put_sessions();
  if (filter_.all()) more = more && put_groups() && put_unrouted();
  if (filter_.all() || filter_.retained) more = more && put_retained();
  return std::move(done_);
}

bool Exporter::put(const Json& json) {
  ++done_.lines;
  return put_(json_line(json));
}

bool Exporter::wanted(const broker::SessionImage& session) const {
  return filter_.clients.empty() ||
         std::ranges::find(filter_.clients, session.client_id) != filter_.clients.end();
}

bool Exporter::put_sessions() {
  std::vector<broker::SessionImage*> sessions;
  for (auto& [number, session] : image_.sessions) {
    if (session.known && wanted(session)) sessions.push_back(&session);
  }
  std::ranges::sort(sessions, {},
                    [](const auto* session) -> const std::string& { return session->client_id; });
  for (const std::string& client : filter_.clients) {
    const auto named = [&](const auto* session) { return session->client_id == client; };
    if (std::ranges::none_of(sessions, named))
      done_.lost.push_back("there is no session of '" + client + "'");
  }
  return std::ranges::all_of(sessions, [this](auto* session) { return put_session(*session); });
}

bool Exporter::put_session(broker::SessionImage& session) {
  const std::vector<broker::CopyImage> copies = session.copies.take();
  if (!put(session_json(session, copies.size()))) return false;
  for (const broker::CopyImage& copy : copies) {
    Json json = {{"type", "message"}, {"client_id", session.client_id}};
    put_copy(json, session, copy);
    if (!put_read(std::move(json), copy.at, copy.size)) return false;
  }
  return true;
}

bool Exporter::put_groups() {
  for (const auto& [number, group] : image_.groups) {
    for (const auto& [id, waiting] : group.messages) {
      if (waiting.session != 0) continue;
      if (!put_read({{"type", "group_message"}, {"group", group.key}}, waiting.at, waiting.size))
        return false;
    }
  }
  return true;
}

bool Exporter::put_unrouted() {
  return std::ranges::all_of(image_.unrouted, [this](const auto& one) {
    return put_read({{"type", "unrouted"}}, one.second.at, one.second.size);
  });
}

bool Exporter::put_retained() {
  std::vector<const Message*> messages;
  for (const Message& message : image_.retained) messages.push_back(&message);
  std::ranges::sort(messages, {}, [](const Message* message) { return message->topic(); });
  return std::ranges::all_of(messages, [this](const Message* message) {
    Json json = {{"type", "retained"}};
    put_message(json, {.id = message->id(),
                       .deadline = message->deadline(),
                       .qos = message->qos(),
                       .retain = message->retain(),
                       .topic = message->topic(),
                       .properties = message->properties(),
                       .payload = message->payload()});
    return put(json);
  });
}

bool Exporter::put_read(Json json, journal::Place at, std::uint32_t size) {
  const auto got = read(at, size);
  std::optional<broker::Record> record;
  if (got) {
    Reader reader(bytes_);
    record = broker::next_record(reader);
  }
  if (!record || record->kind != broker::RecordKind::message) {
    done_.lost.push_back(directory_.disk().path(journal::segment_name(at.segment)) + ", offset " +
                         std::to_string(at.offset) + ": a message that cannot be read back" +
                         (got ? "" : ": " + got.error().what));
    return true;
  }
  put_message(json, broker::read_message(record->body));
  return put(json);
}

Result<void> Exporter::read(journal::Place at, std::uint32_t size) {
  const std::string name = journal::segment_name(at.segment);
  if (open_segment_ != at.segment) {
    auto file = journal::File::open(directory_.disk(), name, journal::Disk::Access::read);
    if (!file) return failure(journal::disk_error(directory_.disk(), name, file.error()));
    file_ = std::move(*file);
    open_segment_ = at.segment;
  }
  bytes_.resize(size);
  const auto got = file_.read_at(at.offset, bytes_);
  if (!got) return failure(journal::disk_error(directory_.disk(), name, got.error()));
  bytes_.resize(*got);
  return {};
}

}  // namespace

Result<ExportDone> export_journal(JournalDirectory& directory, const ExportFilter& filter,
                                  const PutLine& put) {
  return Exporter(directory, filter, put).run();
}

}  // namespace gaon::app
