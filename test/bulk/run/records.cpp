// Outcomes as text, and two starts among runs: values in, values out.
#include "bulk/run/records.hpp"
#include "bulk/common/json_text.hpp"
#include "bulk/common/time_text.hpp"
#include "bulk/run/double_starts.hpp"

#include <mistral/workflows/bulk/job.hpp>
#include <mistral/workflows/bulk/outcome.hpp>
#include <mistral/workflows/error.hpp>

#include <boost/json/error.hpp>
#include <boost/json/object.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace mistral::workflows;
using namespace std::chrono_literals;

namespace {

bulk_outcome full_outcome() {
  bulk_outcome out("key \"1\"", bulk_status::completed);
  boost::json::object result;
  result["pi"] = 3.141592653589793;
  result["tenth"] = 0.1;
  result["big"] = std::uint64_t{18'446'744'073'709'551'615u};
  result["text"] = "\xC3\xA4\n";
  out.position = 7;
  out.execution_id = "nightly-1";
  out.run_id = "run";
  out.result = std::move(result);
  out.attempts = 2;
  out.queued = timestamp(std::chrono::microseconds(1'796'000'000'000'001));
  out.started = out.queued + std::chrono::seconds(1);
  out.ended = out.queued + std::chrono::seconds(2);
  out.repeated = true;
  return out;
}

execution_summary run_of(std::string id, int second, execution_status status) {
  execution_summary out;
  out.run_id = std::move(id);
  out.start_time = timestamp(std::chrono::seconds(second));
  out.status = status;
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(records_of_batches)

BOOST_AUTO_TEST_CASE(an_outcome_comes_back_from_its_line_as_it_was) {
  const bulk_outcome out = full_outcome();
  const std::string line = to_json_line(out);
  BOOST_TEST(line.find('\n') == std::string::npos);
  const bulk_outcome back = bulk_outcome_from_json(line);
  BOOST_TEST(back.key == out.key);
  BOOST_TEST(back.position == out.position);
  BOOST_TEST(back.result == out.result);
  BOOST_TEST((back.queued == out.queued));
  BOOST_TEST((back.ended == out.ended));
  BOOST_TEST(back.repeated);
  BOOST_TEST(to_json_line(back) == line);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_ahead_makes_no_job_older_than_its_batch_has_it) {
  const timestamp started(std::chrono::hours(24 * 365 * 56));
  const timestamp queued = started - 10s;
  BOOST_TEST((bulk_run::time_run(started, queued, started + 60s) == 60s));
  BOOST_TEST((bulk_run::time_run(started, std::nullopt, started + 60s) == 60s));
  // An hour ahead, then and now; and an hour behind.
  BOOST_TEST((bulk_run::time_run(started, queued + 1h, started + 60s + 1h) == 70s));
  BOOST_TEST((bulk_run::time_run(started, queued - 1h, started + 60s - 1h) == 0s));
  // Set right since: it was ahead when the job was queued.
  BOOST_TEST((bulk_run::time_run(started, queued + 1h, started + 60s) == 0s));
}

BOOST_AUTO_TEST_CASE(codes_of_outcomes_are_names_that_outlive_the_program) {
  bulk_outcome out("k", bulk_status::refused);
  out.error = "too large";
  out.code = make_error_code(errc::validation_failed);
  out.started_twice = {"a", "b"};
  const std::string line = to_json_line(out);
  BOOST_TEST(line.find("\"validation_failed\"") != std::string::npos);
  const bulk_outcome back = bulk_outcome_from_json(line);
  BOOST_TEST((back.code == errc::validation_failed));
  BOOST_TEST(back.error == "too large");
  BOOST_TEST(back.started_twice.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_line_that_is_no_outcome_is_refused) {
  for (const std::string line : {"", "{", "[]", "{}", R"({"key":"k","status":"fine"})", R"({"key":"k"} x)",
                                 R"({"key":"k","status":"left","queued":"yesterday"})"})
    BOOST_TEST_CONTEXT(line) BOOST_CHECK_THROW(bulk_outcome_from_json(line), decode_error);
}

BOOST_AUTO_TEST_CASE(numbers_are_rounded_as_their_text_says) {
  boost::system::error_code failure;
  const auto value = bulk_core::read_json_text(
      "[8.5e-320, 123456789012345680000.0, 0.30000000000000004, -7, 1e400]", failure);
  BOOST_TEST(!failure);
  BOOST_TEST(value.at(0).as_double() == 8.5e-320);
  BOOST_TEST(value.at(1).as_double() == 123456789012345680000.0);
  BOOST_TEST(value.at(2).as_double() == 0.30000000000000004);
  BOOST_TEST(value.at(3).as_int64() == -7);
}

BOOST_AUTO_TEST_CASE(inputs_are_read_as_their_text_says_or_not_at_all) {
  boost::system::error_code failure = boost::json::make_error_code(boost::json::error::syntax);
  const auto value = bulk_input_from_json("[8.5e-320, 0.30000000000000004, 18446744073709551615] ", failure);
  BOOST_TEST(!failure);
  BOOST_TEST(value.at(0).as_double() == 8.5e-320);
  BOOST_TEST(value.at(1).as_double() == 0.30000000000000004);
  BOOST_TEST(value.at(2).as_uint64() == 18446744073709551615u);

  const std::string deep = std::string(200, '[') + std::string(200, ']');
  BOOST_TEST(bulk_input_from_json(deep, failure).is_array());
  BOOST_TEST(!failure);

  for (const std::string number : {"18446744073709551616", "-9223372036854775809", "1e400"}) {
    BOOST_TEST(bulk_input_from_json("[1, " + number + "]", failure).is_null());
    BOOST_TEST((failure == boost::json::error::not_exact), number << ": " << failure.message());
  }
  std::size_t read = 0;
  bulk_input_from_json("{\"a\": x}", failure, &read);
  BOOST_TEST(failure.failed());
  BOOST_TEST(read == 6u);
  bulk_input_from_json("{}  {}", failure, &read);
  BOOST_TEST((failure == boost::json::error::extra_data));
  BOOST_TEST(read == 4u);
}

BOOST_AUTO_TEST_CASE(instants_come_back_from_their_text) {
  for (const std::int64_t micro :
       {std::int64_t{0}, std::int64_t{1'796'000'000'000'001}, std::int64_t{951'782'399'999'999}}) {
    const timestamp time{std::chrono::microseconds(micro)};
    BOOST_TEST((bulk_core::time_from_text(bulk_core::time_text(time)) == time));
  }
  BOOST_TEST(bulk_core::time_text(timestamp()) == "1970-01-01T00:00:00.000000Z");
  BOOST_TEST(!bulk_core::time_from_text("2026-02-30T00:00:00.000000Z").has_value());
  BOOST_TEST(!bulk_core::time_from_text("2026-02-03T24:00:00.000000Z").has_value());
  BOOST_TEST(!bulk_core::time_from_text("2026-02-03").has_value());
}

BOOST_AUTO_TEST_CASE(a_run_after_one_that_completed_is_a_second_start) {
  std::vector<execution_summary> runs = {run_of("b", 2, execution_status::running),
                                         run_of("a", 1, execution_status::completed)};
  const auto pair = bulk_core::two_starts(runs, "");
  BOOST_REQUIRE(pair.has_value());
  BOOST_TEST(pair->first == "a");
  BOOST_TEST(pair->second == "b");
}

BOOST_AUTO_TEST_CASE(a_run_that_may_have_followed_by_itself_is_no_second_start_unless_it_is_our_own) {
  for (const execution_status status : {execution_status::failed, execution_status::timed_out,
                                        execution_status::terminated, execution_status::continued_as_new}) {
    std::vector<execution_summary> runs = {run_of("a", 1, status),
                                           run_of("b", 2, execution_status::completed)};
    BOOST_TEST(!bulk_core::two_starts(runs, "").has_value());
    BOOST_TEST(!bulk_core::two_starts(runs, "a").has_value());
    BOOST_TEST(bulk_core::two_starts(runs, "b").has_value());
  }
}

BOOST_AUTO_TEST_CASE(ids_that_came_before_are_known) {
  bulk_core::seen_ids seen;
  for (int i = 0; i < 10'000; ++i) BOOST_REQUIRE(seen.insert("id-" + std::to_string(i)));
  for (int i = 0; i < 10'000; ++i) BOOST_REQUIRE(!seen.insert("id-" + std::to_string(i)));
  BOOST_TEST(seen.size() == 10'000u);
}

BOOST_AUTO_TEST_CASE(an_outcome_of_a_journal_that_cannot_be_read_says_so) {
  journal_record record;
  record.key = "k";
  record.position = 3;
  record.outcome = "rubbish";
  const bulk_outcome out = bulk_run::outcome_of(record);
  BOOST_TEST(out.key == "k");
  BOOST_TEST((out.status == bulk_status::unknown));
  BOOST_TEST(out.error.find("cannot be read") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
