// One side of an authentication method of MQTT 5 (section 4.12), the server's or the
// client's: what the other side sent goes in, what to send comes out.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "auth/identity.h"
#include "base/bytes.h"

namespace gaon::auth {

enum class Verdict : std::uint8_t {
  granted,
  bad_user_name_or_password,
  not_authorized,
  pending,                  // the answer comes later, with the same ticket
  continue_authentication,  // of an exchange: the other side has to say more
};

struct Reply {
  Verdict verdict = Verdict::pending;
  std::string data = {};   // for the other side, at most 65,535 bytes; of no refusal
  Identity identity = {};  // who it is, when granted by the server's side
  const char* why = "";    // of a refusal: for our log or our user, not for the other side

  Reply() = default;
  Reply(Verdict is, std::string to_send = {}) : verdict(is), data(std::move(to_send)) {}
};

// Owned by the connection it is for and used on its thread only, which may destroy it
// while an answer is pending.
class Exchange {
 public:
  virtual ~Exchange() = default;
  // The server's side gets the data of CONNECT (or of AUTH 0x19) first, then that of each
  // AUTH. The client's side first gets nothing and gives the data of CONNECT, then gets
  // that of each AUTH, and in the end that of CONNACK (or AUTH 0x00), where its reply is
  // granted or a refusal: whether it believes the server. Not called again after granted
  // or a refusal, nor while pending. The client's side is never pending.
  virtual Reply next(ByteView data) = 0;
};

}  // namespace gaon::auth
