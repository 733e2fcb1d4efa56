// What a stream has under way beside its reading, and what comes of it: a connection, a refusal, a status;
// and how a connection is left. Not the reading (stream_receive.cpp) nor what to do next (stream.cpp).
#include "session/follow/stream.hpp"

#include "net/common/failure.hpp"
#include "protocol/calls/answers.hpp"
#include "protocol/http/error_body.hpp"
#include "protocol/http/told_headers.hpp"
#include "session/call/attempt.hpp"
#include "session/frame/call_control.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>

namespace mistral::workflows::session {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t enough_of_a_refusal = 64 * 1024;
constexpr auto time_for_a_refusal = 5s;

bool is_event_stream(const stream_head& head) {
  std::string_view type = head.content_type;
  type = type.substr(0, type.find(';'));
  while (type.starts_with(' ')) type.remove_prefix(1);
  while (type.ends_with(' ')) type.remove_suffix(1);
  return head.status == 200 && head.coding.empty() &&
         (type.empty() || protocol::same_header(type, "text/event-stream"));
}

// As of a call, and a stream that broke down before it began may be there at the next attempt.
bool passes(int status, const std::string& code, std::optional<std::chrono::milliseconds> retry_after) {
  protocol::attempt_outcome outcome;
  outcome.reached = protocol::reach::answered;
  outcome.status = status;
  outcome.code = code;
  outcome.retry_after = retry_after;
  return protocol::fate_of(outcome) != protocol::fate::lasting || (status == 500 && code == "WF_1400");
}

asio::awaitable<void> read_refusal(std::shared_ptr<connect_exchange> connecting) {
  stream_connection& from = *connecting->connection;
  while (!from.complete() && connecting->refusal.size() < enough_of_a_refusal) {
    co_await from.receive();
    for (auto piece = from.next_piece(); !piece.empty(); piece = from.next_piece())
      connecting->refusal += piece;
  }
}

asio::awaitable<void> open(std::shared_ptr<connect_exchange> connecting, std::shared_ptr<stream_host> host,
                           protocol::request request) {
  connecting->connection = co_await host->open(std::move(request));
  const stream_head& head = connecting->connection->head();
  if (is_event_stream(head) || head.status == 204 || !head.coding.empty()) co_return;
  exchange::limit_to(connecting, time_for_a_refusal);
  for (auto piece = connecting->connection->next_piece(); !piece.empty();
       piece = connecting->connection->next_piece())
    connecting->refusal += piece;
  co_await read_refusal(connecting);  // where that fails, the head says enough
}

asio::awaitable<void> look(std::shared_ptr<status_exchange> asking, std::shared_ptr<stream_host> host,
                           std::string id) {
  asking->answer = co_await host->status(std::move(id));
}

asio::awaitable<void> find(std::shared_ptr<run_exchange> finding, std::shared_ptr<stream_host> host,
                           std::string run_id) {
  finding->answer = co_await host->execution_of(std::move(run_id));
}

template <class Exchange>
std::shared_ptr<Exchange> taken(std::shared_ptr<Exchange>& from) {
  return from && from->done ? std::exchange(from, nullptr) : nullptr;
}

}  // namespace

// ------------------------------------------------------------------------------------------------ exchanges

void stream_core::start(std::shared_ptr<exchange> one, std::chrono::milliseconds limit,
                        asio::awaitable<void> work) {
  exchange::limit_to(one, limit);
  auto slot = one->stop.slot();
  auto done = [one = std::move(one), weak = weak_from_this()](std::exception_ptr failure) {
    one->failure = std::move(failure);
    one->limit.cancel();
    one->done = true;
    if (const auto waits = weak.lock()) static_cast<stream_core&>(*waits).wake();
  };
  asio::co_spawn(executor(), std::move(work), asio::bind_cancellation_slot(slot, std::move(done)));
}

void stream_core::connect() {
  ++attempts_;
  watcher_.connecting(at_);
  connecting_ = std::make_shared<connect_exchange>(executor());
  start(connecting_, options_.idle_limit, open(connecting_, host_, next_request()));
}

void stream_core::ask() {
  watcher_.asking(at_);
  asking_ = std::make_shared<status_exchange>(executor());
  start(asking_, host_->look_limit(), look(asking_, host_, execution_id()));
}

void stream_core::ask_run() {
  watcher_.asking_run(at_);
  finding_ = std::make_shared<run_exchange>(executor());
  start(finding_, host_->look_limit(), find(finding_, host_, watcher_.successor()));
}

bool stream_core::answered() const noexcept {
  return (connecting_ && connecting_->done) || (asking_ && asking_->done) || (finding_ && finding_->done);
}

void stream_core::take_answers() {
  if (const auto got = taken(asking_)) {
    if (got->answer.state) state_ = got->answer.state;
    refusal_ = got->answer.failure;
    watcher_.answered(got->answer.facts, at_);
  }
  if (const auto got = taken(finding_))
    watcher_.run_answered(got->answer, got->answer.execution_id == execution_id(), at_);
  if (const auto got = taken(connecting_)) take_connection(*got);
}

// Also where no more turns are to be had, on any thread.
void stream_core::stop_exchanges() noexcept {
  const std::shared_ptr<exchange> all[] = {std::move(connecting_), std::move(asking_), std::move(finding_)};
  for (const auto& one : all)
    if (one && !one->done) asio::dispatch(executor(), [one] { one->end(); });
}

// ----------------------------------------------------------------------------------------------- connecting

protocol::request stream_core::next_request() const {
  protocol::request request = description_.request(description_.execution_id);
  request.header("Accept", "text/event-stream");
  request.header("Cache-Control", "no-cache");
  const auto point = resume_.next_request();
  if (!point.last_event_id.empty()) {
    if (description_.cursor_in == stream_description::cursor_place::query)
      request.query("last_event_id", point.last_event_id);
    else
      request.header("Last-Event-ID", point.last_event_id);
  } else if (point.start_seq || description_.start_seq) {
    request.query("start_seq", point.start_seq ? point.start_seq : description_.start_seq);
  }
  return request;
}

void stream_core::take_connection(connect_exchange& got) {
  if (!got.connection && got.late) {
    lost(protocol::loss::not_connected,
         left_because(disconnect_reason::idle, "no answer came within the idle limit"));
  } else if (!got.connection) {
    not_connected(got.failure);
  } else if (is_event_stream(got.connection->head())) {
    answer_began(std::move(got.connection));
  } else if (got.connection->head().status == 204) {
    if (description_.for_result)
      watcher_.no_stream(at_);
    else
      watcher_.no_content(at_);
  } else {
    const auto refused = std::move(got.connection);
    refuse(refused->head(), got.refusal);
  }
}

// What is no failure of the transport is the caller's own, from a supplier of keys perhaps.
void stream_core::not_connected(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& e) {
    if (dynamic_cast<const error*>(&e) == nullptr) {
      auto why = left_because(disconnect_reason::not_connected, e.what());
      why.code = e.code();
      lost(protocol::loss::not_connected, std::move(why));
      return;
    }
  } catch (...) {
  }
  watcher_.lost(protocol::loss::not_connected, at_);
  if (watcher_.over()) return;
  watcher_.failure_told(at_);
  key_renewed_ = false;  // it may have been rotated when the caller goes on
  std::rethrow_exception(failure);
}

void stream_core::answer_began(std::unique_ptr<stream_connection> connection) {
  connection_ = std::move(connection);
  key_renewed_ = false;
  parser_.reset();
  const bool resumed = resume_.connected();
  watcher_.connected(at_);
  if (resumed && options_.hooks.resumed) options_.hooks.resumed(cursor());
  if (!resumed && options_.hooks.connected) options_.hooks.connected();
}

// An answer that is no event stream: another key is tried, it passes, or it is an error for good.
void stream_core::refuse(const stream_head& head, const std::string& body) {
  auto why = left_because(disconnect_reason::refused);
  why.status = head.status;
  if ((head.status == 401 || head.status == 403) && !key_renewed_ && host_->renew_key()) {
    key_renewed_ = true;
    why.reason = disconnect_reason::key_rejected;
    watcher_.left(at_);
    tell(why);
    return;
  }
  if (head.status == 200) {
    why.text = head.coding.empty() ? "the answer is no event stream but " + head.content_type
                                   : coded_as(head.coding);
    lost(protocol::loss::wrong_type, std::move(why), head.retry_after);
    return;
  }
  api_error_details details;
  protocol::read_error_body(body, host_->key(), details);
  details.status = head.status;
  if (head.status == 401) details.key_variable = host_->key_variable();
  details.method = "GET";
  details.path = next_request().path();
  details.headers = head.headers;
  details.request_id = protocol::request_id_in(head.headers);
  if (!head.coding.empty()) details.detail = coded_as(head.coding);
  if (!head.location.empty()) details.detail = "redirected to " + head.location + ", which is not followed";
  if (head.retry_after) details.retry_after_ms = head.retry_after->count();
  why.text = "the server answers " + std::to_string(head.status) + ' ' + details.detail;
  lost(protocol::loss::refused, std::move(why), head.retry_after);
  if (!passes(head.status, details.code, head.retry_after))
    unusable(std::make_exception_ptr(api_error(std::move(details), context())));
}

// -------------------------------------------------------------------------------------------- disconnecting

void stream_core::disconnect() noexcept {
  if (const auto asked = parser_.retry()) watcher_.server_asks(*asked);
  connection_.reset();
  parser_.reset();
}

void stream_core::leave(protocol::wishes::leaving why) {
  if (why == protocol::wishes::leaving::idle) {
    lost(protocol::loss::idle, left_because(disconnect_reason::idle, "nothing came within the idle limit"));
    return;
  }
  disconnect();
  watcher_.left(at_);
  tell(left_because(disconnect_reason::checking_end));
}

void stream_core::lost(protocol::loss how, stream_disconnect why,
                       std::optional<std::chrono::milliseconds> retry_after) {
  disconnect();
  watcher_.lost(how, now(), retry_after, why.text);
  if (why.code == net::error::closed) throw closed_error(context());
  why.retry_in = watcher_.next_attempt_in(at_);
  last_loss_ = why;
  last_retry_after_ = retry_after;
  tell(why);
}

void stream_core::tell(const stream_disconnect& why) const {
  if (options_.hooks.disconnected) options_.hooks.disconnected(why);
}

}  // namespace mistral::workflows::session
