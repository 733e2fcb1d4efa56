#include "net/pool/connection.hpp"

#include "net/http/spare_memory.hpp"

namespace mistral::workflows::net {
namespace {

// A stream that brings so many bytes at a time is about to bring more.
constexpr std::size_t much = 8 * 1024;

}  // namespace

connection::connection(std::unique_ptr<channel> bytes, std::size_t header_limit)
    : channel_(std::move(bytes)), header_limit_(header_limit) {}

connection::~connection() { close(); }

void connection::taken(progress& record, std::optional<std::uint64_t> limit) {
  record_ = &record;
  body_limit_ = limit;
}

void connection::idle() noexcept {
  record_ = nullptr;
  parser_.reset();
  now_ = now_ == state::ready || now_ == state::complete ? state::ready : state::failed;
  spare_memory::give_back(buffer_);
  spare_memory::give_back(head_);
}

channel& connection::bytes() {
  if (!channel_) throw failure(error::closed, "the connection is closed");
  if (process_.in_child()) throw failure(error::closed, "the connection belongs to the parent process");
  return *channel_;
}

void connection::close() noexcept {
  const bool between = now_ == state::ready || now_ == state::complete;
  if (channel_ && between && unsent_.empty() && !process_.in_child()) channel_->farewell();
  drop();
}

void connection::drop() noexcept {
  std::unique_ptr<channel> gone;  // destroyed after the lock
  const std::lock_guard lock(ending_);
  gone = std::move(channel_);
  now_ = state::failed;
}

void connection::abort() noexcept {
  aborted_ = true;
  const std::lock_guard lock(ending_);
  if (channel_ && !process_.in_child()) channel_->shut_down();
}

bool connection::reusable() const noexcept {
  return channel_ && !aborted_ && keep_alive_ && buffer_.empty() &&
         (now_ == state::ready || now_ == state::complete);
}

void connection::fail(error_code why, const std::string& reason) {
  now_ = state::failed;
  if (aborted_) throw failure(error::closed, "the connection was closed with its pool");
  throw failure(why, reason);
}

/// Whatever a step throws ends the connection.
template <typename Step>
auto connection::guarded(Step step) {
  try {
    return step();
  } catch (...) {
    now_ = state::failed;
    throw;
  }
}

void connection::begin_send(std::string_view request) {
  bytes();
  if (!reusable()) fail(error::closed, "the connection cannot take another request");
  record_->reached = phase::sending;
  record_->request_may_have_left = record_->request_sent = record_->answer_began = false;
  parser_.emplace(head_, header_limit_, body_limit_);
  interim_ = 0;
  last_fill_ = fill::more;
  behind_ = nullptr;
  unreadable_ = false;
  unsent_ = request;
  now_ = state::sending;
  used_ = true;
}

std::optional<readiness> connection::send_step() {
  while (!unsent_.empty()) {
    const io_result moved = bytes().try_write(unsent_);
    if (moved.blocked()) {
      record_->request_may_have_left = true;  // TLS may have sent part of a record
      if (!head_step()) return std::nullopt;
      return moved.wanted() == readiness::writable ? readiness::either : readiness::readable;
    }
    if (!moved.done()) {
      if (answered_before_it_went()) return std::nullopt;
      if (moved.status == io_result::what::failed) fail(moved.code, "sending failed: " + moved.reason);
      fail(asio::error::connection_reset, "the server closed the connection while the request was sent");
    }
    record_->request_may_have_left = true;
    record_->bytes_sent += moved.bytes;
    unsent_.remove_prefix(moved.bytes);
  }
  bytes().settle();
  record_->request_sent = true;
  record_->reached = phase::waiting_for_answer;
  now_ = state::waiting;
  return std::nullopt;
}

/// After sending has failed: what the server said before says more. There is nothing to wait for any more.
bool connection::answered_before_it_went() {
  waited_ = true;
  try {
    return !head_step();
  } catch (const failure&) {
    return false;
  }
}

/// Puts at least one more byte into the buffer, or says that none will come.
std::optional<readiness> connection::read_more(fill& came) {
  std::span<char> into;
  if (buffer_.capacity() > 0) into = room();
  channel& from = bytes();
  if (!waited_ && !from.worth_reading()) {
    // Readiness is asked of the system as a level, so nothing that came meanwhile is missed.
    came = fill::more;
    waited_ = true;
    return readiness::readable;
  }
  if (into.empty()) {
    borrow_memory();
    into = room();
  }
  const io_result moved = from.try_read(into);
  flowing_ = for_stream_ && moved.bytes >= much;
  if (moved.blocked()) return moved.wanted();
  waited_ = false;
  if (!moved.done() && aborted_) fail(error::closed, std::string());  // not to be taken for the server's end
  if (moved.status == io_result::what::failed) fail(moved.code, "reading the answer failed: " + moved.reason);
  if (moved.done()) {
    buffer_.commit(moved.bytes);
    record_->bytes_received += moved.bytes;
    record_->answer_began = true;
  }
  came = moved.done() ? fill::more : moved.status == io_result::what::end ? fill::end : fill::cut;
  return std::nullopt;
}

// Not before something is there to read: an answer may be
// long in coming. A stream has its own, which suits it.
void connection::borrow_memory() noexcept {
  if (for_stream_) return;
  spare_memory::take(buffer_);
  if (head_.capacity() == 0) spare_memory::take(head_);
}

std::span<char> connection::room() {
  const std::span<char> out = buffer_.prepare(header_limit_ + 1);
  if (!out.empty()) return out;
  if (now_ != state::reading)
    fail(error::header_too_large, "the head of the answer is larger than allowed (max_header)");
  fail(error::malformed, "a chunk header or a trailer of the answer is larger than allowed");
}

void connection::answer_is_complete() {
  keep_alive_ = unsent_.empty() && parser_->connection_stays() && !behind_;
  kept_for_ = parser_->kept_for();
  now_ = state::complete;
}

std::optional<readiness> connection::head_step() {
  if (now_ == state::reading || now_ == state::complete)
    return std::nullopt;  // it came while the request was sent
  return guarded([this]() -> std::optional<readiness> {
    for (;;) {
      if (!buffer_.empty()) buffer_.consume(parser_->feed_head(buffer_.unread()));
      if (parser_->is_header_done()) {
        if (head_.status() >= 200) break;
        if (head_.status() == 101)
          fail(error::malformed, "the server switched protocols, which nobody asked for");
        if (++interim_ > most_interim_answers)
          fail(error::too_many_interim, "the server sent too many 1xx answers");
        parser_.emplace(head_, header_limit_, body_limit_);
        continue;
      }
      fill came = fill::more;
      if (const auto wanted = read_more(came)) return wanted;
      if (came != fill::more) parser_->feed_end(came == fill::end);
    }
    record_->reached = phase::reading_body;
    now_ = state::reading;
    if (parser_->is_done()) answer_is_complete();
    return std::nullopt;
  });
}

std::optional<readiness> connection::body_step(std::string& body) {
  for (;;) {
    const std::string_view piece = next_piece();
    body.append(piece);
    if (!piece.empty() || now_ == state::complete) return std::nullopt;
    if (const auto wanted = receive_step()) return wanted;
  }
}

std::string_view connection::next_piece() noexcept {
  std::string_view piece;
  try {
    while (now_ == state::reading && !unreadable_ && piece.empty()) {
      const std::size_t consumed = buffer_.empty() ? 0 : parser_->feed_body(buffer_.unread(), piece);
      buffer_.consume(consumed);
      if (consumed == 0) {
        if (last_fill_ == fill::more) break;
        parser_->feed_end(last_fill_ == fill::end);
        answer_is_complete();
      } else if (parser_->is_done()) {
        answer_is_complete();
      }
    }
  } catch (...) {
    unreadable_ = true;
    met_behind_bytes();
  }
  return piece;
}

std::optional<readiness> connection::receive_step() {
  return guarded([this]() -> std::optional<readiness> {
    if (now_ == state::complete) return std::nullopt;
    if (behind_) std::rethrow_exception(std::exchange(behind_, nullptr));
    if (now_ != state::reading) fail(error::closed, "there is no answer to read on this connection");
    if (const auto wanted = read_more(last_fill_)) {
      buffer_.release_large();
      return wanted;
    }
    // A stream takes more than one read at a time where a lot is coming.
    try {
      while (last_fill_ == fill::more && buffer_.roomy() && bytes().worth_reading() &&
             !read_more(last_fill_)) {
      }
    } catch (...) {
      met_behind_bytes();
    }
    return std::nullopt;
  });
}

bool connection::try_receive(bool after_pause) noexcept {
  waited_ = after_pause;
  try {
    if (!receive_step()) return true;
    waited_ = false;
  } catch (...) {
    met_behind_bytes();
  }
  return false;
}

void connection::met_behind_bytes() noexcept {
  behind_ = std::current_exception();
  now_ = state::reading;
}

}  // namespace mistral::workflows::net
