#include "session/client_stream_host.hpp"

#include "protocol/checks.hpp"
#include "protocol/error_body.hpp"
#include "protocol/http_date.hpp"
#include "protocol/json/decode.hpp"
#include "session/call.hpp"

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
  leased_connection() = default;

  asio::awaitable<void> exchange(client_state_ptr state, std::string request) {
    lease_ = state->pool().try_acquire(net::kind::stream, progress_);
    if (!lease_) lease_ = co_await state->pool().acquire(net::kind::stream, progress_);
    co_await lease_.send(request);
    read_head(*co_await lease_.read_head());
  }

  const stream_head& head() const noexcept override { return head_; }

  asio::awaitable<std::size_t> read_some(std::string& append_to) override { return lease_.read_some(append_to); }

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

  net::progress progress_;  // outlives the lease
  net::lease lease_;
  stream_head head_;
};

class client_stream_host final : public stream_host {
 public:
  explicit client_stream_host(client_handle handle) : handle_(std::move(handle)) {}

  asio::any_io_executor executor() override { return handle_.state->operation_executor(); }

  asio::awaitable<std::unique_ptr<stream_connection>> open(protocol::request request) override {
    const versioned_key key = co_await handle_.state->key().current();
    key_generation_ = key.generation;
    std::string bytes = protocol::serialize(request, handle_.state->defaults(), key.authorization,
                                            handle_.settings ? handle_.settings->headers : protocol::header_list());
    auto made = std::make_unique<leased_connection>();
    co_await made->exchange(handle_.state, std::move(bytes));
    co_return made;
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

  // False where the answer is of no use: the stream itself will meet whatever is wrong, and says so then.
  asio::awaitable<bool> look_up(protocol::request get, execution& out) {
    try {
      const call_answer answer = co_await call(handle_, std::move(get));
      co_return !protocol::decode(answer.body, out);
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
  return basic_event_stream<T>(std::make_shared<stream_session<T>>(make_stream_host(std::move(handle)),
                                                                   std::move(description), std::move(options)));
}

}  // namespace

std::shared_ptr<stream_host> make_stream_host(client_handle handle) {
  return std::make_shared<client_stream_host>(std::move(handle));
}

event_stream open_event_stream(client_handle handle, stream_description description, stream_options options) {
  return open<stream_event>(std::move(handle), std::move(description), std::move(options));
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
