// Authentication methods for scenarios, whose secrets can be read.
#pragma once

#include <memory>
#include <string>

#include "auth/authenticator.h"

namespace gaon::scenario {

// A method that asks back whatever it is told, until it is told one of these:
//   open sesame   granted, with the final data "welcome"
//   wrong         refused as a wrong password
//   nothing       no answer, ever
class ServerEcho final : public auth::Exchange {
 public:
  auth::Reply next(ByteView data) override {
    const std::string text(as_text(data));
    if (text == "open sesame") return {auth::Verdict::granted, "welcome"};
    if (text == "wrong") return auth::Verdict::bad_user_name_or_password;
    if (text == "nothing") return auth::Verdict::pending;
    return {auth::Verdict::continue_authentication, text + "?"};
  }
};

// The client's side: begins with what it is given, answers with what it is asked and
// believes every broker that does not end with "wrong".
class ClientEcho final : public auth::Exchange {
 public:
  explicit ClientEcho(std::string first) : first_(std::move(first)) {}
  auth::Reply next(ByteView data) override {
    if (!begun_) {
      begun_ = true;
      return {auth::Verdict::continue_authentication, first_};
    }
    const std::string text(as_text(data));
    if (text == "wrong") return auth::Verdict::not_authorized;
    if (text == "welcome") return auth::Verdict::granted;
    return {auth::Verdict::continue_authentication, text};
  }

 private:
  std::string first_;
  bool begun_ = false;
};

// Lets everybody in who names no method, and who satisfies its own.
class EchoMethod final : public auth::AnonymousOnly {
 public:
  explicit EchoMethod(std::string method) : method_(std::move(method)) {}
  std::unique_ptr<auth::Exchange> begin(std::string_view method, const auth::Credentials&,
                                        const auth::Ticket&) override {
    return method == method_ ? std::make_unique<ServerEcho>() : nullptr;
  }

 private:
  const std::string method_;
};

}  // namespace gaon::scenario
