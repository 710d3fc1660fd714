// gaon: one program, one row a command.
#include "app/command.h"
#include "base/version.h"
#include "net/openssl_memory.h"

namespace gaon::app {
namespace {

int print_version(const Arguments&) { return finish({kDone, "gaon " + std::string(kVersion) + "\n"}); }

constexpr Command kCommands[] = {
    {"serve", "Run the broker.", serve_command},
    {"reload", "Have a broker that runs read its configuration again.", reload_command},
    {"pub", "Publish messages.", pub_command},
    {"sub", "Subscribe and print what arrives.", sub_command},
    {"simulate", "Publish what a factory with three lines would.", simulate_command},
    {"torture", "Kill a broker again and again, and see what it keeps.", torture_command},
    {"passwd", "Keep a file of users and passwords.", passwd_command},
    {"config", "Check or show a configuration.", config_command},
    {"journal", "Look into what a broker has on disk.", journal_command},
    {"ca", "Issue and revoke certificates of devices.", ca_command},
    {"--version", "Print the version.", print_version},
};

}  // namespace
}  // namespace gaon::app

int main(int argc, char** argv) {
  gaon::net::pack_openssl_memory();
  return gaon::app::run_command("gaon", gaon::app::kCommands,
                                gaon::app::Arguments(argv + (argc > 0), argv + argc));
}
