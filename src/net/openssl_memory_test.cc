#include "net/openssl_memory.h"

#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gaon::net {
namespace {

// Before any test: all tests of this program that use TLS run in packed memory.
const bool kPacked = pack_openssl_memory();

class OpensslMemory : public testing::Test {
 protected:
  void SetUp() override {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the sanitizer watches OpenSSL's memory";
#endif
    ASSERT_TRUE(kPacked);
  }
};

TEST_F(OpensslMemory, has_an_ssl_in_its_7608_bytes) {
  std::vector<void*> blocks;
  std::size_t side_by_side = 0;
  for (int i = 0; i < 40; ++i) blocks.push_back(OPENSSL_malloc(7608));
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    if (static_cast<std::uint8_t*>(blocks[i]) - static_cast<std::uint8_t*>(blocks[i - 1]) == 7616)
      ++side_by_side;
  }
  EXPECT_GT(side_by_side, 30U);
  for (void* block : blocks) OPENSSL_free(block);
}

TEST_F(OpensslMemory, keeps_what_is_in_a_block_that_grows_and_shrinks) {
  char* block = static_cast<char*>(OPENSSL_strdup("what is to stay"));
  for (const std::size_t size : {300U, 310U, 8000U, 20'000U, 8192U, 257U, 16U}) {
    block = static_cast<char*>(OPENSSL_realloc(block, size));
    EXPECT_EQ(std::string(block), "what is to stay") << size;
  }
  OPENSSL_free(block);
}

TEST_F(OpensslMemory, frees_a_block_that_is_to_have_no_size) {
  EXPECT_EQ(OPENSSL_realloc(OPENSSL_malloc(1000), 0), nullptr);
  EXPECT_EQ(OPENSSL_realloc(OPENSSL_malloc(10), 0), nullptr);
}

}  // namespace
}  // namespace gaon::net
