#include "app/serve_command.h"

#include <cstdio>

#include "app/command.h"
#include "app/log.h"
#include "app/server.h"
#include "base/log.h"

namespace gaon::app {
namespace {

const Usage kServe = {
    .command = "gaon serve",
    .doc = "Run the broker until SIGINT or SIGTERM.",
    .examples =
        "Examples:\n"
        "  gaon serve\n"
        "  gaon serve -c gaon.toml\n"
        "  gaon serve --listen mqtt://127.0.0.1:1884 --set limits.packet_bytes_max='1 MiB'\n"
        "Without a file it listens on mqtt://127.0.0.1:1883 and mqtt://[::1]:1883 and lets everybody on "
        "this\n"
        "machine in. All keys: gaon config show --docs\n",
};

// Options that are short for --set.
struct Short {
  const char* key;
  const char* names;
  const char* argument;
  const char* doc;
};
constexpr Short kShorts[] = {
    {"data_dir", "--data-dir", "DIR", "Where sessions and retained messages are kept."},
    {"workers", "--workers", "COUNT", "Threads; 0 is one a core."},
    {"log.level", "--log-level", "LEVEL", "debug, info, warning or error."},
    {"log.format", "--log-format", "FORMAT", "text or json."},
};

}  // namespace

std::expected<ServeArguments, Exit> read_serve_options(const Arguments& arguments) {
  ServeArguments serve;
  ConfigSource& source = serve.source;
  std::vector<Option> options = {
      {"-c,--config", "FILE", "The configuration.", &source.file},
      {"--listen", "URL", "Listen there instead; may be repeated.", &source.listen},
      {"--tls-certificate", "FILE", "Of a --listen with mqtts:// or wss://: PEM.",
       &source.tls.certificate.certificate_file},
      {"--tls-key", "FILE", "Its key: PEM.", &source.tls.certificate.key_file},
      {"--tls-client-ca", "FILE", "Clients must have a certificate by one of these CAs.",
       &source.tls.client_ca_file},
      {"--set", "KEY=VALUE", "Goes over the file; may be repeated.", &source.set},
      {"--salvage", "", "Start even if the journal is damaged, with what can be read of it.",
       &serve.options.salvage},
  };
  std::optional<std::string> values[std::size(kShorts)];
  for (std::size_t i = 0; i < std::size(kShorts); ++i) {
    options.push_back({kShorts[i].names, kShorts[i].argument, kShorts[i].doc, &values[i]});
  }
  auto read = read_arguments(kServe, options, arguments);
  if (!read) return std::unexpected(std::move(read).error());
  if (!source.tls.client_ca_file.empty()) source.tls.client_certificate = net::ClientCertificate::required;
  for (std::size_t i = 0; i < std::size(kShorts); ++i) {
    if (values[i]) source.set.push_back(std::string(kShorts[i].key) + "=" + *values[i]);
  }
  return serve;
}

int serve_command(const Arguments& arguments) {
  const auto serve = read_serve_options(arguments);
  if (!serve) return finish(serve.error());
  // Looked at before they are read: what changes while the broker starts is behind then.
  Contents contents = contents_of(files_of(serve->source.file, {}));
  const LoadedConfig loaded = load_config(serve->source);
  if (has_error(loaded.problems)) {
    for (const Problem& problem : loaded.problems) std::fprintf(stderr, "%s\n", to_text(problem).c_str());
    return kFailed;
  }
  start_log(loaded.config.log);
  for (Problem problem : loaded.problems) {
    problem.warning = false;  // The line says so already.
    log(LogLevel::warning, to_text(problem));
  }
  contents.merge(contents_of(files_of(serve->source.file, loaded.config)));
  const auto served = run_server(loaded.config, serve->source, std::move(contents), serve->options);
  if (served) return kDone;
  log(LogLevel::error, served.error().what);
  return kFailed;
}

}  // namespace gaon::app
