// What the tests of results share: an execution whose events happen in time, and the wait for its end.
#pragma once

#include "api/result.hpp"
#include "session/follow/simulation/story.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scripted {

namespace api = mistral::workflows::api;
using protocol::run_facts;
using protocol::status_facts;
using protocol::terminal_kind;

constexpr const char* first = "r1";
constexpr const char* second = "r2";

inline status_facts answered(status_facts::answer said) {
  status_facts out;
  out.said = said;
  return out;
}

inline run_facts run_of(run_facts::answer said, const std::string& execution_id = std::string()) {
  run_facts out;
  out.said = said;
  out.execution_id = execution_id;
  return out;
}

/// Waits for the result of an execution whose events happen at given times.
struct waiting : story {
  struct timed {
    milliseconds at;
    std::int64_t number;
    std::string frame;
  };

  wf::result_options how;
  api::instant lags_until{};
  std::vector<timed> events;

  waiting() {
    server->answer = [this](const std::string& target, int) { return live(target); };
  }

  void happens(milliseconds at, std::int64_t number, const std::string& frame) {
    events.push_back({at, number, frame});
  }

  // What there is after the cursor, and the rest as it happens; the connection stays open.
  act live(const std::string& target) const {
    act out("", finish::open);
    out.tick_interval = 100ms;
    milliseconds last = 0ms;
    for (const auto& one : events) {
      last = std::max(last, one.at);
      if (one.number > cursor_in(target) && one.at <= passed()) out.body += one.frame;
    }
    for (auto from = passed(); from < last; from += 100ms) {
      std::string& text = out.ticks.emplace_back();
      for (const auto& one : events)
        if (one.number > cursor_in(target) && one.at > from && one.at <= from + 100ms) text += one.frame;
      if (text.empty()) text = ": nothing\n\n";
    }
    return out;
  }

  static wf::session::begun_operation operation() {
    wf::session::begun_operation out;
    out.name = "executions.result";
    return out;
  }

  asio::awaitable<void> wait_into(api::end_of_execution* out) {
    std::optional<api::instant> give_up;
    if (how.deadline) give_up = simulation::now() + *how.deadline;
    auto part_of = operation();
    auto stream = api::open_end_stream(server, recorded::execution, how, 60s, part_of, lags_until);
    *out = co_await api::wait_for_end(std::move(stream), how, give_up, std::move(part_of));
  }

  api::end_of_execution wait() {
    api::end_of_execution out;
    run(wait_into(&out));
    return out;
  }
  template <class Error>
  Error error_of_wait() {
    api::end_of_execution out;
    return error_of<Error>(wait_into(&out));
  }

  bool ended_as(const api::end_of_execution& end, wf::execution_status status) const {
    return end.over && end.state.status == status;
  }

  /// Of a run that has continued as new, and nobody says with which.
  void names_the_run() {
    server->look = [](const std::string&, int) { return ended(first, terminal_kind::continued_as_new); };
    const auto end = wait();
    BOOST_TEST(ended_as(end, wf::execution_status::continued_as_new));
    BOOST_TEST(end.failure.find(first) != std::string::npos);
    BOOST_TEST((passed() >= 60s && passed() <= 95s));
    BOOST_TEST(server->looks <= 20);
  }
};

}  // namespace scripted
