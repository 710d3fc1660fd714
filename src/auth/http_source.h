// Somebody else's server as a source of identity: it is sent, as JSON,
//
//   {"client_id": …, "user_name": … or null, "password": … or null, "address": …}
//
// and answers 200 with
//
//   {"allow": true | false | null, "user": …, "roles": […], "acl": ["allow publish x/#", …]}
//
// where null is "I do not know this client: ask the next source", and all but allow may be
// left out. 401 and 403 are false. Everything else lets nobody in. Answers are remembered
// for a while. Any number of threads: the memory is locked, the asking is not.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "auth/source.h"
#include "base/result.h"
#include "base/time.h"

namespace gaon::auth {

struct HttpAnswer {
  long status = 0;
  std::string body;
};

struct HttpMemory {
  Duration granted = seconds(60);
  Duration denied = seconds(5);
  std::size_t answers_max = 10'000;
};

class HttpSource final : public Source {
 public:
  // Sends a body and waits for the answer. Called from each of the lane's threads.
  using Post = std::move_only_function<Result<HttpAnswer>(const std::string& body) const>;

  HttpSource(Post post, const HttpMemory& memory, std::function<Time()> now);
  Finding check(const Question& question) override;

 private:
  struct Remembered {
    Finding finding;
    Time until;
  };
  std::optional<Finding> recall(const std::string& key);
  void remember(const std::string& key, const Finding& finding);

  const Post post_;
  const HttpMemory memory_;
  const std::function<Time()> now_;
  const std::string secret_;  // so that nothing in memory can be tried against passwords
  std::mutex mutex_;
  std::unordered_map<std::string, Remembered> remembered_;
};

// What an answer says. Pure.
Finding read_http_answer(const HttpAnswer& answer, const Question& question);

}  // namespace gaon::auth
