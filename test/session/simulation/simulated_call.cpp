#include "session/simulation/simulated_call.hpp"

#include "net/common/failure.hpp"
#include "session/simulation/virtual_time.hpp"

#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/schedules.hpp>
#include <mistral/workflows/unknown_outcome.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <ctime>
#include <utility>

namespace simulation {
namespace asio = boost::asio;

using namespace call_model;
using namespace std::chrono_literals;

namespace {

constexpr std::time_t epoch = 1'767'225'600;  // 2026-01-01T00:00:00Z

std::string formatted(instant microseconds, const char* how) {
  const std::time_t whole =
      epoch + static_cast<std::time_t>(
                  std::chrono::floor<std::chrono::seconds>(std::chrono::microseconds(microseconds)).count());
  std::tm parts{};
  ::gmtime_r(&whole, &parts);
  char out[64];
  return std::string(out, std::strftime(out, sizeof out, how, &parts));
}

std::string run_id(int run) {
  const std::string number = std::to_string(run);
  return "01934c6e-7a3b-7def-8abc-" + std::string(12 - number.size(), '0') + number;
}

// As HTTP has it.
instant in_whole_seconds(instant retry_after) { return (retry_after + second - 1) / second; }

bool is_2xx(const reply& r) { return r.status >= 200 && r.status < 300; }

std::string schedule_json(const std::string& id, bool as_called) {
  return R"({"input":null,"intervals":[{"every":"PT3600S"}],"policy":{"overlap":1},"schedule_id":")" + id +
         R"(","workflow_name":")" + (as_called ? "ticket" : "other") +
         R"(","paused":false,"future_executions":[]})";
}

}  // namespace

simulated_call::simulated_call(asio::io_context& io, random_source& random, history& past)
    : io_(io), random_(random), past_(past), model_(random, past), server_(io), began_(simulation::now()) {
  server_.otherwise = [this](const std::string& request) { return answer(request); };
}

instant simulated_call::now() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(simulation::now() - began_).count();
}

wf::client_options simulated_call::options() {
  wf::client_options out;
  out.server_url = "http://localhost";
  out.api_key_supplier = [this]() -> asio::awaitable<std::string> {
    co_return "key-" + std::to_string(++keys_);
  };
  out.retry.max_attempts = past_.max_attempts =
      random_.chance(0.6) ? 4 : static_cast<int>(1 + random_.below(6));
  if (random_.chance(0.05)) out.retry.max_retry_after = 1s;
  past_.deadline = random_.chance(0.8) ? 60 * second : 50 * ms + random_.mostly_short(60 * second) / ms * ms;
  out.call_deadline = std::chrono::milliseconds(past_.deadline / ms);
  out.hooks.attempt = [this](const wf::attempt_report& said) {
    if (said.status != 0 || said.bytes_sent > 0 || said.failure == asio::error::operation_aborted) return;
    reply none;
    none.left = false;
    note(said.call != said.operation, none);
  };
  return out;
}

simulated_call::handle simulated_call::client() {
  auto connect = [inner = server_.connector(), this]() -> asio::awaitable<std::unique_ptr<wf::net::channel>> {
    if (random_.chance(0.15)) {
      const std::chrono::microseconds time(random_.chance(0.7) ? random_.below(400 * ms)
                                                               : random_.mostly_short(30 * second));
      asio::steady_timer slow(io_, time);
      co_await slow.async_wait(asio::use_awaitable);
    }
    if (random_.chance(refuses_))
      throw wf::net::failure(asio::error::connection_refused, "connection refused");
    co_return co_await inner();
  };
  return std::make_shared<const wf::session::client_handle>(
      wf::session::client_state::over(io_.get_executor(), options(), std::move(connect)));
}

bool simulated_call::run() {
  constexpr double kinds[] = {16, 14, 10, 6, 15, 23, 10, 2.5, 2.5, 4.5};
  past_.clear();
  past_.kind = random_.pick<call_kind>(kinds);
  refuses_ = random_.chance(0.2) ? 0.4 : 0.02;
  model_.begin();
  bool over = false;
  asio::cancellation_signal stop;
  asio::steady_timer cancels(io_);
  auto by = client();
  if (random_.chance(0.06)) {
    cancelled_at_ = random_.mostly_short(20 * second);
    cancels.expires_at(began_ + std::chrono::microseconds(cancelled_at_));
    cancels.async_wait([&](const boost::system::error_code& off) {
      if (!off && !over) stop.emit(asio::cancellation_type::terminal);
    });
  }
  asio::co_spawn(io_, call(std::move(by)),
                 asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr failure) {
                   over = true;
                   ended(failure);
                 }));
  const bool done = run_until(io_, [&] { return over || now() > 600 * second; });
  cancels.cancel();
  // Whatever was on its way ends before this does.
  run_until(io_, [&] { return now() > past_.ended_at + 100 * second; });
  model_.advance(past_.ended_at + 100 * second);
  return done && over;
}

asio::awaitable<void> simulated_call::call(handle by) {
  switch (past_.kind) {
    case call_kind::ending:
      co_return co_await wf::executions_api(by).terminate("e1");
    case call_kind::ending_of_run: {
      wf::end_options meant;
      if (past_.given_run >= 0) meant.run_id = run_id(past_.given_run);
      co_return co_await wf::executions_api(by).terminate("e1", meant);
    }
    case call_kind::schedule: {
      wf::schedule_definition hourly;
      wf::schedule_interval interval;
      interval.every = 1h;
      hourly.intervals.push_back(interval);
      wf::schedule_create_request request("ticket", hourly);
      request.schedule_id = "s1";
      co_await wf::schedules_api(by).create(request);
      co_return;
    }
    case call_kind::read:
      co_await wf::executions_api(by).get("e1");
      co_return;
    case call_kind::repeatable:
      co_return co_await wf::schedules_api(by).pause("s1");
    case call_kind::once:
      co_return co_await wf::schedules_api(by).trigger("s1");
    default:
      co_return co_await start(std::move(by));
  }
}

asio::awaitable<void> simulated_call::start(handle by) {
  wf::execute_request request;
  if (past_.kind != call_kind::start_by_library) request.execution_id = "e1";
  if (past_.kind == call_kind::start_or_attach) request.if_exists = wf::if_exists::attach_running;
  if (past_.kind == call_kind::start_or_adopt) request.if_exists = wf::if_exists::adopt;
  const wf::started_execution out = co_await wf::workflows_api(by).execute("ticket", request);
  past_.attached = out.outcome == wf::start_outcome::attached;
}

// All at once: what the server does until then is known now, and nothing but a later request could change it.
test::script::said simulated_call::answer(const std::string& request) {
  const instant came = now();
  const bool is_look = request.starts_with("GET ") && past_.kind != call_kind::read;
  note(is_look, reply());
  model_.advance(came);
  if (is_look) {
    instant evaluated = never;
    const instant back = not_as_it_ends(model_.get(came, evaluated));
    model_.advance(back);
    look_record& one = past_.looks.back();
    one.evaluated = evaluated;
    one.ended = back;
    one.said = model_.answer_to_get();
    gate_closes(one.said, back);
    return bytes_of(one.said, request, back - came);
  }
  const int number = static_cast<int>(past_.sends.size()) - 1;
  const instant back = not_as_it_ends(model_.post(number, came));
  model_.advance(back);
  send_record& one = past_.sends.back();
  one.ended = back;
  one.said = model_.answer_to_post();
  if (one.said.status == 401) one.said.renewable_key = true;  // as the supplier's always is
  const bool without_content = !is_keyed(past_.kind) && past_.kind != call_kind::read;
  if (without_content && is_2xx(one.said)) one.said.complete = true;  // the head says all
  gate_closes(one.said, back);
  return bytes_of(one.said, request, back - came);
}

// Whether an answer is heard that comes in the very microsecond of the deadline or of the caller's
// cancellation is the order of two timers, and nothing that the judge can know: it comes in the next.
call_model::instant simulated_call::not_as_it_ends(instant back) const {
  while (back == past_.deadline || back == cancelled_at_) ++back;
  return back;
}

void simulated_call::gate_closes(const reply& said, instant at) {
  if (said.status != 429 || said.retry_after < 0) return;
  gate_opens_ = std::max(gate_opens_, at + in_whole_seconds(said.retry_after) * second);
}

void simulated_call::note(bool is_look, const reply& said) {
  const int number = past_.requests();
  if (is_look) {
    look_record one;
    one.number = number;
    one.sent = one.ended = now();
    one.said = said;
    past_.looks.push_back(one);
  } else {
    send_record one;
    one.number = number;
    one.left = one.ended = now();
    one.said = said;
    past_.sends.push_back(one);
  }
}

test::script::said simulated_call::bytes_of(const reply& said, const std::string& request,
                                            instant after) const {
  const std::chrono::microseconds late(after);
  if (said.status == 0) return test::script::said(std::string(), late, true);
  std::string headers;
  if (said.date >= 0) headers += "Date: " + date(said.date) + "\r\n";
  if (said.retry_after >= 0)
    headers += "Retry-After: " + std::to_string(in_whole_seconds(said.retry_after)) + "\r\n";
  const std::string status = "HTTP/1.1 " + std::to_string(said.status) + " X\r\n";
  if (!said.complete && said.permanent)
    return test::script::said(status + headers + "Transfer-Encoding: chunked\r\n\r\nno size\r\n", late, true);
  if (!said.complete)
    return test::script::said(status + headers + "Content-Length: 100\r\n\r\n{", late, true);
  if (!said.json) {
    const std::string page = "<html></html>";
    return test::script::said(status + headers + "Content-Type: text/html\r\nContent-Length: " +
                                  std::to_string(page.size()) + "\r\n\r\n" + page,
                              late, false);
  }
  std::string body = R"({"detail":"as the model wishes"})";
  if (said.code > 0)
    body = R"({"detail":"as the model wishes","code":"WF_)" + std::to_string(said.code) + "\"}";
  if (said.code < 0) body = R"({"detail":"as the model wishes","code":"AMBIGUOUS_WORKFLOW"})";
  if (is_2xx(said)) body = said.shown_run >= 0 ? shown(said, request) : success(said, request);
  return test::script::said(test::answer_bytes(said.status, headers, body), late, false);
}

std::string simulated_call::success(const reply& said, const std::string& request) const {
  if (past_.kind == call_kind::schedule)
    return said.other_id ? R"({"schedule_id":"another"})" : R"({"schedule_id":"s1"})";
  if (!is_start(past_.kind) && past_.kind != call_kind::read) return "{}";
  return test::execution_json(said.other_id ? "another" : test::id_of(request), "RUNNING", timestamp(now()));
}

std::string simulated_call::shown(const reply& said, const std::string& request) const {
  if (!said.shows) return "{";
  const call_model::run& it = past_.runs[static_cast<std::size_t>(said.shown_run)];
  if (past_.kind == call_kind::schedule) return schedule_json(said.other_id ? "another" : "s1", it.as_called);
  const std::string id = said.other_id ? "another" : test::id_of(request);
  return R"({"workflow_name":")" + std::string(it.as_called ? "ticket" : "other") + R"(","execution_id":")" +
         id + R"(","root_execution_id":")" + id +
         "\",\"run_id\":" + (said.with_run_id ? '"' + run_id(said.shown_run) + '"' : std::string("null")) +
         R"(,"status":")" + (said.shown_terminal ? "TERMINATED" : "RUNNING") + R"(","start_time":")" +
         timestamp(it.start) + R"(","end_time":null,"result":null})";
}

std::string simulated_call::date(instant at) const {
  return formatted(at + model_.clock_offset(), "%a, %d %b %Y %H:%M:%S GMT");
}

std::string simulated_call::timestamp(instant at) const {
  const instant wall = at + model_.clock_offset();
  const std::string fraction = std::to_string(second + (wall % second + second) % second).substr(1);
  return formatted(wall, "%Y-%m-%dT%H:%M:%S.") + fraction + "Z";
}

void simulated_call::ended(const std::exception_ptr& failure) {
  past_.ended_at = now();
  past_.stopped = std::max(past_.ended_at, gate_opens_) >= std::min(past_.deadline, cancelled_at_);
  // What the server has said by now in the model, and the client has not heard.
  const auto unheard = [&](auto& one) {
    if (one.ended <= past_.ended_at) return;
    one.ended = past_.ended_at;
    one.interrupted = true;
    one.said = reply();
  };
  std::for_each(past_.sends.begin(), past_.sends.end(), unheard);
  std::for_each(past_.looks.begin(), past_.looks.end(), unheard);
  if (!failure) {
    const send_record* const last = past_.sends.empty() ? nullptr : &past_.sends.back();
    const bool answered = last != nullptr && last->number == past_.requests() - 1 && is_2xx(last->said);
    past_.ended = answered ? verdict::answered : verdict::found;
    past_.said_acted = answered ? acted::yes : acted::unsaid;
    return;
  }
  try {
    std::rethrow_exception(failure);
  } catch (const wf::error& e) {
    ended_with(e);
  } catch (...) {
    // Not an end that a call may have: `none`.
  }
}

void simulated_call::ended_with(const wf::error& failure) {
  switch (failure.server_may_have_acted()) {
    case wf::server_action::no:
      past_.said_acted = acted::no;
      break;
    case wf::server_action::yes:
      past_.said_acted = acted::yes;
      break;
    case wf::server_action::unknown:
      past_.said_acted = acted::unknown;
  }
  if (failure.code() == wf::errc::start_unknown || failure.code() == wf::errc::ending_unknown) {
    past_.ended = verdict::unknown;
  } else if (dynamic_cast<const wf::rate_limited_error*>(&failure) != nullptr) {
    past_.ended = verdict::refused_by_gate;
    past_.stopped = true;
  } else if (dynamic_cast<const wf::timeout_error*>(&failure) != nullptr) {
    past_.ended = verdict::timed_out;
    past_.stopped = true;
  } else if (dynamic_cast<const wf::cancelled_error*>(&failure) != nullptr) {
    past_.ended = verdict::cancelled;
  } else {
    past_.ended = verdict::failed;
  }
}

}  // namespace simulation
