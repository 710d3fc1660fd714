#include "app/config_environment.h"

#include "app/config_key.h"
#include "app/environment.h"

namespace gaon::app {
namespace {

class Expansion {
 public:
  explicit Expansion(broker::Config& config) : config_(config) {}

  // All of a list have the name of the list.
  void expand(toml::node& node, const std::string& name) {
    if (toml::table* table = node.as_table()) {
      for (auto&& [part, inner] : *table) {
        expand(inner, name.empty() ? std::string(part.str()) : name + "." + std::string(part.str()));
      }
    } else if (toml::array* list = node.as_array()) {
      for (toml::node& inner : *list) expand(inner, name);
    } else if (auto* text = node.as_string()) {
      expand_text(*text, name);
    }
  }

  std::vector<Problem> take_problems() { return std::move(problems_); }

 private:
  void expand_text(toml::value<std::string>& text, const std::string& name) {
    auto expanded = expand_environment(text.get());
    if (!expanded) {
      problems_.push_back(
          {.what = expanded.error().what, .fix = "", .key = name, .line = text.source().begin.line});
    } else if (*expanded != text.get()) {
      const ConfigKey* key = find_key(name);
      if (key != nullptr && key->is_secret()) return;
      if (key != nullptr) config_.written[name] = text.get();
      text = std::move(*expanded);
    }
  }

  broker::Config& config_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> expand_texts(toml::table& root, broker::Config& config) {
  Expansion expansion(config);
  expansion.expand(root, "");
  return expansion.take_problems();
}

}  // namespace gaon::app
