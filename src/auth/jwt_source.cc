#include "auth/jwt_source.h"

#include "base/log.h"

namespace gaon::auth {

JwtSource::JwtSource(JwtKeys keys, JwtPolicy policy, JwtClocks clocks)
    : keys_(std::move(keys)), policy_(std::move(policy)), clocks_(std::move(clocks)) {}

JwtSource::JwtSource(Fetch fetch, KeyRefresh refresh, JwtPolicy policy, JwtClocks clocks)
    : fetch_(std::move(fetch)), refresh_(refresh), policy_(std::move(policy)), clocks_(std::move(clocks)) {}

// Asks for the keys if it was not tried for so long. Old keys stay until there are new.
bool JwtSource::fetch_if(Duration age) {
  const Time now = clocks_.now();
  if (!fetch_ || (tried_ != Time{} && now - tried_ < age)) return false;
  const auto text = fetch_();
  tried_ = clocks_.now();  // From its end: a server that hangs would else be waited for by each client.
  if (!text) {
    log(LogLevel::warning, "the keys for tokens could not be fetched: " + text.error().what);
    return false;
  }
  auto keys = JwtKeys::read(*text);
  if (!keys) {
    log(LogLevel::warning, "what was fetched as keys for tokens is of no use: " + keys.error().what);
    return false;
  }
  keys_ = std::move(*keys);
  fetched_ = now;
  return true;
}

void JwtSource::refresh() {
  if (!fetch_ || (keys_ && clocks_.now() - fetched_ < refresh_.fresh)) return;
  fetch_if(refresh_.retry);
}

std::expected<Identity, JwtRefusal> JwtSource::check_now(const Question& question) const {
  const Time wall = clocks_.wall();
  auto checked = check_token(*question.password, *keys_, policy_, question.client_id, wall);
  if (checked) checked->ends = clocks_.now() + (checked->ends - wall);
  return checked;
}

Finding JwtSource::check(const Question& question) {
  if (!question.password) return {};
  if (!question.token_only && !looks_like_token(*question.password)) return {};
  if (fetch_) {
    if (keys_ && clocks_.now() - fetched_ >= refresh_.usable) keys_.reset();
    if (!keys_) fetch_if(refresh_.retry);
  }
  if (!keys_) return {.kind = Finding::Kind::refused, .why = "there are no keys to check tokens with"};
  auto checked = check_now(question);
  if (!checked && checked.error().key_unknown && fetch_if(refresh_.unknown_key)) {
    checked = check_now(question);
  }
  if (!checked) return {.kind = Finding::Kind::refused, .why = checked.error().why};
  return {.kind = Finding::Kind::granted, .identity = std::move(*checked)};
}

}  // namespace gaon::auth
