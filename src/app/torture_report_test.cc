#include "app/torture_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace gaon::app {
namespace {

TortureResult result_of(const Judge& judge) {
  return {.judge = judge, .seed = 7, .kills = 3, .ended = "", .dir = "/d"};
}

TEST(TortureReport, a_kept_promise_is_said_and_no_directory_named) {
  Judge judge;
  const TortureResult result = result_of(judge);
  EXPECT_TRUE(all_kept(result));
  EXPECT_NE(to_text(result).find("All was kept."), std::string::npos);
  EXPECT_EQ(to_text(result).find("/d"), std::string::npos);
}

TEST(TortureReport, a_broken_one_is_counted_by_qos_and_told) {
  Judge judge;
  judge.broken(Broken::duplicated, "number 5", 2);
  const TortureResult result = result_of(judge);
  EXPECT_FALSE(all_kept(result));
  const std::string text = to_text(result);
  EXPECT_NE(text.find("duplicated, the first:\n  number 5\n"), std::string::npos) << text;
  EXPECT_NE(text.find("/d"), std::string::npos);
  EXPECT_NE(text.find("seed 7"), std::string::npos);
  const auto json = nlohmann::json::parse(to_json(result));
  EXPECT_EQ(json["kept"], false);
  EXPECT_EQ(json["broken"]["duplicated"]["qos2"], 1);
  EXPECT_EQ(json["broken"]["duplicated"]["cases"][0], "number 5");
}

TEST(TortureReport, an_unfinished_torture_is_no_success) {
  Judge judge;
  TortureResult result = result_of(judge);
  result.ended = "the broker does not start";
  EXPECT_FALSE(all_kept(result));
  EXPECT_NE(to_text(result).find(result.ended), std::string::npos);
}

}  // namespace
}  // namespace gaon::app
