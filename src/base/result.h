// What may fail because of the world (a disk, a socket, a file): a value or an
// Error whose text names the cause and, where there is one, the fix.
// What a peer does wrong is a mqtt::Fault; what we do wrong is a CHECK.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace gaon {

struct Error {
  std::string what;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> failure(std::string what) { return std::unexpected(Error{std::move(what)}); }

}  // namespace gaon

#define GAON_JOIN_(a, b) a##b
#define GAON_JOIN(a, b) GAON_JOIN_(a, b)

// TRY(expected): returns its error from this function, or goes on.
#define TRY(expression)                                                          \
  if (auto GAON_JOIN(try_, __LINE__) = (expression); !GAON_JOIN(try_, __LINE__)) \
  return std::unexpected(std::move(GAON_JOIN(try_, __LINE__)).error())

// TRY_SET(variable, expected): the same, and keeps the value.
#define TRY_SET(variable, expression)                                                                   \
  auto GAON_JOIN(try_, __LINE__) = (expression);                                                        \
  if (!GAON_JOIN(try_, __LINE__)) return std::unexpected(std::move(GAON_JOIN(try_, __LINE__)).error()); \
  variable = std::move(*GAON_JOIN(try_, __LINE__))
