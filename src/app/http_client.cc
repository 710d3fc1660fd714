#include "app/http_client.h"

#include <curl/curl.h>

#include <memory>

#include "net/address.h"

namespace gaon::app {
namespace {

struct Answer {
  std::string body;
  std::size_t most;
};

std::size_t take_body(char* data, std::size_t, std::size_t size, void* to) {
  auto& answer = *static_cast<Answer*>(to);
  if (answer.body.size() + size > answer.most) return 0;
  answer.body.append(data, size);
  return size;
}

// Called about once a second while nothing comes.
int is_stopped(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

void add(List& list, const std::string& header) {
  list.reset(curl_slist_append(list.release(), header.c_str()));
}

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

}  // namespace

// For the whole process, and counted; before there are other threads.
HttpClient::HttpClient() { curl_global_init(CURL_GLOBAL_DEFAULT); }

HttpClient::~HttpClient() {
  for (void* handle : idle_) curl_easy_cleanup(handle);
}

void* HttpClient::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return curl_easy_init();
  void* handle = idle_.back();
  idle_.pop_back();
  return handle;
}

void HttpClient::give_back(void* handle) {
  curl_easy_reset(handle);  // Its connections stay.
  const std::lock_guard lock(mutex_);
  idle_.push_back(handle);
}

Result<auth::HttpAnswer> HttpClient::send(const HttpRequest& request) {
  void* handle = take();
  if (handle == nullptr) return failure("libcurl has no memory");
  Answer answer{.body = {}, .most = request.answer_max};
  List headers;
  add(headers, "Accept: application/json");
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, static_cast<long>(request.timeout_s));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, static_cast<long>(request.timeout_s));
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "gaon");
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
  if (request.stop.stop_possible()) {
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, is_stopped);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &request.stop);
  }
  if (request.body) {
    add(headers, "Content-Type: application/json");
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body->c_str());
  }
  if (!request.authorization.empty()) add(headers, "Authorization: " + request.authorization);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  const CURLcode done = curl_easy_perform(handle);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  give_back(handle);
  if (done == CURLE_WRITE_ERROR) return failure(server_of(request.url) + ": its answer is too large");
  if (done != CURLE_OK) return failure(server_of(request.url) + ": " + curl_easy_strerror(done));
  return auth::HttpAnswer{.status = status, .body = std::move(answer.body)};
}

std::string server_of(const std::string& url) {
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return {};
  const std::string scheme = part_of(parsed.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return {};
  const std::string port = part_of(parsed.get(), CURLUPART_PORT);
  return scheme + "://" + part_of(parsed.get(), CURLUPART_HOST) + (port.empty() ? "" : ":" + port);
}

bool is_private(const std::string& url) {
  if (url.starts_with("https://")) return true;
  const auto address = net::parse_url("mqtt://" + server_of(url).substr(std::string("http://").size()));
  return address && net::is_loopback(*address);
}

}  // namespace gaon::app
