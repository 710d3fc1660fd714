#include "report.h"

#include <iostream>

namespace gaon::scenario {
namespace {

constexpr const char* kVerdicts[] = {"passed", "failed", "skipped"};

}  // namespace

void Report::add(const Script& script, const Outcome& outcome, double milliseconds) {
  left_out_ += script.left_out;
  ++counts_[static_cast<std::size_t>(outcome.verdict)];
  if (options_.json) {
    entries_.push_back({{"path", script.path},
                        {"version", mqtt::name(script.version)},
                        {"title", script.title},
                        {"covers", script.covers},
                        {"verdict", kVerdicts[static_cast<std::size_t>(outcome.verdict)]},
                        {"text", outcome.text},
                        {"ms", milliseconds}});
  } else if (outcome.verdict == Verdict::failed) {
    std::cout << "FAILED " << script.name() << ": " << script.title << "\n" << outcome.text << "\n";
  } else if (options_.verbose) {
    std::cout << kVerdicts[static_cast<std::size_t>(outcome.verdict)] << " " << script.name()
              << (outcome.text.empty() ? "" : ": " + outcome.text) << "\n";
  }
}

int Report::finish() const {
  if (options_.json) {
    std::cout << nlohmann::json{{"passed", counts_[0]},
                                {"failed", counts_[1]},
                                {"skipped", counts_[2]},
                                {"left_out", left_out_},
                                {"scenarios", entries_}}
                     .dump(2)
              << "\n";
  } else {
    std::cout << counts_[0] << " passed, " << counts_[1] << " failed, " << counts_[2] << " skipped";
    if (left_out_ > 0) std::cout << "; left out: " << left_out_ << " lines marked as ours";
    std::cout << "\n";
  }
  return counts_[1] > 0 ? 1 : 0;
}

}  // namespace gaon::scenario
