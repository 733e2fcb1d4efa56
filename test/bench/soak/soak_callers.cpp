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

asio::awaitable<void> execute(wf::client client, std::string* own, std::int64_t* started) {
  const wf::started_execution made = co_await client.workflows().execute("gate");
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
asio::awaitable<void> terminate(wf::client client, std::string id) { co_await client.executions().terminate(id); }

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
    between.expires_after(
        std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(0, pause_.count())(self.random)));
    co_await between.async_wait(asio::use_awaitable);
    if (!stopping_) co_await call_once(&self);
  }
}

asio::awaitable<void> callers::start_one(caller* self) {
  co_await measured(self, call_class::keyed, execute(client_, &self->own, &tally_.started));
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
  else {
    self->own.clear();  // it has ended, or may have
    if (dice < 90)
      co_await measured(self, call_class::once, signal(client_, own));
    else if (dice < 94)
      co_await measured(self, call_class::ending, cancel(client_, own));
    else if (dice < 97)
      co_await measured(self, call_class::ending, terminate(client_, own));
    else
      co_await measured(self, call_class::repeatable, batch(client_, own));
  }
}

asio::awaitable<void> callers::measured(caller* self, call_class which, asio::awaitable<void> call) {
  const auto began = clock_type::now();
  call_tally::of_class& here = tally_.classes[static_cast<std::size_t>(which)];
  try {
    co_await std::move(call);
  } catch (const wf::error& e) {
    ++here.failed;
    ++tally_.failures[kind_of(e)];
  }
  ++here.calls;
  ++tally_.calls;
  ++tally_.by_caller[self->number];
  tally_.milliseconds.push_back(std::chrono::duration<float, std::milli>(clock_type::now() - began).count());
}

}  // namespace soak
