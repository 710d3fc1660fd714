// gaon ca init | issue | revoke | list
#include <cstdio>
#include <ctime>

#include "app/command.h"
#include "app/device_ca.h"

namespace gaon::app {
namespace {

constexpr std::int64_t kCaDays = 3650;
constexpr std::int64_t kDeviceDays = 30;

Usage usage(const char* command, const char* doc, const char* examples) {
  return {.command = std::string("gaon ca ") + command, .doc = doc, .examples = examples};
}

Option directory_option(std::string& to) {
  return {"--dir", "DIR", "The CA's directory; gaon-ca if not given.", &to};
}

std::int64_t now_s() { return static_cast<std::int64_t>(std::time(nullptr)); }

int fail(const Usage& of, const Error& error) {
  return finish({kFailed, of.command + ": " + error.what + '\n'});
}

std::string date_of(std::int64_t time_s) {
  const std::time_t time = time_s;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &parts)};
}

int init_command(const Arguments& arguments) {
  const Usage of =
      usage("init", "Make a CA for devices: a certificate and a key in a directory.",
            "Examples:\n  gaon ca init\n  gaon ca init --dir plant-ca --name Plant --days 1000\n");
  std::string directory = "gaon-ca";
  std::string name = "gaon-ca";
  std::int64_t days = kCaDays;
  const Option options[] = {directory_option(directory),
                            {"--name", "NAME", "What it is called; gaon-ca if not given.", &name},
                            {"--days", "DAYS", "How long it lasts; 3650 if not given.",
                             Number(days, 1, static_cast<double>(DeviceCa::kDaysMax))}};
  if (auto read = read_arguments(of, options, arguments); !read) return finish(read.error());
  if (auto done = DeviceCa::init(directory, name, days, now_s()); !done) return fail(of, done.error());
  return finish({kDone, "made " + directory + "/ca.pem; keep " + directory + "/ca.key secret\n"});
}

int issue_command(const Arguments& arguments) {
  const Usage of =
      usage("issue", "Issue a certificate: to a device, or with --host to a broker.",
            "Examples:\n  gaon ca issue pump-7\n  gaon ca issue broker --host mqtt.plant.example --host "
            "10.0.0.5 --days 90\n  gaon ca issue pump-7 --renew\n");
  std::string directory = "gaon-ca";
  DeviceCa::Request request{.days = kDeviceDays};
  const Option options[] = {
      {"NAME", "", "Whom it is for: letters, digits, '.', '-', '_'.", &request.name},
      directory_option(directory),
      {"--host", "HOST", "A name or address of the broker; may be repeated.", &request.hosts},
      {"--days", "DAYS", "How long it lasts; 30 if not given.",
       Number(request.days, 1, static_cast<double>(DeviceCa::kDaysMax))},
      {"--renew", "", "Also if one under that name is valid; both are then.", &request.renew}};
  if (auto read = read_arguments(of, options, arguments); !read) return finish(read.error());
  if (request.name.empty()) return finish(usage_mistake(of, "name whom it is for"));
  auto ca = DeviceCa::open(directory);
  if (!ca) return fail(of, ca.error());
  if (auto done = ca->issue(request, now_s()); !done) return fail(of, done.error());
  const std::string file = directory + "/" + request.name;
  return finish({kDone, "made " + file + ".pem and " + file + ".key, good until " +
                            date_of(ca->issued().back().until_s) + '\n'});
}

int revoke_command(const Arguments& arguments) {
  const Usage of = usage("revoke", "Revoke what was issued under a name.",
                         "Examples:\n  gaon ca revoke pump-7\n  gaon ca revoke pump-7 --serial 3F1C5D0A\n");
  std::string directory = "gaon-ca";
  std::string name;
  std::string serial;
  const Option options[] = {
      {"NAME", "", "Whose certificates.", &name},
      {"--serial", "HEX", "Only this one, as 'gaon ca list' shows it; others of that name stay.", &serial},
      directory_option(directory)};
  if (auto read = read_arguments(of, options, arguments); !read) return finish(read.error());
  if (name.empty()) return finish(usage_mistake(of, "name whose certificates"));
  auto ca = DeviceCa::open(directory);
  if (!ca) return fail(of, ca.error());
  const auto done = ca->revoke(name, serial, now_s());
  if (!done) return fail(of, done.error());
  return finish({kDone, "revoked " + std::to_string(*done) + "; a broker sees it when it reads " + directory +
                            "/crl.pem: by itself if it watches its files, or by 'gaon reload'\n"});
}

int list_command(const Arguments& arguments) {
  const Usage of = usage("list", "List what was issued.", "Examples:\n  gaon ca list --dir plant-ca\n");
  std::string directory = "gaon-ca";
  const Option options[] = {directory_option(directory)};
  if (auto read = read_arguments(of, options, arguments); !read) return finish(read.error());
  const auto ca = DeviceCa::open(directory);
  if (!ca) return fail(of, ca.error());
  std::string text;
  for (const DeviceCa::Issued& one : ca->issued()) {
    const char* state = one.revoked_s != 0 ? "revoked" : one.until_s <= now_s() ? "expired" : "valid";
    text += std::string(state) + '\t' + date_of(one.until_s) + '\t' + one.serial + '\t' + one.name + '\n';
  }
  return finish({kDone, text});
}

constexpr Command kCommands[] = {
    {"init", "Make a CA.", init_command},
    {"issue", "Issue a certificate.", issue_command},
    {"revoke", "Revoke certificates.", revoke_command},
    {"list", "List what was issued.", list_command},
};

}  // namespace

int ca_command(const Arguments& arguments) { return run_command("gaon ca", kCommands, arguments); }

}  // namespace gaon::app
