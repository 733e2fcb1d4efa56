// Every operation of the description, called through the public
// client, against a server that writes the requests down.
#include "openapi/coverage.hpp"

#include "openapi/generate.hpp"
#include "openapi/recorder.hpp"
#include "openapi/request_check.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>
#include <boost/url/pct_string_view.hpp>

#include <iostream>
#include <map>

namespace openapi {
namespace {

// The id that a request names: in its body, under `name`, or in its path behind `before`.
std::string id_of(const recorded& request, std::string_view name, std::string_view before) {
  boost::system::error_code none;
  const json::value body = json::parse(request.body, none);
  const json::value* named = body.is_object() ? body.get_object().if_contains(name) : nullptr;
  if (named && named->is_string()) return std::string(named->get_string());
  const auto at = request.target.find(before);
  if (at == std::string::npos) return std::string();
  const std::string rest = request.target.substr(at + before.size());
  const std::string encoded = rest.substr(0, rest.find_first_of("/?"));
  return boost::urls::pct_string_view(encoded).decode();
}

// Of a batch, that each execution it names has ended; null: it is none.
json::value results_for(const recorded& request) {
  boost::system::error_code none;
  const json::value body = json::parse(request.body, none);
  const json::value* ids = body.is_object() ? body.get_object().if_contains("execution_ids") : nullptr;
  if (!ids) return nullptr;
  json::object out;
  for (const json::value& id : ids->as_array()) out[id.as_string()] = json::object({{"status", "success"}});
  return out;
}

// An answer that the description would give to it, about the execution or schedule that was asked for.
std::string answer_to(const operation& asked, const recorded& request) {
  const int status = asked.success();
  const response& what = asked.responses.at(status);
  std::string head = "HTTP/1.1 " + std::to_string(status) + " Fine\r\n";
  if (!what.schema) return head + "\r\n";
  generate_options options;
  options.optional = false;
  if (what.content_type == "text/event-stream") {
    const json::value& data = what.schema->at("properties").at("data").at("oneOf").at(0);
    return head + "Content-Type: text/event-stream\r\n\r\nid: 1\nevent: log\ndata: " +
           json::serialize(generator(options)(data)) + "\n\n";
  }
  json::value body = generator(options)(*what.schema);
  // An execution that fails is an error of the call that waits for it.
  json::value* state = body.is_object() ? body.get_object().if_contains("status") : nullptr;
  if (state && state->is_string()) *state = "COMPLETED";
  constexpr std::pair<std::string_view, std::string_view> ids[] = {{"execution_id", "/executions/"},
                                                                   {"schedule_id", "/schedules/"}};
  for (const auto& [name, before] : ids) {
    const std::string asked_for = id_of(request, name, before);
    json::value* id = body.is_object() ? body.get_object().if_contains(name) : nullptr;
    if (id && !asked_for.empty()) *id = asked_for;
  }
  if (json::value results = results_for(request); results.is_object())
    body.get_object()["results"] = std::move(results);
  const std::string text = json::serialize(body);
  return head + "Content-Type: application/json\r\nContent-Length: " + std::to_string(text.size()) +
         "\r\n\r\n" + text;
}

class run {
 public:
  run()
      : server_(io_, [this](const recorded& request) { return answer_to(*now_, request); }),
        client_(io_.get_executor(), options()) {}

  /// The problems of one operation.
  std::vector<std::string> cover(const operation& which, const operation_calls& calls) {
    now_ = &which;
    request_check check(which);
    one(check, calls.none(client_), false);
    for (int variant = 0; calls.all && variant < calls.variants; ++variant)
      one(check, calls.all(client_, variant), true);
    check.missing();
    return check.problems();
  }

 private:
  wf::client_options options() const {
    wf::client_options out;
    out.server_url = server_.url();
    out.api_key = "coverage-key";
    out.retry.max_attempts = 1;
    return out;
  }

  void one(request_check& check, done call, bool all) {
    bool ended = false;
    asio::co_spawn(io_, std::move(call), [&](std::exception_ptr thrown) {
      ended = true;
      try {
        if (thrown) std::rethrow_exception(thrown);
      } catch (const std::exception& e) {
        check.problem(std::string("the call failed: ") + e.what());
      }
    });
    while (!ended) io_.run_one();
    int found = 0;
    for (const recorded& request : server_.take()) {
      if (request.method == now_->method && request.path() == check.path()) {
        ++found;
        check.one(request, all);
      } else {
        check.problem("sent " + request.method + " " + request.target + " in place of " + check.path());
      }
    }
    if (found != 1) check.problem("sent " + std::to_string(found) + " requests");
  }

  asio::io_context io_;
  const operation* now_ = nullptr;
  recorder server_;
  wf::client client_;
};

std::map<std::string_view, operation_calls> all_calls() {
  std::map<std::string_view, operation_calls> out;
  for (const auto& part :
       {execution_calls(), run_and_event_calls(), workflow_calls(), schedule_calls(), deployment_calls()})
    for (const operation_calls& each : part) out.emplace(each.operation, each);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(openapi_coverage) {
  const auto calls = all_calls();
  run client;
  std::size_t covered = 0;
  for (const operation& each : description::get().operations()) {
    const auto known = calls.find(each.name());
    if (known == calls.end()) {
      BOOST_ERROR(each.name() << ": the library has no call for it");
      continue;
    }
    const auto problems = client.cover(each, known->second);
    for (const std::string& problem : problems) BOOST_ERROR(each.name() << ": " << problem);
    if (problems.empty()) ++covered;
  }
  for (const auto& [name, call] : calls) BOOST_CHECK_NO_THROW(description::get().at(name));
  const std::size_t all = description::get().operations().size();
  std::cout << "operations covered: " << covered << "/" << all << std::endl;
  BOOST_TEST(all == 54u);
  BOOST_TEST(covered == all);
}

}  // namespace openapi
