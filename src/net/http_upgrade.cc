#include "net/http_upgrade.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http.hpp>

#include "base/check.h"

namespace gaon::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using http::field;
using http::status;

// RFC 6455, section 1.3.
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kKeySize = 24;  // of it in base64
constexpr std::size_t kOriginTold = 200;

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }
boost::beast::string_view beast_view(std::string_view text) { return {text.data(), text.size()}; }

template <class Message>
std::string text_of(Message& message) {
  http::serializer<Message::is_request::value, typename Message::body_type> serializer(message);
  std::string text;
  while (!serializer.is_done()) {
    error_code error;
    std::size_t size = 0;
    serializer.next(error, [&](error_code&, const auto& buffers) {
      for (const auto& piece : boost::beast::buffers_range_ref(buffers)) {
        text.append(static_cast<const char*>(piece.data()), piece.size());
        size += piece.size();
      }
    });
    CHECK(!error);
    serializer.consume(size);
  }
  return text;
}

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string text(4 * ((size + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size));
  return text;
}

std::string accept_of(std::string_view key) {
  const std::string both = std::string(key) + std::string(kGuid);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  CHECK(EVP_Digest(both.data(), both.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1);
  return base64(digest.data(), size);
}

bool is_key(std::string_view text) {
  std::array<unsigned char, kKeySize> bytes{};  // 18, of which the last two are padding
  return text.size() == kKeySize && text.ends_with("==") &&
         EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()), kKeySize) >= 0;
}

using Response = http::response<http::string_body>;
using Request = http::request_parser<http::empty_body>;

Response answer(status code) {
  Response response(code, 11);
  response.set(field::server, "gaon");
  return response;
}

UpgradeAnswer refuse(status code, const std::string& why, field extra = field::unknown,
                     std::string_view value = {}) {
  Response response = answer(code);
  response.set(field::connection, "close");
  response.set(field::content_type, "text/plain");
  if (extra != field::unknown) response.set(extra, beast_view(value));
  if (code == status::upgrade_required) {
    response.set(field::connection, "upgrade, close");
    response.set(field::upgrade, "websocket");
  }
  response.body() = why + "\n";
  response.prepare_payload();
  return {.accepted = false,
          .response = text_of(response),
          .why = "WebSocket failed: answered " + std::to_string(response.result_int()) + ": " + why};
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string made(text);
  std::ranges::transform(made, made.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

// RFC 6454, section 7: scheme, host and, if it is not that of the scheme, port.
bool is_origin(std::string_view text) {
  const std::size_t at = text.find("://");
  return at != std::string_view::npos && at > 0 && at + 3 < text.size() &&
         text.find_first_of("/ *?#", at + 3) == std::string_view::npos;
}

}  // namespace

Result<std::vector<std::string>> parse_origins(std::string_view text) {
  std::vector<std::string> origins;
  while (!trimmed(text).empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view one = trimmed(text.substr(0, comma));
    if (!is_origin(one)) return failure("\"" + std::string(one) + "\" is no origin of web pages");
    origins.push_back(lower(one));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return origins;
}

UpgradeAnswer answer_upgrade(std::string_view head, std::string_view path,
                             std::span<const std::string> origins) {
  Request parser;
  parser.header_limit(kHttpHeadMax);
  error_code error;
  parser.put(boost::asio::buffer(head.data(), head.size()), error);
  if (!error && !parser.is_header_done()) error = http::error::partial_message;
  if (error) return refuse(status::bad_request, "this is no HTTP request: " + error.message());

  const auto& request = parser.get();
  if (request.method() != http::verb::get || request.version() < 11) {
    return refuse(status::method_not_allowed, "WebSocket begins with GET by HTTP/1.1", field::allow, "GET");
  }
  const std::string_view target = view_of(request.target());
  if (target.substr(0, target.find('?')) != path) {
    return refuse(status::not_found, "there is nothing but " + std::string(path));
  }
  const std::string_view origin = view_of(request[field::origin]);
  const std::size_t named = request.count(field::origin);
  if (!origins.empty() && named > 0 &&
      (named > 1 || std::ranges::find(origins, lower(origin)) == origins.end())) {
    return refuse(status::forbidden, "pages of " + std::string(origin.substr(0, kOriginTold)) +
                                         " may not connect (listener.origins)");
  }
  if (!http::token_list(request[field::connection]).exists("upgrade") ||
      !http::token_list(request[field::upgrade]).exists("websocket")) {
    return refuse(status::upgrade_required, "WebSocket is spoken here");
  }
  if (request[field::sec_websocket_version] != "13") {
    return refuse(status::upgrade_required, "version 13 of WebSocket is spoken here",
                  field::sec_websocket_version, "13");
  }
  const std::string_view key = view_of(request[field::sec_websocket_key]);
  if (!is_key(key)) return refuse(status::bad_request, "Sec-WebSocket-Key is not 16 bytes in base64");
  if (!http::token_list(request[field::sec_websocket_protocol]).exists(beast_view(kSubprotocol))) {
    return refuse(status::bad_request, "the subprotocol mqtt is not among those offered");
  }
  Response response = answer(status::switching_protocols);
  response.set(field::upgrade, "websocket");
  response.set(field::connection, "Upgrade");
  response.set(field::sec_websocket_accept, accept_of(key));
  response.set(field::sec_websocket_protocol, beast_view(kSubprotocol));  // [MQTT-6.0.0-4]
  return {.accepted = true, .response = text_of(response), .why = {}};
}

UpgradeAnswer refuse_large_head() {
  return refuse(status::request_header_fields_too_large, "the head is larger than 8 KiB");
}

std::string make_upgrade_key() {
  std::array<unsigned char, kKeyBytes> bytes{};
  CHECK(RAND_bytes(bytes.data(), kKeyBytes) == 1);
  return base64(bytes.data(), bytes.size());
}

std::string upgrade_request(std::string_view host, std::string_view path, std::string_view key) {
  http::request<http::empty_body> request(http::verb::get, beast_view(path), 11);
  request.set(field::host, beast_view(host));
  request.set(field::upgrade, "websocket");
  request.set(field::connection, "Upgrade");
  request.set(field::sec_websocket_key, beast_view(key));
  request.set(field::sec_websocket_version, "13");
  request.set(field::sec_websocket_protocol, beast_view(kSubprotocol));  // [MQTT-6.0.0-3]
  return text_of(request);
}

std::string check_upgrade(std::string_view head, std::string_view key) {
  http::response_parser<http::empty_body> parser;
  parser.header_limit(kHttpHeadMax);
  parser.skip(true);
  error_code error;
  parser.put(boost::asio::buffer(head.data(), head.size()), error);
  if (error || !parser.is_header_done()) return "WebSocket failed: the answer is not HTTP";
  const auto& response = parser.get();
  if (response.result() != status::switching_protocols) {
    return "WebSocket failed: the answer is " + std::to_string(response.result_int()) + " " +
           std::string(view_of(response.reason()));
  }
  if (!http::token_list(response[field::upgrade]).exists("websocket") ||
      view_of(response[field::sec_websocket_accept]) != accept_of(key)) {
    return "WebSocket failed: the answer does not fit the request";
  }
  if (view_of(response[field::sec_websocket_protocol]) != kSubprotocol) {
    return "WebSocket failed: the server did not choose the subprotocol mqtt";
  }
  return {};
}

}  // namespace gaon::net
