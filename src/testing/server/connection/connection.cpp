#include "testing/server/connection/connection.hpp"

#include "testing/engine/common/failure.hpp"
#include "testing/server/operations/operations.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mistral::workflows::testing {

namespace asio = boost::asio;
using boost::system::error_code;
using steady = asio::steady_timer::clock_type;

namespace {

constexpr std::size_t most_unread = 1024 * 1024;

// Counts a request as in work as long as it lives.
class in_work {
 public:
  explicit in_work(std::shared_ptr<watch> seen) : seen_(std::move(seen)) {
    seen_->change([](server_counts& counts) { ++counts.requests_in_work; });
  }
  ~in_work() {
    seen_->change([](server_counts& counts) { --counts.requests_in_work; });
  }
  in_work(const in_work&) = delete;
  in_work& operator=(const in_work&) = delete;

 private:
  std::shared_ptr<watch> seen_;
};

answer refusal(const routing& found) {
  switch (found.result) {
    case routing::outcome::bad_path:
      return error_answer(400, "", "Bad Request");
    case routing::outcome::method_not_allowed: {
      answer made = error_answer(405, "", "Method Not Allowed");
      made.headers.emplace_back("Allow", found.allow);
      return made;
    }
    case routing::outcome::found:
    case routing::outcome::not_found:
      break;
  }
  return error_answer(404, "", "Not Found");
}

answer as_told(const fault::plan& plan, core& server) {
  answer made;
  if (plan.body) {
    made.status = *plan.status;
    made.content_type = plan.body_type;
    made.body = *plan.body;
  } else {
    const std::string detail = plan.detail.empty() ? std::string(reason_phrase(*plan.status)) : plan.detail;
    made = error_answer(*plan.status, plan.code, detail);
  }
  if (plan.retry_after) made.headers.emplace_back("Retry-After", std::to_string(plan.retry_after->count()));
  if (plan.retry_after_date)
    made.headers.emplace_back("Retry-After", http_date(server.time->now() + *plan.retry_after_date));
  return made;
}

answer guarded(std::size_t operation, core& server, const request& asked) {
  try {
    return perform(operation, server, asked);
  } catch (const api_failure& failure) {
    return json_answer(failure.status(), failure.body());
  } catch (const bad_request& failure) {
    return validation_answer(failure.problems);
  } catch (const std::exception&) {
    return error_answer(500, "WF_1000", "Internal Server Error");
  }
}

}  // namespace

void connection::start(core& server, asio::ip::tcp::socket socket) {
  auto made = std::make_shared<connection>(server, std::move(socket));
  server.connections.insert(made.get());
  asio::co_spawn(server.io, made->run(), [made](std::exception_ptr) {});
}

connection::connection(core& server, asio::ip::tcp::socket socket)
    : server_(server),
      seen_(server.seen),
      wire_(std::move(socket), server.tls.get()),
      woken_(server.io),
      room_(server.io) {
  room_.expires_at(asio::steady_timer::time_point::max());
  seen_->change([](server_counts& counts) {
    ++counts.connections_accepted;
    ++counts.connections_open;
  });
}

connection::~connection() {
  server_.connections.erase(this);
  set_idle(false);
  seen_->change([](server_counts& counts) { --counts.connections_open; });
}

void connection::close(ending how) {
  gone_ = true;
  wire_.close(how);
  room_.cancel();
  wake();
}

void connection::set_idle(bool idle) {
  if (idle == idle_) return;
  idle_ = idle;
  seen_->change([idle](server_counts& counts) { counts.connections_idle += idle ? 1 : -1; });
}

void connection::wake() {
  wake_pending_ = true;
  woken_.cancel();
}

asio::awaitable<void> connection::wait(asio::steady_timer::time_point limit) {
  if (!wake_pending_) {
    error_code ignored;
    woken_.expires_at(limit);
    co_await woken_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  wake_pending_ = false;
}

asio::awaitable<void> connection::pause(std::chrono::milliseconds time) {
  const auto limit = steady::now() + time;
  while (steady::now() < limit && !server_.stopping) co_await wait(limit);
}

asio::awaitable<void> connection::held(struck_fault fault) {
  while (!fault->released() && !server_.stopping) co_await wait();
}

asio::awaitable<void> connection::stalled(struck_fault fault) {
  while (!fault->released() && !gone_) co_await wait();
}

asio::awaitable<bool> connection::write(std::string bytes) {
  const bool written = co_await wire_.write(std::move(bytes));
  co_return written;
}

asio::awaitable<void> connection::run() {
  const bool ready = co_await shake_hands();
  if (ready) {
    const auto self = shared_from_this();
    asio::co_spawn(server_.io, read_on(), [self](std::exception_ptr) {});
    co_await serve();
  }
  close(ending::eof);
}

asio::awaitable<bool> connection::shake_hands() {
  if (server_.handshakes_to_break > 0) {
    --server_.handshakes_to_break;
    co_await wire_.readable();
    seen_->change([](server_counts& counts) { ++counts.handshakes_failed; });
    close(ending::reset);
    co_return false;
  }
  if (server_.handshakes_to_stall > 0) {
    --server_.handshakes_to_stall;
    bool more = true;
    while (more && !gone_) more = co_await wire_.swallow();
    seen_->change([](server_counts& counts) { ++counts.handshakes_failed; });
    co_return false;
  }
  if (!wire_.secure()) co_return true;
  const bool done = co_await wire_.handshake();
  const bool resumed = done && wire_.resumed();
  seen_->change([done, resumed](server_counts& counts) {
    ++(!done ? counts.handshakes_failed : resumed ? counts.handshakes_resumed : counts.handshakes_full);
  });
  co_return done;
}

// Reads all the time, also while an answer is written: a client that goes away is noticed at once.
asio::awaitable<void> connection::read_on() {
  for (;;) {
    const bool more = co_await wire_.read_more(in_);
    if (!more) break;
    wake();
    while (in_.size() > most_unread && !gone_) {
      error_code ignored;
      co_await room_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }
  gone_ = true;
  wake();
}

asio::awaitable<void> connection::serve() {
  while (!server_.stopping) {
    set_idle(true);
    std::shared_ptr<request> asked = co_await read_request();
    set_idle(false);
    if (!asked) break;
    const bool keep = co_await handle(std::move(asked));
    if (!keep) break;
  }
}

asio::awaitable<bool> connection::handle(std::shared_ptr<request> asked) {
  routing found = find_route(all_routes(), asked->seen.method, asked->seen.path);
  const bool routed = found.result == routing::outcome::found;
  const std::string operation(routed ? all_routes()[found.index].operation : std::string_view());
  asked->parameters = std::move(found.values);
  asked->seen.operation = operation;
  asked->seen.execution_id = execution_of(*asked);
  const in_work working(seen_);
  const struck_fault fault = server_.faults->strike(asked->seen);
  const std::string counted = routed ? operation : std::string("none");
  seen_->change([&counted](server_counts& counts) { ++counts.requests[counted]; });

  static const fault::plan nothing;
  const fault::plan& plan = fault ? fault->plan() : nothing;
  if (plan.delay.count() > 0) co_await pause(plan.delay);
  if (plan.hold) co_await held(fault);
  if (server_.stopping) co_return false;
  if (plan.close_before) {
    close(*plan.close_before);
    co_return false;
  }
  auto given = std::make_shared<answer>();
  if (plan.status)
    *given = as_told(plan, server_);
  else if (!authorized(server_, *asked))
    *given = error_answer(401, "", "Unauthorized");
  else if (!routed)
    *given = refusal(found);
  else
    *given = co_await carry_out(found.index, asked);

  if (plan.delay_answer.count() > 0) co_await pause(plan.delay_answer);
  if (plan.hold_answer) co_await held(fault);
  if (server_.stopping) co_return false;
  if (plan.close_after) {
    close(*plan.close_after);
    co_return false;
  }
  const bool keep = co_await send(asked, given, fault);
  if (plan.close_after_answer && keep) close(*plan.close_after_answer);
  if (keep || !gone_) seen_->change([&counted](server_counts& counts) { ++counts.answered[counted]; });
  co_return keep && !gone_;
}

asio::awaitable<answer> connection::carry_out(std::size_t operation, std::shared_ptr<request> asked) {
  answer given = guarded(operation, server_, *asked);
  if (given.wait) {
    const awaited_end awaited = *given.wait;
    given = co_await await_end(awaited);
  }
  if (server_.options.on_carried_out) server_.options.on_carried_out(asked->seen, given.status);
  co_return given;
}

// The wait runs beside this coroutine, so that a client that goes away ends it.
asio::awaitable<answer> connection::await_end(awaited_end awaited) {
  auto stop = std::make_shared<asio::cancellation_signal>();
  auto done = std::make_shared<bool>(false);
  const auto on_end = [self = shared_from_this(), stop, done](std::exception_ptr, bool) {
    *done = true;
    self->wake();
  };
  asio::co_spawn(server_.io, server_.work->wait_for_end(awaited.execution_id, awaited.limit),
                 asio::bind_cancellation_slot(stop->slot(), on_end));
  while (!*done && !gone_) co_await wait();
  if (!*done) stop->emit(asio::cancellation_type::all);
  if (server_.stopping) co_return answer();
  co_return after_waiting(server_, awaited);
}

}  // namespace mistral::workflows::testing
