// A program with subcommands is a table of them.
#pragma once

#include <span>
#include <string_view>

#include "app/command_line.h"

namespace gaon::app {

struct Command {
  std::string_view name;
  std::string_view doc;
  int (*run)(const Arguments& arguments);  // returns the exit code
};

// Runs the one that the first argument names. --help lists them.
int run_command(std::string_view program, std::span<const Command> commands, const Arguments& arguments);

int serve_command(const Arguments& arguments);
int reload_command(const Arguments& arguments);
int pub_command(const Arguments& arguments);
int sub_command(const Arguments& arguments);
int simulate_command(const Arguments& arguments);
int torture_command(const Arguments& arguments);
int passwd_command(const Arguments& arguments);
int config_command(const Arguments& arguments);
int journal_command(const Arguments& arguments);
int ca_command(const Arguments& arguments);

}  // namespace gaon::app
