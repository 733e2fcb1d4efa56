#include "bulk/blame.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wf = mistral::workflows;
using namespace mistral::workflows::bulk_core;
using namespace std::chrono_literals;
using enum blame;

namespace {

const std::vector<std::string> quota_codes{"WF_1900"};

wf::api_error answer(int status, const std::string& code = "",
                     std::optional<std::int64_t> retry_after_ms = {}) {
  wf::api_error_details details;
  details.status = status;
  details.code = code;
  details.retry_after_ms = retry_after_ms;
  return wf::api_error(details, wf::error_context());
}

blame of(const wf::error& what) { return blame_of(what, quota_codes); }

struct answer_case {
  int status;
  const char* code;
  std::optional<std::int64_t> retry_after_ms;
  blame says;
};

}  // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(mistral::workflows::bulk_core::blame)

BOOST_AUTO_TEST_SUITE(bulk_blame)

BOOST_AUTO_TEST_CASE(an_answer_says_whose_fault_it_is) {
  const std::vector<answer_case> cases{
      {400, "", {}, job},          {413, "", {}, job},          {422, "", {}, job},
      {422, "WF_1001", {}, job},   {409, "WF_1101", {}, job},   {401, "", {}, batch},
      {403, "", {}, batch},        {404, "", {}, batch},        {404, "WF_1100", {}, batch},
      {422, "WF_1100", {}, batch}, {407, "", {}, batch},        {500, "WF_1000", {}, batch},
      {500, "WF_1302", {}, batch}, {502, "", {}, batch},        {503, "", 5'000, batch},
      {504, "WF_1103", {}, batch}, {522, "", {}, batch},        {402, "", {}, quota},
      {429, "", {}, passing},      {429, "", 60'000, passing},  {429, "", 60'001, quota},
      {425, "", {}, passing},      {403, "WF_1900", {}, quota}, {422, "WF_1900", {}, quota},
  };
  for (const answer_case& each : cases)
    BOOST_TEST((of(answer(each.status, each.code, each.retry_after_ms)) == each.says),
               each.status << " " << each.code << " " << each.retry_after_ms.value_or(0));
}

BOOST_AUTO_TEST_CASE(what_is_refused_before_it_is_sent_is_the_jobs_but_for_options) {
  BOOST_TEST((of(wf::invalid_argument("input", "is too large")) == job));
  BOOST_TEST((of(wf::invalid_argument("execution_id", "is too long")) == job));
  BOOST_TEST((of(wf::invalid_argument("client_options.api_key", "is missing")) == batch));
  BOOST_TEST(
      (of(wf::invalid_argument("client_options.api_key_supplier", "gave a key that is empty")) == batch));
  BOOST_TEST((of(wf::invalid_argument("call_options.deadline", "must be longer than 0 ms")) == batch));
}

BOOST_AUTO_TEST_CASE(no_network_and_no_answer_in_time_are_the_batchs) {
  const wf::error_context context;
  BOOST_TEST((of(wf::transport_error(boost::asio::error::connection_refused, wf::call_phase::connecting,
                                     "refused", context)) == batch));
  BOOST_TEST((of(wf::timeout_error(wf::call_phase::waiting_for_answer, context)) == batch));
  BOOST_TEST((of(wf::decode_error("/status", "is missing", 200, "{}", context)) == batch));
}

BOOST_AUTO_TEST_CASE(a_start_that_the_client_holds_back_beyond_its_deadline_is_a_quotas) {
  const wf::rate_limited_error held_back(45s, wf::error_context());
  BOOST_TEST((of(held_back) == quota));
  BOOST_TEST((retry_after_of(held_back).value() == 45s));
}

BOOST_AUTO_TEST_CASE(something_else_under_the_jobs_id_is_the_jobs_and_a_cancelled_start_is_nobodys) {
  BOOST_TEST((of(wf::error(wf::make_error_code(wf::errc::start_unknown), "", wf::error_context())) == job));
  BOOST_TEST((of(wf::cancelled_error(wf::error_context())) == passing));
}

BOOST_AUTO_TEST_CASE(the_wait_that_the_server_asked_for_is_told) {
  BOOST_TEST((retry_after_of(answer(503, "", 1'500)).value() == 1500ms));
  BOOST_TEST(!retry_after_of(answer(503)));
  BOOST_TEST(!retry_after_of(wf::invalid_argument("input", "is too large")));
}

BOOST_AUTO_TEST_SUITE_END()
