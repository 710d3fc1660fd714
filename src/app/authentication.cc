#include "app/authentication.h"

#include <array>

#include "app/environment.h"
#include "app/http_client.h"
#include "app/password_file.h"
#include "app/scram_file.h"
#include "app/text_file.h"
#include "auth/http_source.h"
#include "auth/jwt_source.h"
#include "auth/password_users.h"

namespace gaon::app {
namespace {

using broker::AuthMethod;

constexpr std::string_view kNames[] = {"certificate", "jwt", "password", "http", "scram"};

// In this order where a listener has no list: what costs least comes first.
constexpr AuthMethod kUsual[] = {AuthMethod::jwt, AuthMethod::password, AuthMethod::http, AuthMethod::scram};

// Not the broker's time, which does not see that the system's clock was set.
Time system_now() {
  return Time(std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()));
}

// Of the process: a reload that changes some users leaves what is known of the others.
auth::VerifiedLogins& verified_logins() {
  static auth::VerifiedLogins logins;
  return logins;
}

// Of the process, as long as somebody has them: a reload of something else, or one that is
// refused, leaves the keys that were fetched. Used by one thread.
std::shared_ptr<auth::FetchedKeys> fetched_keys(const std::string& url, const auth::KeyRefresh& refresh,
                                                const std::function<Time()>& now) {
  struct Known {
    std::string url;
    auth::KeyRefresh refresh;
    std::weak_ptr<auth::FetchedKeys> keys;
  };
  static std::vector<Known> all;
  std::erase_if(all, [](const Known& one) { return one.keys.expired(); });
  for (const Known& one : all) {
    if (one.url != url || one.refresh != refresh) continue;
    if (auto keys = one.keys.lock()) return keys;
  }
  const HttpRequest request{.url = url, .answer_max = auth::JwtKeys::kTextMax};
  auto fetch = [client = std::make_unique<HttpClient>(),
                request](const std::stop_token& stop) -> Result<std::string> {
    HttpRequest one = request;
    one.stop = stop;
    TRY_SET(auth::HttpAnswer answer, client->send(one));
    if (answer.status == 200) return std::move(answer.body);
    return failure(server_of(request.url) + ": it answered with status " + std::to_string(answer.status));
  };
  auto keys = std::make_shared<auth::FetchedKeys>(std::move(fetch), refresh, now);
  all.push_back({url, refresh, keys});
  return keys;
}

// Makes each source that some listener asks for, once.
class Builder {
 public:
  Builder(const broker::Config& config, std::function<Time()> now)
      : config_(config), clocks_{.now = std::move(now), .wall = system_now} {}

  Result<auth::ListenerChain> listener(const broker::ListenerConfig& listener) {
    auth::ListenerChain chain{.sources = {}, .all = listener.require_all};
    for (const AuthMethod method : methods_of(config_, listener)) {
      if (method == AuthMethod::scram) {
        chain.scram = true;
        continue;
      }
      if (method == AuthMethod::jwt) chain.oauth = true;
      TRY_SET(const std::uint8_t place, place_of(method));
      chain.sources.push_back(place);
    }
    return chain;
  }

  std::vector<auth::ChainSource> take_sources() { return std::move(sources_); }

 private:
  Result<std::uint8_t> place_of(AuthMethod method) {
    auto& place = places_[static_cast<std::size_t>(method)];
    if (!place) {
      TRY_SET(auth::ChainSource source, make(method));
      source.method = method;
      source.queue_max = config_.auth.queue_max;
      place = static_cast<std::uint8_t>(sources_.size());
      sources_.push_back(std::move(source));
    }
    return *place;
  }

  Result<auth::ChainSource> make(AuthMethod method) {
    switch (method) {
      case AuthMethod::password: {
        TRY_SET(auth::PasswordUsers users, read_password_users(config_.auth));
        return auth::ChainSource{
            .source = std::make_unique<auth::PasswordSource>(std::move(users), &verified_logins()),
            .threads = config_.auth.password_threads};
      }
      case AuthMethod::jwt: {
        TRY_SET(auto source, tokens());
        const bool fetches = !config_.auth.jwks_url.empty();
        return auth::ChainSource{.source = std::move(source),
                                 .threads = fetches ? auth::KeyRefresh{}.waiting_max + 1 : 1,
                                 .refreshes = fetches,
                                 .tokens = true};
      }
      case AuthMethod::http: {
        TRY_SET(auto source, http());
        return auth::ChainSource{.source = std::move(source), .threads = config_.auth.http_threads};
      }
      default:
        return auth::ChainSource{.source = std::make_unique<auth::CertificateSource>(), .threads = 0};
    }
  }

  Result<std::unique_ptr<auth::Source>> tokens() {
    const broker::AuthConfig& config = config_.auth;
    if (config.jwks_url.empty()) {
      TRY_SET(auth::JwtKeys keys, read_jwt_keys(config));
      return std::make_unique<auth::JwtSource>(std::move(keys), config.jwt, clocks_);
    }
    const auth::KeyRefresh refresh{.fresh = seconds(config.jwks_refresh_s),
                                   .usable = seconds(config.jwks_usable_s)};
    return std::make_unique<auth::JwtSource>(fetched_keys(config.jwks_url, refresh, clocks_.now), config.jwt,
                                             clocks_);
  }

  Result<std::unique_ptr<auth::Source>> http() {
    const broker::AuthConfig& config = config_.auth;
    TRY_SET(std::string authorization, expand_environment(config.http_authorization));
    HttpRequest request{.url = config.http_url,
                        .authorization = std::move(authorization),
                        .timeout_s = config.http_timeout_s};
    auto post = [client = std::make_unique<HttpClient>(), request](const std::string& body) {
      HttpRequest one = request;
      one.body = body;
      return client->send(one);
    };
    return std::make_unique<auth::HttpSource>(
        std::move(post),
        auth::HttpMemory{.granted = seconds(config.http_cache_s),
                         .denied = seconds(config.http_negative_cache_s)},
        clocks_.now);
  }

  const broker::Config& config_;
  auth::JwtClocks clocks_;
  std::vector<auth::ChainSource> sources_;
  std::array<std::optional<std::uint8_t>, std::size(kNames)> places_;
};

}  // namespace

std::span<const std::string_view> auth_method_names() { return kNames; }

bool is_set_up(const broker::AuthConfig& config, AuthMethod method) {
  switch (method) {
    case AuthMethod::password:
      return !config.password_file.empty();
    case AuthMethod::scram:
      return !config.scram_file.empty();
    case AuthMethod::jwt:
      return !config.jwt_keys.empty() || !config.jwks_url.empty();
    case AuthMethod::http:
      return !config.http_url.empty();
    case AuthMethod::certificate:
      break;
  }
  return true;
}

Result<auth::JwtKeys> read_jwt_keys(const broker::AuthConfig& config) {
  TRY_SET(const std::string text, read_text_file(config.jwt_keys, auth::JwtKeys::kTextMax));
  auto keys = auth::JwtKeys::read(text);
  if (!keys) return failure(config.jwt_keys.string() + ": " + keys.error().what);
  return keys;
}

std::string_view key_of(AuthMethod method) {
  constexpr std::string_view kKeys[] = {"", "auth.jwt_keys or auth.jwks_url", "auth.password_file",
                                        "auth.http_url", "auth.scram_file"};
  return kKeys[static_cast<std::size_t>(method)];
}

std::vector<AuthMethod> methods_of(const broker::Config& config, const broker::ListenerConfig& listener) {
  if (listener.auth) return *listener.auth;
  std::vector<AuthMethod> methods;
  if (listener.tls.client_certificate != net::ClientCertificate::none) {
    methods.push_back(AuthMethod::certificate);
  }
  for (const AuthMethod method : kUsual) {
    if (is_set_up(config.auth, method)) methods.push_back(method);
  }
  return methods;
}

Result<std::unique_ptr<auth::Chain>> open_authentication(const broker::Config& config,
                                                         std::function<Time()> now) {
  TRY_SET(auth::ScramUsers users, read_scram_users(config.auth));
  Builder builder(config, now);
  std::vector<auth::ListenerChain> listeners;
  for (const broker::ListenerConfig& listener : config.listeners) {
    TRY_SET(auth::ListenerChain chain, builder.listener(listener));
    listeners.push_back(std::move(chain));
  }
  return std::make_unique<auth::Chain>(builder.take_sources(), std::move(users), std::move(listeners),
                                       std::move(now));
}

}  // namespace gaon::app
