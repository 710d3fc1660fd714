#include "app/base64.h"

#include <gtest/gtest.h>

namespace gaon::app {
namespace {

// RFC 4648, section 10.
TEST(Base64, is_as_the_rfc_shows_it) {
  const std::pair<const char*, const char*> shown[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [bytes, text] : shown) EXPECT_EQ(base64(as_bytes(bytes)), text);
  EXPECT_EQ(base64(as_bytes("\xff\xfb\xef")), "//vv");
}

}  // namespace
}  // namespace gaon::app
