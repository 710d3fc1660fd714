#include "auth/jwt_source.h"

namespace gaon::auth {

JwtSource::JwtSource(JwtKeys keys, JwtPolicy policy, JwtClocks clocks)
    : policy_(std::move(policy)),
      clocks_(std::move(clocks)),
      standing_(std::make_shared<const JwtKeys>(std::move(keys))) {}

JwtSource::JwtSource(std::shared_ptr<FetchedKeys> fetched, JwtPolicy policy, JwtClocks clocks)
    : policy_(std::move(policy)), clocks_(std::move(clocks)), fetched_(std::move(fetched)) {}

void JwtSource::refresh() {
  if (fetched_) fetched_->current();
}

std::expected<Identity, JwtRefusal> JwtSource::check_now(const Question& question,
                                                         const JwtKeys& keys) const {
  const Time wall = clocks_.wall();
  auto checked = check_token(*question.password, keys, policy_, question.client_id, wall);
  if (checked) checked->ends = clocks_.now() + (checked->ends - wall);
  return checked;
}

Finding JwtSource::check(const Question& question) {
  if (!question.password) return {};
  if (!question.token_only && !looks_like_token(*question.password)) return {};
  FetchedKeys::Keys keys = fetched_ ? fetched_->current() : standing_;
  if (!keys) keys = fetched_->await();
  if (!keys) return {.kind = Finding::Kind::refused, .why = "there are no keys to check tokens with"};
  auto checked = check_now(question, *keys);
  if (!checked && checked.error().key_unknown && fetched_) {
    if (const auto others = fetched_->other_than(keys)) checked = check_now(question, *others);
  }
  if (!checked) return {.kind = Finding::Kind::refused, .why = checked.error().why};
  return {.kind = Finding::Kind::granted, .identity = std::move(*checked)};
}

}  // namespace gaon::auth
