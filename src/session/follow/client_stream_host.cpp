#include "session/follow/client_stream_host.hpp"

#include "protocol/calls/reading.hpp"
#include "protocol/http/checks.hpp"
#include "protocol/http/http_date.hpp"
#include "protocol/http/redact.hpp"
#include "protocol/json/decode.hpp"
#include "session/call/attempt.hpp"
#include "session/call/attempt_watch.hpp"
#include "session/call/call_initiation.hpp"

#include <mistral/workflows/model/execution.hpp>

#include <boost/asio/error.hpp>

#include <chrono>
#include <exception>
#include <optional>
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

  asio::awaitable<void> exchange(const std::string* request, std::shared_ptr<const std::string> key) {
    lease_ = state_->pool().try_acquire(net::kind::stream, progress_);
    if (!lease_) lease_ = co_await state_->pool().acquire(net::kind::stream, progress_);
    co_await lease_.send(*request);
    const auto* const head = co_await lease_.read_head();  // in one expression GCC 12 reads a null key
    read_head(*head, key ? std::string_view(*key) : std::string_view());
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
  void read_head(const net::response_head& head, std::string_view key) {
    head_.status = head.status();
    head_.content_type = protocol::excerpt(head.header("content-type"), key);
    head_.coding = coding_of(head, key);
    head_.headers = told_headers(head, key);
    head_.location = protocol::excerpt(head.header("location"), key);
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

// One GET, and how it ended.
class status_reader final : public answer_reader, public request_watcher {
 public:
  explicit status_reader(const client_state& state) : limits_(state.options().max_json_depth) {}

  std::string_view read(call_answer& answer, const call_control& control) override {
    const auto problem = protocol::decode(answer.body, *found, limits_);
    understood = !problem;
    // A page in place of an answer passes; an execution that cannot be read cannot at the next look either.
    unreadable = problem && answer.coding.empty() && answer.content_type.empty();
    if (unreadable)
      throw decode_error(protocol::excerpt(problem->path, answer.key()),
                         protocol::excerpt(problem->reason, answer.key()), answer.status,
                         protocol::excerpt(answer.body, answer.key()), control.context());
    return found->execution_id;
  }
  void leaves() override {}
  void ended(const attempt_result& result) override { end = result.end; }

  protocol::look_answer means() const {
    const auto who = protocol::call_identity::keyed(protocol::proof::id);
    if (unreadable) return protocol::look_answer::lasting;
    if (end.status == 404 && protocol::read_look(who, end, false, true) != protocol::look_answer::absent)
      return protocol::look_answer::lasting;
    return protocol::read_look(who, end, understood, true);
  }

  std::shared_ptr<execution> found = std::make_shared<execution>();
  bool understood = false;
  bool unreadable = false;
  protocol::request_end end;
  std::exception_ptr failure;

 private:
  protocol::decode_limits limits_;
};

protocol::terminal_kind kind_of(const execution& state) {
  switch (state.status ? state.status->value() : execution_status::unknown) {
    case execution_status::completed:
      return protocol::terminal_kind::completed;
    case execution_status::failed:
      return protocol::terminal_kind::failed;
    case execution_status::canceled:
      return protocol::terminal_kind::canceled;
    case execution_status::continued_as_new:
      return protocol::terminal_kind::continued_as_new;
    case execution_status::terminated:
      return protocol::terminal_kind::terminated;
    case execution_status::timed_out:
      return protocol::terminal_kind::timed_out;
    default:
      return protocol::terminal_kind::none;
  }
}

protocol::request get_of(protocol::operation what, std::string_view name, const std::string& id) {
  protocol::request get(what);
  get.segment(name, id, protocol::max_execution_id);
  return get;
}

class client_stream_host final : public stream_host {
 public:
  client_stream_host(client_handle handle, begun_operation part_of)
      : handle_(std::move(handle)), part_of_(std::move(part_of)) {
    part_of_.line = protocol::waiting_line::last;
  }

  void check_process() const override { handle_.state->check_process(); }
  asio::any_io_executor executor() override { return handle_.state->operation_executor(); }

  asio::awaitable<std::unique_ptr<stream_connection>> open(protocol::request request) override {
    handle_.state->check_process();
    const std::shared_ptr<admission>& gate = handle_.state->admission();
    const auto began = admission::clock::now();
    admission::turn_or_refusal entered;
    if (!gate->unrestricted()) entered = co_await enter(gate);
    const auto waited = admission::clock::now() - began;
    auto made = std::make_unique<leased_connection>(handle_.state);
    try {
      co_await connect(&request, made.get(), waited);
    } catch (...) {
      entered.held.done(false);
      throw;
    }
    const stream_head& head = made->head();
    if (head.status == 429 && head.retry_after && gate->refused(admission::clock::now() + *head.retry_after))
      handle_.state->counters().gate_closings.fetch_add(1, std::memory_order_relaxed);
    entered.held.done(head.status != 429 && head.status < 500);
    co_return made;
  }

  std::string_view key() const override { return secret_ ? std::string_view(*secret_) : std::string_view(); }
  std::string_view key_variable() const override { return handle_.state->key().variable(); }

  asio::awaitable<status_answer> status(std::string execution_id) override {
    using answer = protocol::status_facts::answer;
    status_answer out;
    status_reader reader(*handle_.state);
    co_await look(get_of(protocol::operation::executions_get, "execution_id", execution_id), &reader);
    const protocol::look_answer means = reader.means();
    out.facts.retry_after = reader.end.retry_after;
    if (means == protocol::look_answer::there && reader.found->execution_id == execution_id) {
      out.facts.kind = kind_of(*reader.found);
      out.facts.said = out.facts.kind == protocol::terminal_kind::none ? answer::running : answer::ended;
      out.facts.run_id = reader.found->run_id.value_or(std::string());
      out.state = std::move(reader.found);
    } else if (means == protocol::look_answer::absent || means == protocol::look_answer::lasting) {
      const bool is_page = means != protocol::look_answer::absent && reader.end.status == 404;
      out.facts.said = means == protocol::look_answer::absent ? answer::missing
                       : is_page                              ? answer::page
                                                              : answer::refused;
      out.failure = std::move(reader.failure);
    }
    co_return out;
  }

  asio::awaitable<protocol::run_facts> execution_of(std::string run_id) override {
    using answer = protocol::run_facts::answer;
    protocol::run_facts out;
    status_reader reader(*handle_.state);
    try {
      co_await look(get_of(protocol::operation::runs_get, "run_id", run_id), &reader);
      out.retry_after = reader.end.retry_after;
      if (reader.means() == protocol::look_answer::absent) out.said = answer::missing;
      if (!reader.understood) co_return out;
      // Where it goes on has to be the name of one.
      get_of(protocol::operation::executions_get, "execution_id", reader.found->execution_id);
    } catch (const invalid_argument&) {
      out.said = answer::impossible;
      co_return out;
    }
    out.said = answer::found;
    out.execution_id = reader.found->execution_id;
    co_return out;
  }

  std::chrono::milliseconds look_limit() const override {
    return std::chrono::ceil<std::chrono::milliseconds>(handle_.deadline(std::nullopt));
  }

  bool renew_key() override {
    if (!handle_.state->key().renewable()) return false;
    handle_.state->key().reject(key_generation_);
    return true;
  }

  double random01() override { return client_state::random01(); }

 private:
  client_handle handle_;
  begun_operation part_of_;  // of GETs
  std::uint64_t key_generation_ = 0;
  std::shared_ptr<const std::string> secret_;
  std::uint64_t number_ = 0;
  int attempts_ = 0;

  asio::awaitable<void> connect(const protocol::request* request, leased_connection* made,
                                std::chrono::nanoseconds waited) {
    const versioned_key current = co_await handle_.state->key().current();
    key_generation_ = current.generation;
    secret_ = current.hidden;
    if (number_ == 0) number_ = handle_.new_call_number();
    attempt_place place;
    place.call = request->description().name;
    place.call_number = number_;
    place.attempt = ++attempts_;
    place.waited_for_turn = waited;
    attempt_watch watch(handle_, *request, place, made->progress());
    const std::string_view sent =
        current.authorization ? std::string_view(*current.authorization) : std::string_view();
    const std::string bytes = protocol::serialize(*request, handle_.state->defaults(), sent, watch.headers());
    handle_.state->counters().stream_attempts.fetch_add(1, std::memory_order_relaxed);
    attempt_end end;
    try {
      co_await made->exchange(&bytes, secret_);
    } catch (const boost::system::system_error& e) {
      end.failure = e.code();
      watch.ended(end);
      made->counted();
      throw;
    }
    end.status = made->head().status;
    end.headers = &made->head().headers;
    watch.ended(end);
    made->counted();
  }

  static asio::awaitable<admission::turn_or_refusal> enter(std::shared_ptr<admission> line) {
    return admission::enter(std::move(line), protocol::waiting_line::usual,
                            admission::clock::time_point::max());
  }

  // Throws when cancelled only; what the call ends with otherwise is in the reader.
  asio::awaitable<void> look(protocol::request get, status_reader* reader) {
    admission::turn_or_refusal entered = co_await enter(handle_.state->status_line());
    call_setup setup(handle_, std::move(get));
    setup.part_of = part_of_;
    setup.watcher = reader;
    bool cancelled = false;
    try {
      co_await call(setup, *reader);
    } catch (const cancelled_error&) {
      cancelled = true;
    } catch (const std::exception&) {
      reader->failure = std::current_exception();
    }
    entered.held.done(true);
    if (cancelled) throw boost::system::system_error(asio::error::operation_aborted);
  }
};

}  // namespace

std::shared_ptr<stream_host> make_stream_host(client_handle handle, begun_operation part_of) {
  return std::make_shared<client_stream_host>(std::move(handle), std::move(part_of));
}

}  // namespace mistral::workflows::session
