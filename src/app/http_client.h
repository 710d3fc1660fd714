// Requests to other people's servers, by libcurl: bounded in time and size, no redirects.
// Any number of threads.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "auth/http_source.h"
#include "base/result.h"

namespace gaon::app {

struct HttpRequest {
  std::string url;                  // http:// or https://
  std::optional<std::string> body;  // JSON, by POST; else it is a GET
  std::string authorization;        // the header's value; empty: none
  std::uint32_t timeout_s = 5;      // all in all
  std::size_t answer_max = 1 << 20;
  std::stop_token stop = {};  // ends it within a second
};

class HttpClient {
 public:
  HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  // Blocks. An answer of any status is one; errors name the server, but no more of the URL.
  Result<auth::HttpAnswer> send(const HttpRequest& request);

 private:
  void* take();
  void give_back(void* handle);

  std::mutex mutex_;
  std::vector<void*> idle_;  // handles, with their open connections
};

// "https://host:port" of a URL; empty if it is none of HTTP. What stands behind it may be secret.
std::string server_of(const std::string& url);

// Encrypted, or to this machine.
bool is_private(const std::string& url);

}  // namespace gaon::app
