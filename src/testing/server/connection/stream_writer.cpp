#include "testing/server/connection/stream_writer.hpp"

#include "protocol/json/encode.hpp"

#include <array>
#include <cstdio>

namespace mistral::workflows::testing {

namespace asio = boost::asio;
using steady = asio::steady_timer::clock_type;

namespace {

constexpr std::size_t batch_size = 64 * 1024;

std::string hex(std::size_t number) {
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%zx", number);
  return text.data();
}

std::string format(const item_source::item& event) {
  std::string text;
  text.reserve(event.data.size() + 64);
  if (!event.id.empty()) text += "id: " + event.id + '\n';
  if (!event.event.empty()) text += "event: " + event.event + '\n';
  text += "data: ";
  text += event.data;
  text += "\n\n";
  return text;
}

std::string format_error(const std::string& error, const std::string& reason) {
  boost::json::value made(boost::json::object_kind);
  boost::json::object& body = made.as_object();
  body["error"] = error;
  body["reason"] = reason;
  return "event: error\ndata: " + protocol::encode(made, protocol::nulls::write) + "\n\n";
}

const fault::plan& plan_of(const struck_fault& fault) {
  static const fault::plan nothing;
  return fault ? fault->plan() : nothing;
}

}  // namespace

stream_writer::stream_writer(connection& to, std::unique_ptr<item_source> from, struck_fault fault)
    : to_(to),
      seen_(to.server().seen),
      from_(std::move(from)),
      fault_(std::move(fault)),
      plan_(plan_of(fault_)) {}

stream_writer::~stream_writer() {
  if (opened_) seen_->change([](server_counts& counts) { --counts.streams_open; });
}

asio::awaitable<bool> stream_writer::run(head_writer head, bool http_1_0, bool keep) {
  chunked_ = !http_1_0;
  co_await open(std::move(head), keep);
  while (!over()) {
    co_await misbehave();
    if (over()) break;
    const step next = co_await write_ready();
    if (over()) break;
    if (next == step::finished)
      co_await finish();
    else if (next == step::wait)
      co_await wait_for_news();
  }
  co_return ended_well_&& keep&& chunked_;
}

asio::awaitable<void> stream_writer::open(head_writer head, bool keep) {
  head.add("Content-Type",
           plan_.content_type.empty() ? "text/event-stream; charset=utf-8" : plan_.content_type);
  head.add("Cache-Control", "no-cache");
  if (chunked_) head.add("Transfer-Encoding", "chunked");
  if (!chunked_ || !keep) head.add("Connection", "close");
  last_write_ = steady::now();
  std::string text = head.finish();
  co_await put_raw(std::move(text));
  if (over()) co_return;
  opened_ = true;
  seen_->change([](server_counts& counts) {
    ++counts.streams_open;
    ++counts.streams_opened;
  });
  if (plan_.retry) {
    text = "retry: " + std::to_string(plan_.retry->count()) + "\n\n";
    co_await put(std::move(text));
  }
}

// Everything that a fault does between two events.
asio::awaitable<void> stream_writer::misbehave() {
  if (!fault_) co_return;
  if (plan_.text_after == events_ && !text_put_) {
    text_put_ = true;
    std::string text = plan_.text;
    co_await put(std::move(text));
  }
  const std::optional<cut_point<std::size_t>>& cut = plan_.cut_text ? plan_.cut_text : plan_.cut_body;
  if (cut && text_size_ >= cut->at) co_await put_cut(std::string(), cut->how);
  if (!over() && plan_.cut_events && events_ >= plan_.cut_events->at)
    co_await put_cut(std::string(), plan_.cut_events->how);
  if (!over() && plan_.error_after == events_) {
    std::string text = format_error(plan_.error, plan_.reason);
    co_await put(std::move(text));
    if (!over()) co_await finish();
  }
  if (!over() && plan_.stall_events == events_) co_await to_.stalled(fault_);
  if (!over() && plan_.pause_events == events_ && !paused_) {
    paused_ = true;
    co_await to_.pause(plan_.pause);
  }
  while (!over() && plan_.comments_every && !fault_->released()) {
    std::string text = ": nothing to tell\n\n";
    co_await put(std::move(text));
    if (!over()) co_await to_.wait(steady::now() + *plan_.comments_every);
  }
}

// With a fault one event at a time, so that it can strike between any two.
asio::awaitable<stream_writer::step> stream_writer::write_ready() {
  std::string text;
  int count = 0;
  while (text.size() < batch_size && (!fault_ || count == 0)) {
    std::optional<item_source::item> event = from_->next();
    if (!event) break;
    text += format(*event);
    ++count;
  }
  if (count == 0) co_return from_->ended() ? step::finished : step::wait;
  co_await put(std::move(text));
  if (over()) co_return step::go_on;
  events_ += count;
  seen_->change([count](server_counts& counts) { counts.stream_events += count; });
  co_return step::go_on;
}

asio::awaitable<void> stream_writer::wait_for_news() {
  from_->await_news([to = to_.weak_from_this()] {
    if (const auto alive = to.lock()) alive->wake();
  });
  const std::chrono::milliseconds interval = to_.server().options.comment_interval;
  const bool silent = interval.count() == 0;
  const steady::time_point due = silent ? steady::time_point::max() : last_write_ + interval;
  co_await to_.wait(due);
  if (over() || steady::now() < due) co_return;
  std::string text = ": keep-alive\n\n";
  co_await put(std::move(text));
}

asio::awaitable<void> stream_writer::put(std::string text) {
  const std::optional<cut_point<std::size_t>>& cut = plan_.cut_text ? plan_.cut_text : plan_.cut_body;
  if (cut && text_size_ + text.size() >= cut->at) {
    text.resize(cut->at - std::min(cut->at, text_size_));
    co_await put_cut(std::move(text), cut->how);
    co_return;
  }
  text_size_ += text.size();
  std::string framed = chunked_ ? hex(text.size()) + "\r\n" + text + "\r\n" : std::move(text);
  co_await put_raw(std::move(framed));
}

asio::awaitable<void> stream_writer::put_raw(std::string bytes) {
  std::optional<ending> cut;
  if (plan_.cut_answer && raw_size_ + bytes.size() >= plan_.cut_answer->at) {
    bytes.resize(plan_.cut_answer->at - std::min(plan_.cut_answer->at, raw_size_));
    cut = plan_.cut_answer->how;
  }
  if (plan_.stall && raw_size_ <= *plan_.stall && raw_size_ + bytes.size() > *plan_.stall) {
    const std::size_t first = *plan_.stall - raw_size_;
    std::string part = bytes.substr(0, first);
    co_await to_.write(std::move(part));
    co_await to_.stalled(fault_);
    bytes.erase(0, first);
    raw_size_ += first;
  }
  raw_size_ += bytes.size();
  last_write_ = steady::now();
  const bool written = co_await to_.write(std::move(bytes));
  if (!written) over_ = true;
  if (cut) {
    over_ = true;
    to_.close(*cut);
  }
}

// The last of the text, and the end that was asked for.
asio::awaitable<void> stream_writer::put_cut(std::string text, ending how) {
  over_ = true;
  std::string framed = text;
  if (chunked_ && how == ending::truncated_chunk)
    framed = hex(text.size() + 100) + "\r\n" + text;
  else if (chunked_ && !text.empty())
    framed = hex(text.size()) + "\r\n" + text + "\r\n";
  if (chunked_ && how == ending::clean) framed += "0\r\n\r\n";
  if (!framed.empty()) co_await to_.write(std::move(framed));
  to_.close(how);
}

asio::awaitable<void> stream_writer::finish() {
  over_ = true;
  if (chunked_) {
    std::string last = "0\r\n\r\n";
    ended_well_ = co_await to_.write(std::move(last));
  } else {
    ended_well_ = true;
    to_.close(ending::clean);
  }
}

}  // namespace mistral::workflows::testing
