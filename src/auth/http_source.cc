#include "auth/http_source.h"

#include "auth/crypto.h"
#include "auth/json.h"
#include "base/log.h"

namespace gaon::auth {
namespace {

using nlohmann::json;

constexpr std::size_t kAnswerMax = 64 * 1024;
constexpr std::size_t kListMax = 256;

Finding refused(const char* why) { return {.kind = Finding::Kind::refused, .why = why}; }

// "192.0.2.1:4711" without the port, which is another one each time.
std::string_view host_of(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

std::string body_of(const Question& question) {
  const auto or_null = [](const std::optional<std::string>& text) { return text ? json(*text) : json(); };
  return json{{"client_id", question.client_id},
              {"user_name", or_null(question.user_name)},
              {"password", or_null(question.password)},
              {"address", host_of(question.address)}}
      .dump(-1, ' ', true, json::error_handler_t::replace);
}

bool read_texts(const json& answer, const char* name, std::vector<std::string>& to) {
  const auto at = answer.find(name);
  if (at == answer.end() || at->is_null()) return true;
  if (!at->is_array() || at->size() > kListMax) return false;
  for (const json& one : *at) {
    if (!one.is_string()) return false;
    to.push_back(one.get<std::string>());
  }
  return true;
}

}  // namespace

Finding read_http_answer(const HttpAnswer& answer, const Question& question) {
  const Finding wrong{.kind = Finding::Kind::wrong, .why = "the HTTP server does not allow it"};
  if (answer.status == 401 || answer.status == 403) return wrong;
  if (answer.status != 200) return refused("the HTTP server gave no answer to use");
  const auto parsed = parse_json(answer.body, kAnswerMax);
  const auto allow = parsed && parsed->is_object() ? parsed->find("allow") : json::const_iterator();
  if (!parsed || !parsed->is_object() || allow == parsed->end()) {
    return refused("the HTTP server's answer is ill-formed");
  }
  if (allow->is_null()) return {};
  if (!allow->is_boolean()) return refused("the HTTP server's answer is ill-formed");
  if (!allow->get<bool>()) return wrong;
  Finding finding{.kind = Finding::Kind::granted,
                  .identity = {.user = text_of(*parsed, "user").value_or(question.user_name.value_or(""))}};
  std::vector<std::string> rules;
  if (!read_texts(*parsed, "roles", finding.identity.roles) || !read_texts(*parsed, "acl", rules)) {
    return refused("the HTTP server's answer is ill-formed");
  }
  finding.identity.ruled = parsed->contains("acl");
  for (const std::string& text : rules) {
    const auto rule = parse_acl_rule(text);
    if (!rule) return refused("the HTTP server's answer has an ill-formed rule");
    finding.identity.rules.push_back(*rule);
  }
  return finding;
}

HttpSource::HttpSource(Post post, const HttpMemory& memory, std::function<Time()> now)
    : post_(std::move(post)), memory_(memory), now_(std::move(now)), secret_(random_bytes(32)) {}

Finding HttpSource::check(const Question& question) {
  const std::string body = body_of(question);
  const std::string key(as_text(hmac_sha256(as_bytes(secret_), body)));
  if (auto known = recall(key)) return std::move(*known);
  const auto answer = post_(body);
  if (!answer) {
    log(LogLevel::warning, "authentication by HTTP failed: " + answer.error().what);
    return refused("the HTTP server could not be asked");
  }
  Finding finding = read_http_answer(*answer, question);
  remember(key, finding);
  return finding;
}

std::optional<Finding> HttpSource::recall(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto at = remembered_.find(key);
  if (at == remembered_.end() || at->second.until <= now_()) return std::nullopt;
  return at->second.finding;
}

// Failures are not remembered: the next client asks again.
void HttpSource::remember(const std::string& key, const Finding& finding) {
  if (finding.kind == Finding::Kind::refused) return;
  const Duration how_long = finding.kind == Finding::Kind::granted ? memory_.granted : memory_.denied;
  if (how_long <= Duration::zero()) return;
  const std::lock_guard lock(mutex_);
  const Time now = now_();
  if (remembered_.size() >= memory_.answers_max) {
    std::erase_if(remembered_, [now](const auto& one) { return one.second.until <= now; });
  }
  if (remembered_.size() >= memory_.answers_max) remembered_.clear();
  remembered_.insert_or_assign(key, Remembered{finding, now + how_long});
}

}  // namespace gaon::auth
