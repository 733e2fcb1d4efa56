#include <mistral/workflows/event_stream.hpp>
#include <mistral/workflows/log_stream.hpp>
#include <mistral/workflows/raw_event.hpp>

#include "session/client/option_checks.hpp"
#include "session/follow/stream.hpp"

#include <mistral/workflows/model/event.hpp>

#include <utility>

namespace mistral::workflows {

namespace asio = boost::asio;

namespace {

using clock = session::stream_core::clock;

template <class T>
using session_ptr = std::shared_ptr<session::stream_session<T>>;

template <class T>
asio::awaitable<std::optional<T>> pull(session_ptr<T> stream, bool alive, clock::time_point limit) {
  if (!stream) {
    if (alive) throw_closed_generator();
    co_return std::nullopt;
  }
  auto& core = *stream;
  const auto turn = pull_gate::enter(std::move(stream));
  // What is there already needs no hop to the stream's executor.
  auto received = core.take_at_hand();
  if (received || core.ended()) co_return std::move(received);
  core.check_process();
  co_await core.run(core.advance(limit));
  // An event that came in the same instant stays untaken: a
  // raw one lies in the buffer that goes with the connection.
  if (core.closed()) throw_closed_generator();
  co_return core.take_received();
}

template <class T>
asio::awaitable<bool> await_event(session_ptr<T> stream, bool alive) {
  if (!stream) {
    if (alive) throw_closed_generator();
    co_return false;
  }
  const auto turn = stream->enter();
  do stream->advance_within_buffer();
  while (!stream->holding() && !stream->ended() && stream->receive_at_hand());
  if (!stream->holding() && !stream->ended()) {
    stream->check_process();
    co_await stream->run(stream->advance(clock::time_point::max()));
  }
  co_return stream->holding();
}

}  // namespace

template <class T>
basic_event_stream<T>::basic_event_stream() noexcept = default;

template <class T>
basic_event_stream<T>::basic_event_stream(std::shared_ptr<session::stream_session<T>> session)
    : record_(session->record()), session_(session), direct_(session.get()), alive_(true) {
  pull_gate::keep(session);
}

template <class T>
basic_event_stream<T>::basic_event_stream(basic_event_stream&& other) noexcept
    : record_(std::move(other.record_)),
      session_(std::exchange(other.session_, {})),
      direct_(other.direct_),
      alive_(std::exchange(other.alive_, false)) {}

template <class T>
basic_event_stream<T>& basic_event_stream<T>::operator=(basic_event_stream&& other) noexcept {
  if (this == &other) return *this;
  close();
  record_ = std::move(other.record_);
  session_ = std::exchange(other.session_, {});
  direct_ = other.direct_;
  alive_ = std::exchange(other.alive_, false);
  return *this;
}

template <class T>
basic_event_stream<T>::~basic_event_stream() {
  close();
}

template <class T>
asio::awaitable<std::optional<T>> basic_event_stream<T>::next() {
  return pull<T>(session_.lock(), alive_, clock::time_point::max());
}

template <class T>
asio::awaitable<std::optional<T>> basic_event_stream<T>::next_for(std::chrono::milliseconds limit) {
  return pull<T>(session_.lock(), alive_, clock::now() + session::bounded(limit));
}

template <class T>
asio::awaitable<bool> basic_event_stream<T>::wait() {
  return await_event<T>(session_.lock(), alive_);
}

template <class T>
std::optional<T> basic_event_stream<T>::try_next() {
  if (session_.expired()) {
    if (alive_) throw_closed_generator();
    return std::nullopt;
  }
  const pull_gate::brief_turn turn(*direct_);
  return direct_->take_received();
}

template <class T>
bool basic_event_stream<T>::ended() const noexcept {
  const auto session = session_.lock();
  return !session || session->ended();
}

template <class T>
std::string basic_event_stream<T>::cursor() const {
  return record_ ? record_->cursor() : std::string();
}

template <class T>
std::string basic_event_stream<T>::execution_id() const {
  return record_ ? record_->execution_id() : std::string();
}

template <class T>
void basic_event_stream<T>::close() noexcept {
  if (const auto session = session_.lock()) {
    session->close();
    pull_gate::forget(session);
  }
  session_.reset();
}

template class basic_event_stream<stream_event>;
template class basic_event_stream<raw_event>;
template class basic_event_stream<log_record>;
template class basic_event_stream<session::end_news>;

stream_incomplete::stream_incomplete(const std::string& reason, std::string cursor,
                                     std::optional<open_enum<execution_status>> status,
                                     std::optional<timestamp> end_time, error_context context)
    : stream_failure(make_error_code(errc::stream_failed), reason, std::move(cursor), std::move(context)),
      status_(std::move(status)),
      end_time_(end_time) {}
stream_incomplete::~stream_incomplete() = default;
stream_incomplete::stream_incomplete(const stream_incomplete&) = default;
stream_incomplete& stream_incomplete::operator=(const stream_incomplete&) = default;

}  // namespace mistral::workflows
