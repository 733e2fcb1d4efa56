#include "soak_followers.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace soak {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

constexpr int opened_at_once = 64;

wf::client_options client_options_for(const server_process& server) {
  wf::client_options options;
  options.server_url = server.url();
  options.api_key = "soak";
  options.tls.ca_file = server.ca_file();
  options.retry.max_attempts = 20;
  options.retry.max_backoff = 1s;
  return options;
}

clock_type::duration length_of(double seconds) {
  return std::chrono::duration_cast<clock_type::duration>(std::chrono::duration<double>(seconds));
}

std::string id_of(int index) { return "soak-" + std::to_string(index); }

json::object input_of(const settings& wanted, int stream) {
  const double every = wanted.steady() ? 1e9 / wanted.rate : wanted.seconds * 1e9 / wanted.events;
  const std::int64_t burst =
      wanted.steady() ? 1 : std::max<std::int64_t>(1, static_cast<std::int64_t>(2e8 / every));
  json::object input;
  input["events"] = wanted.events;
  input["every_ns"] = static_cast<std::int64_t>(every);
  input["burst"] = burst;
  input["phase_ns"] = static_cast<std::int64_t>(every * static_cast<double>(burst) * stream / wanted.streams);
  input["steady"] = wanted.steady();
  input["first"] = 0;
  // Of three streams one is of one run, and two go on with
  // another, of which one stands under an id of its own.
  input["continues"] = !wanted.steady() && stream % 3 != 0;
  input["elsewhere"] = stream % 3 == 2;
  return input;
}

}  // namespace

followers::followers(server_process& server, const settings& wanted, complaints& wrong,
                     std::function<void(stream_tally&)> connected)
    : server_(server),
      wanted_(wanted),
      wrong_(wrong),
      connected_(std::move(connected)),
      client_(io_, client_options_for(server)),
      tallies_(static_cast<std::size_t>(wanted.streams)),
      watchdog_(io_),
      opened_(io_, clock_type::time_point::max()) {
  steady_.lags_us.reserve(wanted.steady() ? tallies_.size() * static_cast<std::size_t>(wanted.events) : 0);
}

void followers::run() {
  if (wanted_.steady())
    asio::co_spawn(io_, open_all_and_go(this), asio::detached);
  else
    for (int i = 0; i < wanted_.streams; ++i) asio::co_spawn(io_, start_and_follow(this, i), asio::detached);
  // Only a run that hangs is to be stopped: a machine that is busy otherwise may take many times `seconds`.
  bark_at(clock_type::now() + 300s + length_of(5 * wanted_.seconds));
  io_.run();
}

void followers::bark_at(clock_type::time_point limit) {
  watchdog_.expires_at(limit);
  watchdog_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;
    wrong_.add("the time was up before all streams had their events");
    io_.stop();
  });
}

// ------------------------------------------------------------------------------------------------ following

wf::stream_options followers::options_for(int index) {
  stream_tally* tally = &tally_of(index);
  wf::stream_options options;
  if (!wanted_.steady()) {
    options.idle_limit = 1500ms;
    options.status_check = 5s;
    options.drain_time = 500ms;
    options.initial_backoff = 50ms;
    options.max_backoff = 1s;
  }
  const auto connected = [this, tally] {
    tally->connected();
    opened_.cancel();
    connected_(*tally);
  };
  options.hooks.connected = connected;
  options.hooks.resumed = [connected](const std::string&) { connected(); };
  options.hooks.disconnected = [tally](const wf::stream_disconnect&) { tally->disconnected(); };
  return options;
}

// False: it did not start.
asio::awaitable<bool> followers::start(followers* self, int index) {
  wf::execute_request request(input_of(self->wanted_, index));
  request.execution_id = id_of(index);
  try {
    co_await self->client_.workflows().execute("soak", std::move(request));
    co_return true;
  } catch (const std::exception& e) {
    self->wrong_.add(std::string("an execution did not start: ") + e.what());
  }
  co_return false;
}

asio::awaitable<void> followers::follow(followers* self, int index) {
  stream_tally& tally = self->tally_of(index);
  try {
    auto events = self->client_.executions().stream(id_of(index), self->options_for(index));
    while (auto event = co_await events.next()) {
      const std::int64_t before = tally.numbered();
      tally.add(*event);
      if (!self->wanted_.steady() || tally.numbered() == before) continue;
      const std::int64_t lag_us = std::max<std::int64_t>(0, tally.lag() / 1us);
      self->steady_.lags_us.push_back(static_cast<std::uint32_t>(lag_us));
      if (tally.numbered() == self->wanted_.events) break;
    }
  } catch (const std::exception& e) {
    self->wrong_.add(std::string("a stream failed: ") + e.what());
  }
  if (++self->finished_ == self->wanted_.streams) self->io_.stop();
}

asio::awaitable<void> followers::start_and_follow(followers* self, int index) {
  co_await start(self, index);
  co_await follow(self, index);
}

// --------------------------------------------------------------------------------------------------- steady

asio::awaitable<void> followers::open_some(followers* self) {
  while (self->next_ < self->wanted_.streams) {
    const int index = self->next_++;
    const bool started = co_await start(self, index);
    if (!started) co_return;
    asio::co_spawn(self->io_, follow(self, index), asio::detached);
    while (!self->tally_of(index).open()) co_await self->next_opened();
  }
}

asio::awaitable<void> followers::next_opened() {
  boost::system::error_code ignored;
  co_await opened_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

int followers::open_now() const {
  return static_cast<int>(
      std::count_if(tallies_.begin(), tallies_.end(), [](const auto& one) { return one.open(); }));
}

asio::awaitable<void> followers::open_all_and_go(followers* self) {
  const auto began = clock_type::now();
  for (int i = 0; i < opened_at_once; ++i) asio::co_spawn(self->io_, open_some(self), asio::detached);
  while (self->open_now() < self->wanted_.streams) co_await self->next_opened();
  self->steady_.opening_seconds = std::chrono::duration<double>(clock_type::now() - began).count();
  self->steady_.open_at_start = self->open_now();
  self->steady_.cpu_before = cpu_seconds();
  self->server_.tell("go");
  self->bark_at(clock_type::now() + length_of(self->wanted_.seconds) + 7s);
}

}  // namespace soak
