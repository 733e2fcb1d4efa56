#include "session/follow/client_stream_host.hpp"

#include "protocol/http/checks.hpp"
#include "protocol/http/error_body.hpp"
#include "protocol/http/http_date.hpp"
#include "protocol/http/redact.hpp"
#include "protocol/json/decode.hpp"
#include "session/call/attempt_watch.hpp"
#include "session/call/call.hpp"

#include <mistral/workflows/model/execution.hpp>

#include <boost/asio/error.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace mistral::workflows::session {

namespace asio = boost::asio;

namespace {

class leased_connection final : public stream_connection {
 public:
  explicit leased_connection(client_state_ptr state) : state_(std::move(state)) {}
  ~leased_connection() override {
    const net::progress& seen = progress_;
    state_->counters().bytes_sent.fetch_add(seen.bytes_sent - sent_, std::memory_order_relaxed);
    state_->counters().bytes_received.fetch_add(seen.bytes_received - received_, std::memory_order_relaxed);
  }

  asio::awaitable<void> exchange(const std::string* request) {
    lease_ = state_->pool().try_acquire(net::kind::stream, progress_);
    if (!lease_) lease_ = co_await state_->pool().acquire(net::kind::stream, progress_);
    co_await lease_.send(*request);
    read_head(*co_await lease_.read_head());
  }

  net::progress& progress() noexcept { return progress_; }
  /// What has come and gone so far is counted elsewhere.
  void counted() noexcept {
    sent_ = progress_.bytes_sent;
    received_ = progress_.bytes_received;
  }

  const stream_head& head() const noexcept override { return head_; }

  std::string_view next_piece() noexcept override { return lease_.next_piece(); }
  bool complete() const noexcept override { return lease_.complete(); }
  asio::awaitable<void> receive() override { return lease_.receive(); }
  bool try_receive(bool after_pause) noexcept override { return lease_.try_receive(after_pause); }
  bool flowing() const noexcept override { return lease_.flowing(); }

 private:
  void read_head(const net::response_head& head) {
    head_.status = head.status();
    head_.content_type = head.header("content-type");
    head_.request_id = protocol::excerpt(head.header("x-request-id"));
    if (!head.has("retry-after")) return;
    const auto here = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto there = protocol::parse_http_date(head.header("date"));
    head_.retry_after = protocol::parse_retry_after(head.header("retry-after"), there.value_or(here));
  }

  client_state_ptr state_;
  net::progress progress_;  // outlives the lease
  net::lease lease_;
  stream_head head_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
};

// What an answer says, as far as it can be read.
class look_up_reader final : public answer_reader {
 public:
  explicit look_up_reader(execution& out) : out_(out) {}

  std::string_view read(call_answer& answer, const call_control&) override {
    ok_ = !protocol::decode(answer.body, out_);
    return out_.execution_id;
  }
  bool ok() const noexcept { return ok_; }

 private:
  execution& out_;
  bool ok_ = false;
};

class client_stream_host final : public stream_host {
 public:
  explicit client_stream_host(client_handle handle) : handle_(std::move(handle)) {}

  asio::any_io_executor executor() override { return handle_.state->operation_executor(); }

  asio::awaitable<std::unique_ptr<stream_connection>> open(protocol::request request) override {
    handle_.state->check_process();
    const std::shared_ptr<admission>& gate = handle_.state->admission();
    const auto began = admission::clock::now();
    admission::entry entry;
    if (!gate->unrestricted()) entry = co_await admission::enter(gate, false, admission::clock::time_point::max());
    const auto waited = admission::clock::now() - began;
    auto made = std::make_unique<leased_connection>(handle_.state);
    try {
      co_await connect(&request, made.get(), waited);
    } catch (...) {
      entry.held.done(false);
      throw;
    }
    const stream_head& head = made->head();
    if (head.status == 429 && head.retry_after && gate->refused(admission::clock::now() + *head.retry_after))
      handle_.state->counters().gate_closings.fetch_add(1, std::memory_order_relaxed);
    entry.held.done(head.status != 429 && head.status < 500);
    co_return made;
  }

  void hide_key(std::string& text) const override {
    if (secret_) protocol::redact(text, *secret_);
  }

  asio::awaitable<protocol::status_facts> status(std::string execution_id) override {
    protocol::status_facts facts;
    protocol::request get(protocol::operation::executions_get);
    get.segment("execution_id", execution_id, protocol::max_execution_id);
    execution found;
    if (!co_await look_up(std::move(get), found)) co_return facts;
    facts.known = true;
    facts.terminal = is_terminal(found.status);
    facts.run_id = found.run_id.value_or(std::string());
    co_return facts;
  }

  asio::awaitable<std::string> execution_of(std::string run_id) override {
    protocol::request get(protocol::operation::runs_get);
    get.segment("run_id", run_id);
    execution found;
    if (!co_await look_up(std::move(get), found)) co_return std::string();
    co_return found.execution_id;
  }

  bool renew_key() override {
    if (!handle_.state->key().renewable()) return false;
    handle_.state->key().reject(key_generation_);
    return true;
  }

  double random01() override { return client_state::random01(); }

 private:
  client_handle handle_;
  std::uint64_t key_generation_ = 0;
  std::shared_ptr<const std::string> secret_;
  std::uint64_t number_ = 0;
  int attempts_ = 0;

  asio::awaitable<void> connect(const protocol::request* request, leased_connection* made,
                                std::chrono::nanoseconds waited) {
    const versioned_key key = co_await handle_.state->key().current();
    key_generation_ = key.generation;
    secret_ = key.authorization;
    if (number_ == 0) number_ = handle_.new_call_number();
    attempt_place place;
    place.call = request->description().name;
    place.call_number = number_;
    place.attempt = ++attempts_;
    place.waited_for_turn = waited;
    attempt_watch watch(handle_, *request, place, made->progress());
    const std::string_view authorization = secret_ ? std::string_view(*secret_) : std::string_view();
    const std::string bytes = protocol::serialize(*request, handle_.state->defaults(), authorization, watch.headers());
    handle_.state->counters().stream_attempts.fetch_add(1, std::memory_order_relaxed);
    attempt_end end;
    try {
      co_await made->exchange(&bytes);
    } catch (const boost::system::system_error& e) {
      end.failure = e.code();
      watch.ended(end);
      made->counted();
      throw;
    }
    end.status = made->head().status;
    end.request_id = made->head().request_id;
    watch.ended(end);
    made->counted();
  }

  // False where the answer is of no use: the stream itself will meet whatever is wrong, and says so then.
  asio::awaitable<bool> look_up(protocol::request get, execution& out) {
    try {
      const call_setup setup(handle_, std::move(get));
      look_up_reader reader(out);
      co_await call(setup, reader);
      co_return reader.ok();
    } catch (const cancelled_error&) {
      throw boost::system::system_error(asio::error::operation_aborted);
    } catch (const error&) {
      co_return false;
    }
  }
};

std::string_view wire_name(stream_source source) {
  switch (source) {
    case stream_source::hybrid:
      return "HYBRID";
    case stream_source::database:
      return "DATABASE";
    case stream_source::live:
      return "LIVE";
  }
  return "HYBRID";
}

template <class T>
basic_event_stream<T> open(client_handle handle, stream_description description, stream_options options) {
  if (options.idle_limit == std::chrono::milliseconds(0))
    options.idle_limit = handle.state->options().stream_idle_limit;
  const client_state_ptr state = handle.state;
  auto stream = std::make_shared<stream_session<T>>(make_stream_host(std::move(handle)), std::move(description),
                                                    std::move(options));
  if (!state->live().add_stream(*stream)) stream->client_closed();
  return basic_event_stream<T>(std::move(stream));
}

}  // namespace

std::shared_ptr<stream_host> make_stream_host(client_handle handle) {
  return std::make_shared<client_stream_host>(std::move(handle));
}

event_stream open_event_stream(client_handle handle, stream_description description, stream_options options) {
  return open<stream_event>(std::move(handle), std::move(description), std::move(options));
}

raw_event_stream open_raw_event_stream(client_handle handle, stream_description description, stream_options options) {
  return open<raw_event>(std::move(handle), std::move(description), std::move(options));
}

log_stream open_log_stream(client_handle handle, stream_description description, stream_options options) {
  return open<log_record>(std::move(handle), std::move(description), std::move(options));
}

stream_description describe_execution_stream(std::string execution_id, stream_source source) {
  stream_description description;
  description.request = [source](const std::string& id) {
    protocol::request request(protocol::operation::executions_stream);
    request.segment("execution_id", id, protocol::max_execution_id);
    request.query("event_source", wire_name(source));
    return request;
  };
  description.execution_id = std::move(execution_id);
  return description;
}

}  // namespace mistral::workflows::session
