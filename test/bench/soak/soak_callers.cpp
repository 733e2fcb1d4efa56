#include "soak_callers.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace soak {
namespace {

using clock_type = std::chrono::steady_clock;
using namespace std::chrono_literals;

std::string kind_of(const wf::error& e) {
  std::string kind = "other";
  if (const auto* answer = dynamic_cast<const wf::api_error*>(&e)) kind = std::to_string(answer->status());
  if (const auto* late = dynamic_cast<const wf::timeout_error*>(&e))
    kind = "timeout, " + std::string(to_string(late->phase()));
  if (dynamic_cast<const wf::transport_error*>(&e)) kind = "transport";
  if (dynamic_cast<const wf::decode_error*>(&e)) kind = "decode";
  if (dynamic_cast<const wf::rate_limited_error*>(&e)) kind = "rate_limited";
  if (dynamic_cast<const wf::start_unknown_error*>(&e)) kind = "unknown";
  return e.operation() + ": " + kind;
}

asio::awaitable<void> get(wf::client client, std::string id) { co_await client.executions().get(id); }
asio::awaitable<void> history(wf::client client, std::string id) { co_await client.executions().history(id); }
asio::awaitable<void> list(wf::client client) { co_await client.workflows().list(); }
asio::awaitable<void> whoami(wf::client client) { co_await client.workers().whoami(); }

asio::awaitable<void> runs(wf::client client) {
  wf::run_list_request few;
  few.page_size = 3;
  co_await client.runs().list(few);
}

asio::awaitable<void> query(wf::client client, std::string id) {
  co_await client.executions().query(id, wf::query_request("state"));
}

asio::awaitable<void> echo(wf::client client, std::int64_t* started) {
  boost::json::object input;
  input["n"] = 1;
  co_await client.workflows().execute("echo", wf::execute_request(input));
  ++*started;
}

// Without an id: under one of the library's.
asio::awaitable<void> execute(wf::client client, std::string id, std::string* own, std::int64_t* started) {
  wf::execute_request request;
  if (!id.empty()) request.execution_id = std::move(id);
  const wf::started_execution made = co_await client.workflows().execute("gate", std::move(request));
  *own = made.execution_id;
  ++*started;
}

asio::awaitable<void> update(wf::client client, std::string id) {
  boost::json::object input;
  input["n"] = 2;
  co_await client.executions().update(id, wf::update_request("set", input));
}

asio::awaitable<void> signal(wf::client client, std::string id) {
  co_await client.executions().signal(id, wf::signal_request("go"));
}

asio::awaitable<void> cancel(wf::client client, std::string id) { co_await client.executions().cancel(id); }
asio::awaitable<void> terminate(wf::client client, std::string id) {
  co_await client.executions().terminate(id);
}

asio::awaitable<void> batch(wf::client client, std::string id) {
  const std::vector<std::string> ids(1, id);
  const wf::batch_outcome came = co_await client.executions().batch_terminate(ids);
  for (const wf::batch_item& item : came.items)
    if (item.error) std::rethrow_exception(item.error);
}

}  // namespace

double call_tally::percentile(double share) {
  if (milliseconds.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(milliseconds.size() - 1));
  std::nth_element(milliseconds.begin(), milliseconds.begin() + at, milliseconds.end());
  return static_cast<double>(milliseconds[static_cast<std::size_t>(at)]);
}

callers::callers(asio::io_context& io, wf::client client, int count, std::chrono::milliseconds pause,
                 std::uint64_t seed)
    : io_(io), client_(std::move(client)), left_(count), pause_(pause), seed_(seed) {
  tally_.by_caller.resize(static_cast<std::size_t>(count));
}

void callers::start() {
  for (std::size_t i = 0; i < tally_.by_caller.size(); ++i)
    asio::co_spawn(io_, call_on(i), [this](std::exception_ptr problem) {
      --left_;
      if (problem) std::rethrow_exception(problem);
    });
}

asio::awaitable<void> callers::call_on(std::size_t number) {
  caller self;
  self.number = number;
  self.random.seed(seed_ + number);
  asio::steady_timer between(io_);
  while (!stopping_) {
    between.expires_after(std::chrono::milliseconds(
        std::uniform_int_distribution<std::int64_t>(0, pause_.count())(self.random)));
    co_await between.async_wait(asio::use_awaitable);
    if (!stopping_) co_await call_once(&self);
  }
}

asio::awaitable<void> callers::start_one(caller* self) {
  co_await measured(self, call_class::keyed, execute(client_, std::string(), &self->own, &tally_.started));
}

asio::awaitable<void> callers::call_once(caller* self) {
  if (self->own.empty()) {
    co_await start_one(self);
    co_return;
  }
  const std::string own = self->own;
  const int dice = std::uniform_int_distribution<int>(0, 99)(self->random);
  if (dice < 25)
    co_await measured(self, call_class::read, get(client_, own));
  else if (dice < 35)
    co_await measured(self, call_class::read, list(client_));
  else if (dice < 40)
    co_await measured(self, call_class::read, whoami(client_));
  else if (dice < 45)
    co_await measured(self, call_class::read, runs(client_));
  else if (dice < 50)
    co_await measured(self, call_class::read, history(client_, own));
  else if (dice < 60)
    co_await measured(self, call_class::read, query(client_, own));
  else if (dice < 70)
    co_await measured(self, call_class::keyed, echo(client_, &tally_.started));
  else if (dice < 85)
    co_await measured(self, call_class::once, update(client_, own));
  else if (dice < 90) {
    self->own.clear();  // it has ended, or may have
    co_await measured(self, call_class::once, signal(client_, own));
  } else if (dice < 94)
    co_await end_one(self, call_class::ending, cancel(client_, own));
  else if (dice < 97)
    co_await end_one(self, call_class::ending, terminate(client_, own));
  else
    co_await end_one(self, call_class::ending, batch(client_, own));
}

asio::awaitable<void> callers::end_one(caller* self, call_class which, asio::awaitable<void> ending) {
  const std::string id = std::exchange(self->own, std::string());
  ++tally_.endings_asked[id];
  const wf::server_action may_have = co_await measured(self, which, std::move(ending));
  if (may_have == wf::server_action::no) co_return;  // it runs
  if (may_have == wf::server_action::unknown) {
    asio::steady_timer late_requests(io_, 2s);
    co_await late_requests.async_wait(asio::use_awaitable);
  }
  if (stopping_) co_return;
  ++tally_.starts_asked.try_emplace(id, 1).first->second;
  // Not among the starts that are known of: where it is lost, a run of a moment ago is taken for it.
  std::int64_t again = 0;
  co_await measured(self, call_class::keyed_again, execute(client_, id, &self->own, &again));
}

asio::awaitable<wf::server_action> callers::measured(caller* self, call_class which,
                                                     asio::awaitable<void> call) {
  const auto began = clock_type::now();
  call_tally::of_class& here = tally_.classes[static_cast<std::size_t>(which)];
  wf::server_action did = wf::server_action::yes;
  try {
    co_await std::move(call);
  } catch (const wf::error& e) {
    ++tally_.failures[kind_of(e)];
    // An answer: the id ran before, its new start was lost, and the
    // run that it had a moment ago, which has ended, was taken for it.
    if (e.code() == wf::errc::execution_not_running)
      self->own.clear();
    else
      ++here.failed;
    did = e.server_may_have_acted();
  }
  ++here.calls;
  ++tally_.calls;
  ++tally_.by_caller[self->number];
  tally_.milliseconds.push_back(std::chrono::duration<float, std::milli>(clock_type::now() - began).count());
  co_return did;
}

}  // namespace soak
