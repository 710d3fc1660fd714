#include "app/command.h"

#include <algorithm>
#include <vector>

#include "app/nearest.h"

namespace gaon::app {
namespace {

std::string overview(std::string_view program, std::span<const Command> commands) {
  std::string text = "Usage: " + std::string(program) + " COMMAND [OPTIONS]\n\nCommands:\n";
  std::size_t width = 0;
  for (const Command& command : commands) width = std::max(width, command.name.size());
  for (const Command& command : commands) {
    text.append("  ").append(command.name).append(width + 2 - command.name.size(), ' ');
    text.append(command.doc).append("\n");
  }
  return text + "\nEach has --help.\nExit codes: 0 done, 1 failed, 2 wrong usage.\n";
}

Exit unknown(std::string_view program, std::span<const Command> commands, std::string_view name) {
  std::vector<std::string_view> names;
  for (const Command& command : commands) names.push_back(command.name);
  const std::string_view near = nearest_name(name, names);
  std::string text = std::string(program) + ": there is no command '" + std::string(name) + "'";
  if (!near.empty()) text += "; did you mean '" + std::string(near) + "'?";
  return {kUsage, text + "\nSee '" + std::string(program) + " --help'.\n"};
}

}  // namespace

int run_command(std::string_view program, std::span<const Command> commands, const Arguments& arguments) {
  if (arguments.empty()) return finish({kUsage, overview(program, commands)});
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") return finish({kDone, overview(program, commands)});
  const auto command = std::ranges::find(commands, name, &Command::name);
  if (command == commands.end()) return finish(unknown(program, commands, name));
  return command->run(Arguments(arguments.begin() + 1, arguments.end()));
}

}  // namespace gaon::app
