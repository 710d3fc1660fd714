// Lines of a scenario in which a client does or sees something: "a: publish t x",
// "a> nothing".
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "script.h"

namespace gaon::scenario {

// "3.1", "3.1.1", "5" or "5.0".
Result<mqtt::Version> read_version(std::string_view text);

// Reads them one after the other: a connect with a version is for the lines that follow.
class StatementReader {
 public:
  explicit StatementReader(mqtt::Version version) : version_(version) {}

  // From now on the library of src/client is on trial.
  void of_client() { of_client_ = true; }

  // Line and text of the statement are left to the caller.
  Result<Statement> read(std::string_view line);

 private:
  mqtt::Version version_of(const std::string& who) const;
  bool is_library(const Statement& statement) const;
  Result<void> action(Statement& made, std::string_view rest);
  Result<void> opening(Statement& made, std::string_view rest);
  Result<void> take_version(Statement& made, std::vector<Word>& words);
  Result<void> command(Statement& made, std::string_view name, std::string_view rest);
  Result<void> expectation(Statement& made, std::string_view rest);
  Result<Expected> read_expected(const Statement& made, std::string_view part);

  mqtt::Version version_;
  bool of_client_ = false;
  std::map<std::string, mqtt::Version> versions_;  // of each client's last connect
};

}  // namespace gaon::scenario
